import type { ClaimedJob, JobCreateBody } from '@daybook/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { retryJob } from '../jobs/edit-jobs.ts';
import { findDifferences } from '../jobs/replay.ts';
import { actorOf } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine, type TestDatabase } from '../storage/testing/engines.ts';
import { type Hall, hallOn, LEASE_MS } from './testing/hall.ts';

const claimed = { execution: 'claimed' } as const;
const ids = (jobs: readonly ClaimedJob[]) => jobs.map(({ job }) => job.id);
const lease = ({ job, leaseToken }: ClaimedJob) => ({ jobId: job.id, leaseToken });

forEachEngine((engine, newDatabase) => {
  let database: TestDatabase;
  let store: Store;
  let hall: Hall;
  beforeEach(async () => {
    database = await newDatabase();
    store = database.open();
    hall = hallOn(store);
  });
  const offer = (...inputs: Partial<JobCreateBody>[]) =>
    hall.diary.createMany(inputs.map((input) => ({ ...claimed, ...input })));
  const get = (id: number) => hall.diary.jobs.get(hall.diary.admin.scope, id);
  const complete = (job: ClaimedJob, status: 'succeeded' | 'failed', more: object = {}) =>
    hall.queue.complete(hall.diary.admin, [{ ...lease(job), status, ...more }]);
  const replayed = async () => {
    const rows = await store.read.selectFrom('jobs').select('id').execute();
    const all = rows.map((row) => row.id);
    expect(await store.snapshot((db) => findDifferences(db, all))).toEqual([]);
  };

  describe('a claim', () => {
    test('takes the highest priority first, then the oldest, and gives each job whole', async () => {
      const [low, first, second, high] = await offer(
        { priority: -1 },
        { parameters: { n: 1 }, steps: [{ tag: 'one', points: 2 }], tags: ['a'], info: 'read me' },
        {},
        { priority: 9 },
      );
      await hall.diary.create();
      const found = await hall.claim({ max: 10, worker: 'host-1' });
      expect(ids(found)).toEqual([high?.id, first?.id, second?.id, low?.id]);
      const [, one] = found as [ClaimedJob, ClaimedJob];
      const { timeLeft: _, ...stored } = await get(one.job.id);
      expect({ ...one.job, timeLeft: undefined }).toEqual({ ...stored, timeLeft: undefined });
      expect(one).toMatchObject({
        attempt: 1,
        job: { status: 'running', attempt: 1, parameters: { n: 1 }, tags: ['a'], steps: [{ tag: 'one' }] },
      });
      expect(Date.parse(one.leaseExpiresAt)).toBe(hall.clock.now() + LEASE_MS);
      expect(new Set(found.map(({ leaseToken }) => leaseToken)).size).toBe(4);
      expect(await hall.claim({ max: 10 })).toEqual([]);
      await replayed();
    });

    test('skips what is not for it, not yet due, or not to be seen', async () => {
      const [scan, , later] = await offer(
        { operation: 'scan', project: 'p' },
        { operation: 'check', project: 'q' },
        { runAfter: new Date(hall.clock.now() + 1_000).toISOString() },
      );
      const other = actorOf({ role: 'provider' }, { projects: ['p'] });
      expect(ids(await hall.claim({ operations: ['check'] }, other))).toEqual([]);
      expect(ids(await hall.claim({ max: 9 }, other))).toEqual([scan?.id]);
      expect(await hall.claim({ max: 9, operations: ['scan'] })).toEqual([]);
      expect(ids(await hall.claim({ max: 9 }))).toHaveLength(1);
      hall.clock.pass(1_000);
      expect(ids(await hall.claim({ max: 9 }))).toEqual([later?.id]);
    });

    test('hands each job out once, to 20 claimers at once and in two processes', async () => {
      const jobs = await offer(...Array.from({ length: 200 }, () => ({})));
      const halls = [hall, engine === 'postgres' ? hallOn(database.open(), hall.clock) : hall];
      const drain = async (mine: Hall, max: number): Promise<number[]> => {
        const got: number[] = [];
        for (;;) {
          const found = ids(await mine.claim({ max }));
          if (found.length === 0) return got;
          got.push(...found);
        }
      };
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, i) => drain(halls[i % 2] as Hall, 1 + (i % 4))),
      );
      const taken = all.flat();
      // A claimer that finds everything locked by others leaves early; another one takes it.
      taken.push(...(await drain(hall, 500)));
      expect(taken.sort((a, b) => a - b)).toEqual(jobs.map(({ id }) => id));
      await replayed();
    });
  });

  describe('a lease', () => {
    test('is renewed by heartbeats, and by whatever its holder writes', async () => {
      await offer({});
      const job = await hall.claimOne();
      const expires = async () => {
        const row = store.read.selectFrom('jobs').select('lease_expires_at').where('id', '=', job.job.id);
        return (await row.executeTakeFirstOrThrow()).lease_expires_at;
      };
      hall.clock.pass(3_000);
      const [state] = await hall.queue.heartbeat(hall.diary.admin, [lease(job)]);
      const until = hall.clock.now() + LEASE_MS;
      expect(state).toEqual({ jobId: job.job.id, held: true, leaseExpiresAt: new Date(until).toISOString() });
      expect(await expires()).toBe(until);
      hall.clock.pass(3_000);
      await hall.diary.report(job.job.id, { kind: 'log', message: 'x', leaseToken: job.leaseToken });
      expect(await expires()).toBe(hall.clock.now() + LEASE_MS);
    });
  });

  describe('complete', () => {
    test('ends jobs, and says the same when it is repeated', async () => {
      await offer({}, {});
      const [one, two] = (await hall.claim({ max: 2 })) as [ClaimedJob, ClaimedJob];
      const items = [
        { ...lease(one), status: 'succeeded', message: 'fine', metadata: { rows: 3 } },
        { ...lease(two), status: 'failed', message: 'disk full' },
        { ...lease(two), leaseToken: 'stale', status: 'succeeded' },
        { jobId: 999, leaseToken: 'x', status: 'succeeded' },
      ] as const;
      const done = () => hall.queue.complete(hall.diary.admin, [...items]);
      const said = [
        { jobId: one.job.id, ok: true, status: 'succeeded' },
        { jobId: two.job.id, ok: true, status: 'failed' },
        { jobId: two.job.id, ok: false, code: 'lease_lost' },
        { jobId: 999, ok: false, code: 'not_found' },
      ];
      expect(await done()).toMatchObject(said);
      const count = () =>
        store.read
          .selectFrom('events')
          .select((eb) => eb.fn.countAll().as('n'))
          .execute();
      const before = await count();
      expect(await done()).toMatchObject(said);
      expect(await count()).toEqual(before);
      expect(await get(one.job.id)).toMatchObject({ metadata: { rows: 3 }, progress: 100 });
      expect(await get(two.job.id)).toMatchObject({ error: 'disk full' });
      await replayed();
    });

    test('queues what failed again while tries are left, later each time', async () => {
      const [{ id } = { id: 0 }] = await offer({ maxAttempts: 3, steps: [{ tag: 'a' }] });
      for (const wait of [7_500, 15_000]) {
        const job = await hall.claimOne();
        await hall.diary.report(id, { kind: 'step', step: 'a', percent: 40, leaseToken: job.leaseToken });
        const runAfter = new Date(hall.clock.now() + wait).toISOString();
        const said = [{ jobId: id, ok: true, status: 'queued', runAfter }];
        expect(await complete(job, 'failed', { message: 'no luck' })).toEqual(said);
        expect(await complete(job, 'failed')).toEqual(said);
        expect(await get(id)).toMatchObject({ status: 'queued', error: 'no luck', runAfter });
        hall.clock.pass(wait - 1);
        expect(await hall.claim()).toEqual([]);
        hall.clock.pass(1);
      }
      const last = await hall.claimOne();
      expect(last).toMatchObject({
        attempt: 3,
        job: { error: null, progress: 0, steps: [{ status: 'pending' }] },
      });
      expect(await complete(last, 'failed', { message: 'gone' })).toMatchObject([{ status: 'failed' }]);
      expect(await get(id)).toMatchObject({ status: 'failed', error: 'gone' });
      await replayed();
      await retryJob(hall.diary.appender, hall.diary.admin, id, undefined, hall.clock.now());
      const again = await hall.claimOne();
      expect(again.attempt).toBe(4);
      expect(await complete(again, 'failed', { retry: false })).toMatchObject([{ status: 'failed' }]);
      await replayed();
    });
  });

  test('release gives a job back at once, and counts for nothing', async () => {
    await offer({ maxAttempts: 2 });
    const job = await hall.claimOne();
    const items = [lease(job)];
    const said = [{ jobId: job.job.id, ok: true, status: 'queued' }];
    expect(await hall.queue.release(hall.diary.admin, items)).toEqual(said);
    expect(await hall.queue.release(hall.diary.admin, items)).toEqual(said);
    const again = await hall.claimOne();
    expect(again.attempt).toBe(2);
    expect(await hall.queue.release(hall.diary.admin, items)).toMatchObject([{ ok: false }]);
    expect(await complete(again, 'failed')).toMatchObject([{ status: 'queued' }]);
    await replayed();
  });

  test('release with a delay keeps the job from everybody for so long', async () => {
    await offer({});
    const item = { ...lease(await hall.claimOne()), message: 'The disk is full', delaySeconds: 29.9999 };
    const runAfter = new Date(hall.clock.now() + 30_000).toISOString();
    const said = [{ jobId: item.jobId, ok: true, status: 'queued', runAfter }];
    expect(await hall.queue.release(hall.diary.admin, [item])).toEqual(said);
    hall.clock.pass(29_999);
    expect(await hall.claim()).toEqual([]);
    hall.clock.pass(1);
    expect(await hall.claimOne()).toMatchObject({ attempt: 2 });
    await replayed();
  });
});
