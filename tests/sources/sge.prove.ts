import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RealGridEngine } from './real-grid-engine.ts';
import { missingPrograms, tally, WatchedJobs } from './watched-jobs.ts';

const missing = await missingPrograms(
  'sge_qmaster',
  'sge_execd',
  'qstat',
  'qsub',
  'unshare',
  'nsenter',
  'ip',
);
const reasons = [
  ...(missing.length > 0 ? [`${missing.join(', ')} not installed`] : []),
  // It changes into the users of its jobs, and gets a network of its own.
  ...(process.getuid?.() === 0 ? [] : ['not root']),
];
const why = reasons.length > 0 ? ` (skipped: ${reasons.join('; ')})` : '';

/** 100 jobs by name: how many, and how each of them has to end. */
const expected = {
  'ok: succeeded': 45,
  'bad: failed': 15,
  'array: succeeded': 10,
  'stopped: canceled': 5,
  'deleted: canceled': 5,
  'after: succeeded': 5,
  'held: queued': 10,
  'nowhere: queued': 5,
};

describe.skipIf(reasons.length > 0)(`real Grid Engine${why}`, () => {
  let engine: RealGridEngine;
  let watched: WatchedJobs;

  beforeAll(async () => {
    engine = await RealGridEngine.start();
    const { root, reporting, inside } = engine;
    const settings = {
      root,
      cell: 'default',
      masterPort: 16_444,
      executionPort: 16_445,
      reporting,
      interval: 15,
    };
    watched = await WatchedJobs.open({ kind: 'sge', settings, programs: ['qstat'], before: inside });
  });
  afterAll(async () => {
    await watched?.remove();
    await engine?.stop();
  });

  test('100 jobs while the poller is killed 20 times: none missing, none double, none wrong', async () => {
    let submitting = true;
    const submitted = submitAll(engine).finally(() => {
      submitting = false;
    });
    for (let kills = 0; kills < 20 || submitting; kills += 1) await watched.killed();
    await submitted;
    await watched.start(15_000);
    await expect
      .poll(async () => tally(await watched.jobs()), { timeout: 240_000, interval: 2_000 })
      .toEqual(expected);
    const jobs = await watched.jobs();
    expect(new Set(jobs.map(({ externalId }) => externalId)).size).toBe(100);
    expect(await watched.error()).toBeNull();
  });
});

async function submitAll(engine: RealGridEngine): Promise<void> {
  await engine.submit('array', 'true', '-t', '1-10');
  const [running, waiting]: [string[], string[]] = [[], []];
  for (let i = 0; i < 5; i += 1) running.push(await engine.submit('stopped', 'sleep 600'));
  for (let i = 0; i < 5; i += 1) waiting.push(await engine.submit('deleted', 'true', '-h'));
  for (let i = 0; i < 10; i += 1) await engine.submit('held', 'true', '-h');
  for (let i = 0; i < 5; i += 1) await engine.submit('nowhere', 'true', '-wd', '/nonexistent/directory');
  for (let i = 0; i < 40; i += 1) {
    await engine.submit('ok', i % 3 === 0 ? 'sleep 1' : 'true');
    if (i < 15) await engine.submit('bad', 'false');
    if (i < 5) await engine.submit('after', 'true', '-hold_jid', await engine.submit('ok', 'true'));
  }
  await engine.run('qdel', ...waiting);
  for (const id of running) {
    while (
      !/\br\b/.test(
        await engine
          .run('qstat', '-s', 'r', '-u', '*')
          .then((text) => text.split('\n').find((line) => line.trim().startsWith(id)) ?? ''),
      )
    );
    await engine.run('qdel', id);
  }
}
