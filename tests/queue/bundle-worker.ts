import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'rolldown';
import { makeRunFolder } from '../bed/run-folder.ts';

/**
 * The script of a worker in one file instead of a hundred modules, with the thread of its heartbeats beside it: a test
 * that begins a hundred workers spends its time on them, and not on looking for modules. Answers its path.
 */
export async function bundleWorker(): Promise<string> {
  const { path: dir } = await makeRunFolder('worker-script');
  await build({
    input: {
      'worker-process': join(import.meta.dirname, 'worker-process.ts'),
      'heartbeat-thread': join(import.meta.dirname, '../../packages/sdk/dist/worker/heartbeat-thread.js'),
    },
    platform: 'node',
    logLevel: 'warn',
    output: { dir, entryFileNames: '[name].js' },
  });
  await writeFile(join(dir, 'package.json'), '{"type": "module"}');
  return join(dir, 'worker-process.js');
}
