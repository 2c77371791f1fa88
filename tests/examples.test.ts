import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Diary, ended } from './cli/diary.ts';

const examples = join(import.meta.dirname, '../examples');
let diary: Diary;
beforeAll(async () => {
  diary = await Diary.open();
});
afterAll(() => diary.close());

describe('examples/hello', () => {
  it('tracks its three steps by their points', async () => {
    const run = spawn(process.execPath, [join(examples, 'hello/hello.ts'), 'John'], { env: diary.env });
    const { code, stdout, stderr } = await ended(run);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Hello John!\nRandom number \d+\nBye John!\n$/);
    const job = await diary.job('Hello John');
    expect(job).toMatchObject({
      status: 'succeeded',
      progress: 100,
      configuration: { tag: 'my_job', version: '1.0.0' },
    });
    expect(job.steps.map(({ tag, points, status }) => [tag, points, status])).toEqual([
      ['say_hello', 10, 'succeeded'],
      ['random_number', 15, 'succeeded'],
      ['say_bye', 10, 'succeeded'],
    ]);
    expect(job.steps[0]?.metadata).toEqual({ Message: 'Hello John!' });
    expect(await diary.log(job)).toEqual(['Bye John!']);
    expect(readdirSync(diary.spool)).toEqual([]);
  });
});

describe('examples/command', () => {
  it('packs a real archive, with its progress, under daybook run', async () => {
    const folder = join(diary.folder, 'packed');
    mkdirSync(folder);
    const script = join(examples, 'command/archive.sh');
    const words = [
      'run',
      '--name',
      'archive',
      '--tag',
      'archive',
      '--target',
      'archive.tar.gz',
      '--',
      'sh',
      script,
    ];
    const { code, stdout, stderr } = await diary.daybookWith({ cwd: folder }, ...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('\r100%  day-40.csv\n');
    expect(statSync(join(folder, 'archive.tar.gz')).size).toBeGreaterThan(1_000_000);
    const listed = await ended(spawn('tar', ['-tzf', join(folder, 'archive.tar.gz')]));
    expect(listed.stdout.trim().split('\n')).toHaveLength(40);
    const job = await diary.job('archive');
    expect(job).toMatchObject({
      status: 'succeeded',
      progress: 100,
      tags: ['archive'],
      submitDirectory: folder,
    });
    expect(job.metadata).toMatchObject({ directory: folder, exitCode: 0, command: `sh ${script}` });
    expect(await diary.log(job)).toEqual([
      expect.stringMatching(/^packing 40 files of /),
      '100%  day-40.csv',
      expect.stringMatching(/^wrote archive\.tar\.gz, \d+ bytes$/),
    ]);
  });
});
