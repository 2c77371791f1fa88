import type { ClaimedJob, JobCreateBody } from '@daybook/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { TestClock } from '../access/testing/test-clock.ts';
import type { Duty } from '../duties/duties.ts';
import { findDifferences } from '../jobs/replay.ts';
import { eventInput } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine, type TestDatabase } from '../storage/testing/engines.ts';
import { lostLeases } from './lost-leases.ts';
import { type Hall, hallOn, LEASE_MS } from './testing/hall.ts';

const SECOND = 1_000;
const lease = ({ job, leaseToken }: ClaimedJob) => ({ jobId: job.id, leaseToken });

forEachEngine((engine, newDatabase) => {
  let database: TestDatabase;
  let store: Store;
  let hall: Hall;
  let duty: Duty;
  beforeEach(async () => {
    database = await newDatabase();
    store = database.open();
    hall = hallOn(store);
    duty = dutyOf(hall);
  });
  const dutyOf = ({ diary, clock }: Hall, by: { now(): number } = clock) =>
    lostLeases({ store: diary.store, appender: diary.appender, clock: by, leaseMs: LEASE_MS });
  const claimed = async (input: Partial<JobCreateBody> = {}) => {
    await hall.diary.create({ execution: 'claimed', ...input });
    return hall.claimOne();
  };
  const beat = async (job: ClaimedJob) => (await hall.queue.heartbeat(hall.diary.admin, [lease(job)]))[0];
  const look = async (each = duty) => {
    if (await each.isDue?.()) await each.run(new AbortController().signal);
  };
  /** Looks every second, as a process does; answers after how many seconds the job was taken away. */
  const watch = async (id: number, seconds: number, meanwhile?: (second: number) => Promise<unknown>) => {
    for (let second = 1; second <= seconds; second++) {
      hall.clock.pass(SECOND);
      await look();
      if ((await get(id)).status !== 'running') return second;
      await meanwhile?.(second);
    }
    return undefined;
  };
  const get = (id: number) => hall.diary.jobs.get(hall.diary.admin.scope, id);
  const losses = (id: number) =>
    store.read
      .selectFrom('events')
      .selectAll()
      .where('job_id', '=', id)
      .where('message', 'like', '%worker%')
      .execute();

  describe('a worker that falls silent', () => {
    test('loses its job within 15 s, and another may have it at once', async () => {
      const dead = await claimed({ maxAttempts: 1 });
      const after = await watch(dead.job.id, 20);
      expect(after).toBeGreaterThanOrEqual(9);
      expect(after).toBeLessThanOrEqual(12);
      expect(await get(dead.job.id)).toMatchObject({ status: 'queued', error: null, runAfter: null });
      expect(await losses(dead.job.id)).toMatchObject([
        {
          actor: 'daybook',
          cause: 'requeue',
          message: 'Its worker w was silent for more than 9 s. Another may take it.',
        },
      ]);
      expect((await hall.claimOne()).attempt).toBe(2);
    });

    test('is noticed, however short the lease, at moments that the table of duties can keep', () => {
      for (const leaseMs of [1_000, 2_000, 9_000, 3_600_000])
        expect(lostLeases({ ...hall.diary, clock: hall.clock, leaseMs }).every % 1).toBe(0);
    });

    test('is shut out for good', async () => {
      const { id } = (await claimed()).job;
      const dead = { job: { id }, leaseToken: (await tokenOf(id)) as string } as ClaimedJob;
      await watch(id, 20);
      const append = (body: Parameters<typeof eventInput>[0]) =>
        hall.diary.appender.append({
          actor: hall.diary.admin,
          entries: [{ jobId: id, event: eventInput(body) }],
        });
      const late = { kind: 'progress', percent: 50, leaseToken: dead.leaseToken } as const;
      const stale = async () => {
        expect(await beat(dead)).toEqual({ jobId: id, held: false, reason: 'lost' });
        await expect(append(late)).rejects.toMatchObject({ code: 'lease_lost', extra: { jobId: id } });
        const said = { ...lease(dead), status: 'succeeded' as const };
        expect(await hall.queue.complete(hall.diary.admin, [said])).toMatchObject([{ code: 'lease_lost' }]);
        expect(await hall.queue.release(hall.diary.admin, [lease(dead)])).toMatchObject([{ ok: false }]);
      };
      await stale();
      const next = await hall.claimOne();
      await stale();
      await expect(append({ kind: 'log', message: 'x' })).rejects.toMatchObject({ code: 'lease_lost' });
      const done = { ...lease(next), status: 'succeeded' as const };
      expect(await hall.queue.complete(hall.diary.admin, [done])).toMatchObject([{ ok: true }]);
      await stale();
      expect(await get(id)).toMatchObject({ status: 'succeeded', attempt: 2 });
    });

    test('fails its job if too many did so in a row', async () => {
      const { id } = (await claimed()).job;
      for (const expected of ['queued', 'queued', 'failed']) {
        await watch(id, 20);
        expect(await get(id)).toMatchObject({ status: expected });
        await hall.claim();
      }
      expect(await get(id)).toMatchObject({ status: 'failed', error: 'Its worker was lost 3 times.' });
      expect(await store.snapshot((db) => findDifferences(db, [id]))).toEqual([]);
    });
  });

  test('a worker that renews its lease keeps it, however long it works', async () => {
    const job = await claimed();
    const renewed = (second: number) => (second % 3 === 0 ? beat(job) : Promise.resolve());
    expect(await watch(job.job.id, 120, renewed)).toBeUndefined();
  });

  test('clocks that differ take no lease away from a worker that lives', async () => {
    const job = await claimed();
    for (const ahead of [-20, 5, 8, 20, 3_600]) {
      duty = dutyOf(hall, { now: () => hall.clock.now() + ahead * SECOND });
      expect(
        await watch(job.job.id, 30, (second) => (second % 3 === 0 ? beat(job) : Promise.resolve())),
      ).toBe(undefined);
    }
  });

  describe('when the process itself was held up', () => {
    test('an hour passes for nobody: heartbeats that wait are served first, and the dead are found after', async () => {
      const [alive, dead] = [await claimed(), await claimed()];
      // Both are under suspicion already when everything stops.
      expect(await watch(alive.job.id, 5)).toBeUndefined();
      hall.clock.pass(3_600 * SECOND);
      await look();
      expect(await beat(alive)).toMatchObject({ held: true });
      const after = await watch(dead.job.id, 20, (second) =>
        second % 3 === 0 ? beat(alive) : Promise.resolve(),
      );
      expect(after).toBeLessThanOrEqual(12);
      expect(await get(alive.job.id)).toMatchObject({ status: 'running' });
      expect(await losses(alive.job.id)).toEqual([]);
    });

    test('a starved hour with a turn now and then makes no false losses', async () => {
      const job = await claimed();
      for (let minute = 0; minute < 60; minute++) {
        for (const nap of [4, 7, 0.01, 30, 19]) {
          hall.clock.pass(nap * SECOND);
          // Timers come before sockets: whoever looks does so before any heartbeat is read.
          await look();
          expect(await beat(job)).toMatchObject({ held: true });
        }
      }
      expect(await losses(job.job.id)).toEqual([]);
    });

    test('a database that keeps everybody waiting is no silence of the workers', async () => {
      const job = await claimed();
      const slow = new TestClock(hall.clock.now());
      let stuck = 0;
      // The clock moves while the database is asked.
      duty = dutyOf(hall, {
        now: () => {
          slow.pass(stuck);
          return slow.now();
        },
      });
      for (let i = 0; i < 5; i++) {
        slow.pass(SECOND);
        await look();
      }
      stuck = 30 * SECOND;
      await look();
      stuck = 0;
      slow.pass(SECOND);
      await look();
      expect(await get(job.job.id)).toMatchObject({ status: 'running' });
    });
  });

  test('several processes that look at once take a lease away once', async () => {
    const job = await claimed();
    const others = [hall, engine === 'postgres' ? hallOn(database.open(), hall.clock) : hall];
    const duties = others.map((each) => dutyOf(each));
    for (let second = 0; second < 15; second++) {
      hall.clock.pass(SECOND);
      const due = await Promise.all(duties.map((each) => each.isDue?.()));
      expect(due[0]).toBe(due[1]);
      if (due[0]) await Promise.all(duties.map((each) => each.run(new AbortController().signal)));
    }
    expect(await losses(job.job.id)).toHaveLength(1);
    expect(await get(job.job.id)).toMatchObject({ status: 'queued' });
  });

  test('a worker that speaks at the last moment keeps its job', async () => {
    const job = await claimed();
    for (let second = 0; second < 10; second++) {
      await duty.isDue?.();
      hall.clock.pass(SECOND);
    }
    expect(await duty.isDue?.()).toBe(true);
    expect(await beat(job)).toMatchObject({ held: true });
    await duty.run(new AbortController().signal);
    expect(await get(job.job.id)).toMatchObject({ status: 'running' });
  });

  const tokenOf = async (id: number) => {
    const row = store.read.selectFrom('jobs').select('lease_token').where('id', '=', id);
    return (await row.executeTakeFirstOrThrow()).lease_token;
  };
});
