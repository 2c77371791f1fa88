import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '@daybook/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Diary, type Ended, ended } from '../cli/diary.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/queue.md'), 'utf8');

let diary: Diary;
let folder: string;
beforeAll(async () => {
  diary = await Diary.open();
  folder = join(diary.folder, 'manual');
  mkdirSync(folder);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => diary.close());

/** The code of a language in a section of the manual. */
function code(language: string, section: string): string {
  const text = page.split(/^## /m).find((each) => each.startsWith(section)) ?? '';
  const found = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`docs/queue.md has no ${language} in "${section}"`);
  return found;
}

/** Runs a script as somebody would who copied it. */
async function bash(script: string): Promise<Ended> {
  return await ended(spawn('bash', ['-e', '-c', script], { cwd: folder, env: diary.env }));
}

/** Offers a job as the manual does, and answers it. */
async function offer(): Promise<Job> {
  const { code: exit, stderr } = await bash(offering);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  return await diary.job('Import of A');
}
const offering = /```bash\n([\s\S]*?)```/.exec(page)?.[1] as string;

/** Waits until the job has ended, whatever ends it. */
async function end(id: number): Promise<Job> {
  for (;;) {
    const job = await diary.get<Job>(`/jobs/${id}`);
    if (job.status !== 'queued' && job.status !== 'running') return job;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('docs/queue.md', () => {
  it('shows a worker in TypeScript that works', async () => {
    writeFileSync(join(folder, 'worker.ts'), code('ts', 'A worker in TypeScript'));
    const { id } = await offer();
    const worker = spawn(process.execPath, ['worker.ts'], { cwd: folder, env: diary.env });
    const exit = ended(worker);
    const job = await end(id);
    expect(job).toMatchObject({ status: 'succeeded', progress: 100, metadata: { rows: 1_204_332 } });
    expect(await diary.log(job)).toEqual(['copied A']);
    worker.kill('SIGTERM');
    expect(await exit).toMatchObject({ code: 0, stderr: '' });
  });

  it('shows a worker in bash that works', async () => {
    writeFileSync(join(folder, 'import.sh'), code('sh', 'A worker in bash'));
    const { id } = await offer();
    const words = /^ {4}npm exec -- daybook (work .*)$/m.exec(page)?.[1]?.split(' ') as string[];
    const worker = diary.spawn({ cwd: folder }, ...words);
    const exit = ended(worker);
    const job = await end(id);
    expect(job).toMatchObject({ status: 'succeeded', metadata: { exitCode: 0 } });
    expect(await diary.log(job)).toEqual(['importing A, try 1', '25 %', '50 %', '75 %', '100 %']);
    worker.kill('SIGTERM');
    const { code: status, stderr } = await exit;
    expect(status).toBe(0);
    expect(stderr).toContain(`daybook: job ${id}  Import of A  succeeded`);
  });

  it('shows a worker of ten lines of curl that works', async () => {
    const { id } = await offer();
    const { code: exit, stderr, stdout } = await bash(code('bash', 'Plain HTTP'));
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toContain('"ok":true');
    expect(readFileSync(join(folder, 'heartbeats'), 'utf8')).toContain('"held":true');
    const job = await diary.get<Job>(`/jobs/${id}`);
    expect(job.status).toBe('succeeded');
    expect(await diary.log(job)).toEqual(['copied it all']);
  });

  it('shows how to limit a configuration', async () => {
    const { code: exit, stdout } = await bash(code('bash', 'What is handed out first'));
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ scope: 'configuration', name: 'import', max: 2 });
  });
});
