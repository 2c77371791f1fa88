import { join } from 'node:path';
import { Daybook, type JobHandle } from '@daybook/sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Diary, ended, inTerminal, printed } from './diary.ts';

let diary: Diary;
let daybook: Daybook;
beforeAll(async () => {
  diary = await Diary.open();
  daybook = new Daybook({ url: diary.url, apiKey: diary.key, spoolDirectory: diary.spool });
  await daybook.track({ name: 'import', kind: 'import', project: 'p1', tags: ['x'] }, (job) => {
    job.log('imported 12 rows');
  });
  await daybook.track(
    { name: 'simulation 日本', project: 'p2', steps: [{ tag: 'mesh' }, { tag: 'solve', points: 3 }] },
    async (job) => {
      await job.step('mesh', () => {});
      await job.step('solve', (step) => step.progress(50));
    },
  );
  await (await daybook.createJob({ name: 'broken' })).fail('no disk');
  // On a slow machine the last reports may still be on their way.
  await vi.waitFor(
    async () => expect(await diary.get('/jobs?status=running')).toMatchObject({ items: [] }),
    60_000,
  );
});
afterAll(() => diary.close());

async function runningJob(name: string): Promise<JobHandle & { readonly id: number }> {
  return (await daybook.createJob({ name })) as JobHandle & { readonly id: number };
}

