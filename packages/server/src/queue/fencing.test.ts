import type { ClaimedJob, EventBody } from '@daybook/core';
import { beforeEach, expect, test } from 'vitest';
import { cancelJob, patchJob } from '../jobs/edit-jobs.ts';
import { findDifferences } from '../jobs/replay.ts';
import { eventInput } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { type Hall, hallOn } from './testing/hall.ts';

const everyReport: EventBody[] = [
  { kind: 'log', message: 'x' },
  { kind: 'step', step: 'a', percent: 10 },
  { kind: 'progress', percent: 10 },
  { kind: 'error', message: 'x' },
  { kind: 'metadata', metadata: { a: 1 } },
  { kind: 'file', metadata: { name: 'a' } },
  { kind: 'link', message: 'x' },
  { kind: 'status', status: 'succeeded' },
];

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let hall: Hall;
  let held: ClaimedJob;
  beforeEach(async () => {
    store = (await newDatabase()).open();
    hall = hallOn(store);
    await hall.diary.create({ execution: 'claimed' });
    held = await hall.claimOne();
  });
  const report = (leaseToken: string | undefined, ...events: EventBody[]) =>
    hall.diary.appender.append({
      actor: hall.diary.admin,
      entries: events.map((event) => ({
        jobId: held.job.id,
        event: eventInput({ ...event, ...(leaseToken !== undefined && { leaseToken }) }),
      })),
    });
  const facts = () =>
    store.read.selectFrom('events').selectAll().where('job_id', '=', held.job.id).orderBy('id').execute();
  const get = () => hall.diary.jobs.get(hall.diary.admin.scope, held.job.id);

  test('whatever is reported of a held job needs its token; what is refused leaves no trace', async () => {
    const before = await facts();
    for (const event of everyReport)
      for (const token of [undefined, 'another'])
        await expect(report(token, event)).rejects.toMatchObject({
          code: 'lease_lost',
          extra: { jobId: held.job.id },
        });
    expect(await facts()).toEqual(before);
    expect(await store.read.selectFrom('log_lines').selectAll().execute()).toEqual([]);
    for (const event of everyReport) expect(await report(held.leaseToken, event)).toHaveLength(1);
    expect(JSON.stringify(await facts())).not.toContain(held.leaseToken);
  });

  test('one stale event refuses its batch, and the batches of others go on', async () => {
    await hall.diary.create({ execution: 'claimed' });
    const other = await hall.claimOne();
    const entry = (job: ClaimedJob, leaseToken: string) => ({
      jobId: job.job.id,
      event: eventInput({ kind: 'link', message: 'x', leaseToken }),
    });
    const actor = hall.diary.admin;
    const outcomes = await hall.diary.appender.appendEach([
      { actor, entries: [entry(held, held.leaseToken), entry(other, 'stale')] },
      { actor, entries: [entry(other, other.leaseToken)] },
    ]);
    expect(outcomes).toMatchObject([{ error: { code: 'lease_lost' } }, { receipts: [{ applied: true }] }]);
    expect((await facts()).map(({ kind }) => kind)).toEqual(['created', 'status']);
  });

  test('of two ends in one commit the second comes too late', async () => {
    const end = (status: 'succeeded' | 'failed') => report(held.leaseToken, { kind: 'status', status });
    const [first, second] = await Promise.allSettled([end('succeeded'), end('failed')]);
    expect([first.status, second]).toMatchObject(['fulfilled', { reason: { code: 'lease_lost' } }]);
    expect(await get()).toMatchObject({ status: 'succeeded' });
  });

  test('what was stored before is answered again, even after the end', async () => {
    const events: EventBody[] = [
      { kind: 'link', message: 'x', key: 'a' },
      { kind: 'status', status: 'succeeded', key: 'b' },
    ];
    const receipts = await report(held.leaseToken, ...events);
    const again = await report(held.leaseToken, ...events);
    expect(again).toEqual(receipts.map(({ id, jobId }) => ({ id, jobId, applied: false, duplicate: true })));
    await expect(report(held.leaseToken, { kind: 'link', message: 'y', key: 'c' })).rejects.toMatchObject({
      code: 'lease_lost',
    });
  });

  test('people annotate and cancel without a lease; the worker hears it', async () => {
    const { appender, admin } = hall.diary;
    const { id } = held.job;
    await patchJob(appender, admin, id, { version: 1, info: 'looks slow' }, hall.clock.now());
    await cancelJob(appender, admin, id, 'not needed');
    const lease = { jobId: id, leaseToken: held.leaseToken };
    expect(await hall.queue.heartbeat(admin, [lease])).toEqual([
      { jobId: id, held: false, reason: 'canceled' },
    ]);
    await expect(report(held.leaseToken, { kind: 'log', message: 'x' })).rejects.toMatchObject({
      code: 'lease_lost',
    });
    const complete = (status: 'canceled' | 'succeeded') => hall.queue.complete(admin, [{ ...lease, status }]);
    expect(await complete('succeeded')).toMatchObject([{ ok: false, code: 'lease_lost' }]);
    // It has stopped, as it was told to.
    expect(await complete('canceled')).toMatchObject([{ ok: true, status: 'canceled' }]);
    expect(await store.snapshot((db) => findDifferences(db, [id]))).toEqual([]);
  });

  test('a failure that is reported as an event is tried again, too', async () => {
    const { id } = await hall.diary.create({ execution: 'claimed', maxAttempts: 2, steps: [{ tag: 'a' }] });
    held = await hall.claimOne();
    await report(held.leaseToken, { kind: 'step', step: 'a', percent: 50 });
    await report(held.leaseToken, { kind: 'error', status: 'failed', message: 'disk full' });
    expect(await get()).toMatchObject({
      status: 'queued',
      error: 'disk full',
      startedAt: null,
      steps: [{ status: 'failed' }],
    });
    expect((await facts()).slice(-2)).toMatchObject([
      { kind: 'error', message: 'disk full', cause: 'report' },
      {
        kind: 'status',
        status: 'queued',
        cause: 'requeue',
        message: '1 of 2 tries failed. The next begins in 8 s at the earliest.',
      },
    ]);
    expect(await store.snapshot((db) => findDifferences(db, [id]))).toEqual([]);
  });

  test('nobody reports a claimed job that waits, or has ended: not without a token, not with that of a lost lease', async () => {
    const { admin, appender } = hall.diary;
    const { id } = held.job;
    const refused = async () => {
      const before = await facts();
      for (const event of everyReport)
        for (const token of [undefined, held.leaseToken])
          await expect(report(token, event)).rejects.toMatchObject({ code: 'lease_lost' });
      expect(await facts()).toEqual(before);
    };
    await hall.queue.release(admin, [{ jobId: id, leaseToken: held.leaseToken }]);
    await refused();
    expect((await hall.claimOne()).job.id).toBe(id);
    await cancelJob(appender, admin, id, undefined);
    await refused();
  });

  test('nobody but its holder says that a claimed job is alive', async () => {
    const seenAt = async (id: number) =>
      (await store.read.selectFrom('jobs').select('seen_at').where('id', '=', id).executeTakeFirst())
        ?.seen_at;
    const { admin, jobs, create } = hall.diary;
    const reported = await create({ status: 'running' });
    const before = await seenAt(held.job.id);
    hall.clock.pass(1_000);
    await expect(jobs.heartbeat(admin.scope, held.job.id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await seenAt(held.job.id)).toBe(before);
    await jobs.heartbeat(admin.scope, reported.id);
    expect(await seenAt(reported.id)).toBe(hall.clock.now());
  });

  test('a token opens no job that nobody holds, and a job without a lease takes reports without one', async () => {
    held = { ...held, job: await hall.diary.create() };
    await expect(report('any', { kind: 'link', message: 'x' })).rejects.toMatchObject({ code: 'lease_lost' });
    expect(await report(undefined, { kind: 'link', message: 'x' })).toMatchObject([{ applied: true }]);
  });
});
