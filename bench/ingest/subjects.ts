import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startDaybook } from '../load/processes.ts';
import type { MadeBundle } from './made-bundle.ts';
import {
  curl,
  forgetPeak,
  inFolder,
  memoryOf,
  processorSeconds,
  sendersSeconds,
  touchMemory,
  withServer,
} from './processes.ts';

/** What one subject did with one bundle: seconds by the clock, and of the server's processor time. */
export interface Outcome {
  readonly seconds: number;
  readonly processor?: number;
  /** Of the sender's, who shares the machine. */
  readonly sender?: number;
}

export interface DaybookOutcome extends Outcome {
  readonly processor: number;
  /** From the first byte until it is published, of which `seconds` is the first part: until all of it is safe. */
  readonly published: number;
  /** Of the server's process: before the first byte, and the most until it was published; MB. */
  readonly memory: { readonly before: number; readonly peak: number };
}

/** Times that a server has taken in another bundle before it is measured: what it runs has been compiled by then. */
export const BEFORE = 3;

/**
 * The built product with its default settings on SQLite: received, parsed, hashed, stored, checked, published. `before`: the
 * bundle that it has taken in already; without one it is fresh.
 */
export async function viaDaybook(
  { file, size }: MadeBundle,
  { before, settings }: { before?: MadeBundle; settings?: Record<string, string> } = {},
): Promise<DaybookOutcome> {
  const daybook = await startDaybook(undefined, settings);
  const pid = daybook.process.pid as number;
  const base = `http://127.0.0.1:${daybook.port}`;
  const credentials = ['-H', `authorization: ${daybook.headers['authorization']}`];
  const takeIn = async (file: string) => {
    const begin = performance.now();
    const since = () => (performance.now() - begin) / 1_000;
    const { job_id: id } = JSON.parse(curl(['-X', 'POST', '-T', file, ...credentials, `${base}/ingest`]));
    const seconds = since();
    for (;;) {
      const answer = await fetch(`${base}/get_state?job_id=${id}`, { headers: daybook.headers });
      const state = (await answer.json()) as { state: string; exception: string; complete: boolean };
      if (state.state === 'FAILED') throw new Error(`the bundle failed: ${state.exception}`);
      if (state.complete) return { seconds, published: since() };
      await pause(20);
    }
  };
  try {
    // It has opened its reader processes by then, and made its key.
    await pause(1_000);
    for (let n = 0; before !== undefined && n < BEFORE; n++) await takeIn(before.file);
    touchMemory(dirname(file), size);
    forgetPeak(pid);
    const memoryBefore = memoryOf(pid).now;
    const processorBefore = processorSeconds(pid);
    const taken = await takeIn(file);
    const processor = processorSeconds(pid) - processorBefore;
    return { ...taken, processor, memory: { before: memoryBefore, peak: memoryOf(pid).peak } };
  } finally {
    await daybook.stop();
  }
}

/** tus' own server with its file store: receives, and nothing besides. */
export async function viaTus(bundle: MadeBundle, before: MadeBundle): Promise<Outcome> {
  return await inFolder(join(dirname(bundle.file), 'tus'), (place) =>
    withServer('tus-server.ts', place, async (base, pid) => {
      const takeIn = ({ file, size }: MadeBundle) => {
        const version = ['-H', 'tus-resumable: 1.0.0'];
        const head = curl(['-i', '-X', 'POST', ...version, '-H', `upload-length: ${size}`, `${base}/files`]);
        const location = /^location: (\S+)/im.exec(head)?.[1] ?? '';
        const type = 'content-type: application/offset+octet-stream';
        curl(['-X', 'PATCH', '-T', file, ...version, '-H', 'upload-offset: 0', '-H', type, location]);
      };
      for (let n = 0; n < BEFORE; n++) takeIn(before);
      touchMemory(dirname(bundle.file), bundle.size);
      const [spent, sent] = [processorSeconds(pid), sendersSeconds()];
      const begin = performance.now();
      takeIn(bundle);
      const seconds = (performance.now() - begin) / 1_000;
      return { seconds, processor: processorSeconds(pid) - spent, sender: sendersSeconds() - sent };
    }),
  );
}

/** curl fetches, tar extracts as it comes, sha1sum reads every file. */
export async function viaExtraction({ file, size }: MadeBundle): Promise<Outcome> {
  const command = 'tar -x && find data -type f -print0 | xargs -0 sha1sum > sums';
  return await inFolder(join(dirname(file), 'extracted'), (place) =>
    withServer('file-server.ts', dirname(file), async (base) => {
      touchMemory(dirname(file), size);
      const begin = performance.now();
      execFileSync('sh', ['-c', `curl -sS ${base}/${basename(file)} | ${command}`], { cwd: place });
      return { seconds: (performance.now() - begin) / 1_000 };
    }),
  );
}

/** What the old service does for each file: a lookup through the whole list, a hash and a PUT; over `count` of them. */
export async function viaOldPattern({ file, paths, bytes }: MadeBundle, count: number): Promise<Outcome> {
  const names = paths.map((path) => ({ name: path }));
  const content = Buffer.alloc(bytes, 1);
  return await inFolder(join(dirname(file), 'old'), (place) =>
    withServer('file-server.ts', place, async (base) => {
      const begin = performance.now();
      for (let n = 0; n < count; n++) {
        const wanted = paths[paths.length - 1 - n];
        const found = names.filter(({ name }) => name === wanted).length;
        createHash('sha1').update(content).digest('hex');
        await (await fetch(`${base}/${n}`, { method: 'PUT', body: content })).text();
        if (found !== 1) throw new Error('a file is not in the list');
      }
      return { seconds: (performance.now() - begin) / 1_000 };
    }),
  );
}