describe('daybook jobs list', () => {
  it('prints an aligned table, without colours where nobody sees them', async () => {
    const { code, stdout, stderr } = await diary.daybook('jobs', 'list');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^ID {2}NAME {13}STATUS +TOOK/);
    expect(lines[1]).toMatch(/^ 3 {2}broken {11}✕ failed /);
    expect(lines[2]).toMatch(/^ 2 {2}simulation 日本 {2}● succeeded /);
    expect(lines[3]).toMatch(/^ 1 {2}import {11}● succeeded .* import {2,}p1/);
    expect(stdout).not.toContain('\x1b');
  });

  it('has colours when they are asked for, and on a terminal unless NO_COLOR', async () => {
    const { stdout } = await diary.daybookWith({ env: { FORCE_COLOR: '1' } }, 'jobs', 'list');
    expect(stdout).toContain('\x1b[31m✕ failed');
    expect((await inTerminal(diary, {}, 'jobs', 'list')).stdout).toContain('\x1b[31m✕ failed');
    const plain = await inTerminal(diary, { NO_COLOR: '1' }, 'jobs', 'list');
    expect(plain.stdout).toContain('✕ failed');
    expect(plain.stdout).not.toContain('\x1b[');
  });

  it('fits the terminal', async () => {
    const { stdout } = await inTerminal(diary, { NO_COLOR: '1' }, 'jobs', 'list');
    expect(stdout).toContain('simulation');
    expect(Math.max(...stdout.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('filters, and gives the answer of the API as JSON', async () => {
    const one = JSON.parse((await diary.daybook('jobs', 'list', '--project', 'p1', '--json')).stdout);
    expect(one.items).toMatchObject([{ name: 'import', tags: ['x'], status: 'succeeded' }]);
    const found = JSON.parse(
      (await diary.daybook('jobs', 'list', 'impo', 'status:succeeded', '--json')).stdout,
    );
    expect(found.items).toMatchObject([{ name: 'import' }]);
    const two = JSON.parse(
      (
        await diary.daybook(
          'jobs',
          'list',
          '--status',
          'failed,canceled',
          '--status',
          'succeeded',
          '--limit',
          '2',
          '--json',
        )
      ).stdout,
    );
    expect(two.items).toHaveLength(2);
    expect(two.nextCursor).toEqual(expect.any(String));
    const all = JSON.parse((await diary.daybook('jobs', 'list', '--all', '--json')).stdout);
    expect(all.items.length).toBeGreaterThanOrEqual(3);
    expect(all).not.toHaveProperty('nextCursor');
  });

  it('says what to do when there is nothing', async () => {
    expect(await diary.daybook('jobs', 'list', '--kind', 'none')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'no job matches\n',
    });
  });

  it('explains what is wrong, each with its own exit code and without a stack', async () => {
    const failures = [
      [
        await diary.daybookWith({ env: { DAYBOOK_URL: 'http://127.0.0.1:1234' } }, 'jobs', 'list'),
        69,
        'no server at http://127.0.0.1:1234; start one with: npm start',
      ],
      [await diary.daybookWith({ env: { DAYBOOK_API_KEY: '' } }, 'jobs', 'list'), 77, 'daybook key create'],
      [await diary.daybook('jobs', 'show', '999'), 66, 'There is no job 999'],
      [await diary.daybook('jobs', 'list', '--status', 'lost'), 65, 'status'],
      [await diary.daybook('jobs', 'list', '--limit', 'x'), 64, 'Not a whole number'],
      [
        await diary.daybook('jobs', 'list', '--config', join(diary.folder, 'none.json')),
        64,
        'cannot be read',
      ],
      [await diary.daybook('jbos'), 64, 'Did you mean jobs?'],
    ] as const;
    for (const [{ code, stdout, stderr }, expected, words] of failures) {
      expect(stderr).toContain(words);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    }
  });
});

describe('daybook jobs show', () => {
  it('shows a job with its steps and the end of its log', async () => {
    const shown = await diary.daybook('jobs', 'show', '2');
    expect(shown.stdout).toMatch(/^job 2 {2}simulation 日本 {2}● succeeded\n/);
    expect(shown.stdout).toMatch(/^solve +● succeeded +3 /m);
    expect((await diary.daybook('jobs', 'show', '1')).stdout).toMatch(/\nimported 12 rows\n$/);
    expect((await diary.daybook('jobs', 'show', '3')).stdout).toContain('no disk');
  });

  it('gives all of it as JSON', async () => {
    const job = JSON.parse((await diary.daybook('jobs', 'show', '1', '--json', '--log')).stdout);
    expect(job).toMatchObject({ id: 1, name: 'import', log: [{ message: 'imported 12 rows' }] });
  });

  it('lets no log command the terminal', async () => {
    await daybook.track({ name: 'evil\u009b2J' }, (job) => job.log('\x1b]0;owned\x07 line'));
    const { id } = await diary.job('evil\u009b2J');
    expect((await diary.daybook('jobs', 'show', String(id))).stdout).not.toMatch(/[\x07\x1b\u009b]/);
  });
});

describe('daybook jobs watch', () => {
  it('follows a job to its end, as JSON Lines, and ends as it does', async () => {
    const job = await runningJob('watched');
    const watching = diary.spawn({}, 'jobs', 'watch', String(job.id), '--log', '--json');
    const result = ended(watching);
    await printed(watching, '"running"');
    job.log('on its way');
    job.progress(40);
    await job.flush();
    await job.fail('not today');
    const { code, stdout } = await result;
    expect(code).toBe(1);
    const items = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(items.filter(({ kind }) => kind === 'log').map(({ event }) => event.message)).toEqual([
      'on its way',
    ]);
    expect(items.findLast(({ kind }) => kind === 'job').job).toMatchObject({
      status: 'failed',
      progress: 40,
      error: 'not today',
    });
  });

  it.each([
    ['succeed', 0, '● succeeded'],
    ['cancel', 3, '⊘ canceled'],
    ['finish', 4, '◐ finished'],
  ] as const)('ends after %s with %i', async (end, code, words) => {
    const job = await runningJob(`to ${end}`);
    const watching = diary.spawn({}, 'jobs', 'watch', String(job.id));
    const result = ended(watching);
    await printed(watching, '◔ running');
    await job[end]();
    expect(await result).toMatchObject({ code, stdout: expect.stringContaining(words) });
  });

  it('ends at once when the job has ended, and as the worst of several', async () => {
    expect((await diary.daybook('jobs', 'watch', '1')).code).toBe(0);
    expect((await diary.daybook('jobs', 'watch', '1', '2', '3')).code).toBe(1);
    expect((await diary.daybook('jobs', 'watch', '999')).code).toBe(66);
  });

  it('without a number shows what begins, until Ctrl-C', async () => {
    const before = await runningJob('before');
    const watching = diary.spawn({}, 'jobs', 'watch');
    const result = ended(watching);
    await printed(watching, 'before  ◔ running');
    const after = await runningJob('after');
    await printed(watching, 'after  ◔ running');
    await Promise.all([before.succeed(), after.succeed()]);
    await printed(watching, 'after  ● succeeded');
    watching.kill('SIGINT');
    expect((await result).code).toBe(0);
  });

  it('draws in place on a terminal', async () => {
    const { code, stdout } = await inTerminal(diary, {}, 'jobs', 'watch', '1', '3');
    expect(code).toBe(1);
    expect(stdout).toMatch(/import .*● succeeded.*\r\n.*broken .*✕ failed/);
    expect(stdout).not.toContain('ID');
  });

  it('goes on over a restart of the server', async () => {
    const job = await runningJob('survivor');
    const watching = diary.spawn({}, 'jobs', 'watch', String(job.id));
    const result = ended(watching);
    await printed(watching, '◔ running');
    await diary.stop();
    await diary.start();
    await job.succeed();
    expect(await result).toMatchObject({ code: 0, stderr: expect.stringContaining('trying again') });
  });
});

describe('daybook jobs cancel and retry', () => {
  it('cancel what waits or runs, and give what ended a new attempt', async () => {
    const job = await runningJob('to be canceled');
    const id = String(job.id);
    expect(await diary.daybook('jobs', 'cancel', id, '--message', 'wrong input')).toMatchObject({
      code: 0,
      stdout: `job ${id}  to be canceled  ⊘ canceled\n`,
    });
    const retried = await diary.daybook('jobs', 'retry', id, '--json');
    expect(JSON.parse(retried.stdout).items).toMatchObject([{ id: job.id, status: 'queued', attempt: 2 }]);
    const again = await diary.daybook('jobs', 'retry', id);
    expect(again).toMatchObject({ code: 65, stdout: '' });
    await job.flush();
  });
});
