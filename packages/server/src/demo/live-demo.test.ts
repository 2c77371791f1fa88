import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestClock } from '../access/testing/test-clock.ts';
import { cancelJob, retryJob } from '../jobs/edit-jobs.ts';
import { type Diary, diaryOn } from '../jobs/testing/diary.ts';
import { Queue } from '../queue/queue.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { fillDemo } from './fill-demo.ts';
import { LiveDemo, liveDemo } from './live-demo.ts';
import { demoProvider, lastNumber } from './live-jobs.ts';
import { rowsAndReplays } from './testing/replay.ts';

/** Ticks every two seconds, so that what falls between two ticks counts too. */
async function pass(demo: LiveDemo, clock: TestClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 2) {
    clock.pass(2_000);
    await demo.tick();
  }
}

function queueOf({ store, appender }: Diary, clock: TestClock): Queue {
  return new Queue({ store, appender, clock, leaseMs: 9_000 });
}

function jobsOf(store: Store) {
  return store.read.selectFrom('jobs').selectAll().orderBy('id').execute();
}

forEachEngine((_engine, newDatabase) => {
  const clock = new TestClock();
  let store: Store;
  let diary: Diary;
  let before: Awaited<ReturnType<typeof jobsOf>>;
  let after: Awaited<ReturnType<typeof jobsOf>>;

  beforeAll(async () => {
    store = (await newDatabase()).open();
    diary = diaryOn(store, clock);
    await fillDemo({ ...diary, clock });
    before = await jobsOf(store);
    await pass(new LiveDemo({ ...diary, clock, queue: queueOf(diary, clock) }), clock, 180);
    after = await jobsOf(store);
  }, 60_000);

  test('in three minutes jobs advance, end, fail and arrive', () => {
    const now = new Map(after.map((job) => [job.id, job]));
    const ran = before.filter((job) => job.status === 'running' && job.stalled === 0);
    const advanced = ran.filter((job) => (now.get(job.id)?.progress ?? 0) > job.progress);
    expect(advanced.length).toBeGreaterThanOrEqual(8);
    const ended = ran.map((job) => now.get(job.id)?.status).filter((status) => status !== 'running');
    expect(ended).toContain('failed');
    expect(ended).toContain('succeeded');
    expect(after.length - before.length).toBeGreaterThanOrEqual(2);
    expect(after.length - before.length).toBeLessThanOrEqual(9);
    const started = before.filter((job) => job.status === 'queued' && now.get(job.id)?.status === 'running');
    expect(started.length).toBeGreaterThanOrEqual(1);
  });

  test('workers hold what they claimed from the queue, and more waits for them', () => {
    const claimed = after.filter((job) => job.execution === 'claimed');
    const workers = new Set(claimed.filter((job) => job.status === 'running').map((job) => job.worker));
    expect(workers).toEqual(new Set(['import-host-1', 'archive-host-1']));
    expect(claimed.filter((job) => job.status === 'queued').length).toBeGreaterThanOrEqual(2);
    const now = new Map(claimed.map((job) => [job.id, job.status]));
    const waited = before.filter((job) => job.execution === 'claimed' && job.status === 'queued');
    expect(waited.map((job) => now.get(job.id))).toContain('succeeded');
  });

  test('no two jobs have the same number, and new ones go on from the highest', async () => {
    const numbers = after.flatMap((job) => job.external_id ?? []);
    expect(new Set(numbers).size).toBe(numbers.length);
    const providerId = (await demoProvider(store)) ?? 0;
    for (const [source, jobs] of Map.groupBy(after, (job) => job.source)) {
      const highest = Math.max(...jobs.map((job) => Number(job.external_id)));
      expect(await lastNumber(store, providerId, source ?? '')).toBe(highest);
    }
  });

  test('a log line comes every few seconds', async () => {
    const from = before.reduce((latest, job) => Math.max(latest, job.created_at), 0);
    const { count } = await store.read
      .selectFrom('log_lines')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('received_at', '>', from)
      .executeTakeFirstOrThrow();
    expect(Number(count)).toBeGreaterThan(180);
  });

  test('jobs that have fallen silent stay so', () => {
    const silent = before
      .filter((job) => job.stalled === 1)
      .map((job) => [job.id, job.updated_at, job.progress]);
    const now = after.filter((job) => job.stalled === 1).map((job) => [job.id, job.updated_at, job.progress]);
    expect(now).toEqual(silent);
  });

  test('after a restart it goes on where it was, and nothing is told twice', async () => {
    clock.pass(30_000);
    await pass(new LiveDemo({ ...diary, clock, queue: queueOf(diary, clock) }), clock, 60);
    const { rows, replays, unapplied } = await rowsAndReplays(store);
    expect(replays).toEqual(rows);
    expect(unapplied).toBe(0);
    const facts = await store.read.selectFrom('events').selectAll().where('kind', '=', 'status').execute();
    const said = facts.map((fact) => `${fact.job_id} ${fact.attempt} ${fact.status} ${fact.cause}`);
    expect(new Set(said).size).toBe(said.length);
  });

  test('a job that somebody cancels is left, and one that is tried again runs again', async () => {
    const demo = new LiveDemo({ ...diary, clock, queue: queueOf(diary, clock) });
    const jobs = await jobsOf(store);
    const canceled = jobs.find((job) => job.status === 'running' && job.kind === 'simulation');
    const failed = jobs.findLast((job) => job.status === 'failed' && job.kind === 'script');
    await cancelJob(diary.appender, diary.admin, canceled?.id ?? 0, 'not needed');
    await retryJob(diary.appender, diary.admin, failed?.id ?? 0, undefined, clock.now());
    await pass(demo, clock, 20);
    const now = new Map((await jobsOf(store)).map((job) => [job.id, job]));
    expect(now.get(canceled?.id ?? 0)?.status).toBe('canceled');
    expect(now.get(failed?.id ?? 0)).toMatchObject({
      status: 'running',
      attempt: (failed?.attempt ?? 0) + 1,
    });
  });

  describe('in a diary that is no demo', () => {
    let own: Store;
    let parts: Diary;

    beforeEach(async () => {
      own = (await newDatabase()).open();
      parts = diaryOn(own, clock);
      await parts.create({ name: 'my own', status: 'running', source: 'cluster' });
    });

    test('it does nothing', async () => {
      await pass(new LiveDemo({ ...parts, clock, queue: queueOf(parts, clock) }), clock, 90);
      expect((await jobsOf(own)).map((job) => [job.name, job.progress])).toEqual([['my own', 0]]);
    });

    test('stop ends the ticking and waits for the last tick', async () => {
      let tick: (() => void) | undefined;
      const demo = liveDemo({
        ...parts,
        clock,
        queue: queueOf(parts, clock),
        every: (each) => {
          tick = each;
          return () => {
            tick = undefined;
          };
        },
      });
      tick?.();
      await demo.stop();
      expect(tick).toBeUndefined();
      await own.close();
    });
  });
});
