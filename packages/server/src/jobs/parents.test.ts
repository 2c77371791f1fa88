import type { Job, JobCreateBody, JobStatus } from '@daybook/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { findRecipe } from '../configurations/configurations.ts';
import { hallOn } from '../queue/testing/hall.ts';
import { forEachEngine, type TestDatabase } from '../storage/testing/engines.ts';
import { somebodyWaits } from '../storage/testing/locks.ts';
import { createJobs } from './create-jobs.ts';
import { retryJob } from './edit-jobs.ts';
import { verdictOf } from './parents.ts';
import { findDifferences } from './replay.ts';
import { type Diary, diaryOn, jobInput } from './testing/diary.ts';

describe('the verdict over a parent', () => {
  const of = (children: Partial<Record<JobStatus, number>>, maxFailed = 0) =>
    verdictOf(new Map(Object.entries(children) as [JobStatus, number][]), maxFailed).status;

  test.each([
    [{}, 0, 'succeeded'],
    [{ succeeded: 3 }, 0, 'succeeded'],
    [{ succeeded: 3, failed: 1 }, 0, 'failed'],
    [{ succeeded: 3, failed: 1 }, 1, 'succeeded'],
    [{ succeeded: 3, failed: 2 }, 1, 'failed'],
    [{ failed: 2 }, 5, 'failed'],
    [{ succeeded: 1, canceled: 1 }, 0, 'failed'],
    [{ succeeded: 1, other: 1, failed: 1 }, 2, 'succeeded'],
    [{ succeeded: 1, finished: 1 }, 0, 'finished'],
    [{ finished: 1, failed: 1 }, 0, 'failed'],
  ] as const)('of %o, of which %i may fail, is %s', (children, maxFailed, expected) => {
    expect(of(children, maxFailed)).toBe(expected);
  });
});

forEachEngine((engine, newDatabase) => {
  let database: TestDatabase;
  let diary: Diary;
  beforeEach(async () => {
    database = await newDatabase();
    diary = diaryOn(database.open());
  });
  const get = (id: number) => diary.jobs.get(diary.admin.scope, id);
  const parentOf = (input: Partial<JobCreateBody> = {}) => diary.create({ endsWithChildren: true, ...input });
  const children = (parent: Job, count: number, input: Partial<JobCreateBody> = {}) =>
    diary.createMany(Array.from({ length: count }, () => ({ parentId: parent.id, ...input })));
  const end = (job: Job, status: 'succeeded' | 'failed' = 'succeeded', by = diary) =>
    by.report(job.id, { kind: 'status', status });

  test('a parent ends when its last child has ended, and its own parent with it', async () => {
    const grandparent = await parentOf();
    const parent = await parentOf({ parentId: grandparent.id, target: 'the disk' });
    const [one, two] = (await children(parent, 2)) as [Job, Job];
    await end(one);
    expect(await get(parent.id)).toMatchObject({ status: 'queued' });
    await end(two);
    expect(await get(parent.id)).toMatchObject({ status: 'succeeded', progress: 100 });
    expect(await get(grandparent.id)).toMatchObject({ status: 'succeeded' });
    await parentOf({ target: 'the disk' });
    const ids = [grandparent, parent, one, two].map(({ id }) => id);
    expect(await diary.store.snapshot((db) => findDifferences(db, ids))).toEqual([]);
  });

  test('a failed child fails it, if it allows for no more, and says how many', async () => {
    const parent = await parentOf({ maxFailedChildren: 1 });
    const [one, two, three] = (await children(parent, 3)) as [Job, Job, Job];
    await end(one, 'failed');
    await end(two);
    await end(three, 'failed');
    expect(await get(parent.id)).toMatchObject({
      status: 'failed',
      error: '1 of 3 children succeeded, 2 failed.',
    });
  });

  test('a job that was not created so does not end with its children', async () => {
    const parent = await diary.create();
    const [child] = (await children(parent, 1)) as [Job];
    await end(child);
    expect(await get(parent.id)).toMatchObject({ status: 'queued' });
  });

  test('a worker that runs a parent does its own work first; then it ends by its children', async () => {
    const hall = hallOn(diary.store);
    const parent = await hall.diary.create({ execution: 'claimed', endsWithChildren: true });
    const claimed = await hall.claimOne();
    const [one, two] = (await hall.diary.createMany([1, 2].map(() => ({ parentId: parent.id })))) as [
      Job,
      Job,
    ];
    await end(one, 'succeeded', hall.diary);
    const done = { jobId: parent.id, leaseToken: claimed.leaseToken, status: 'succeeded' as const };
    const complete = () => hall.queue.complete(hall.diary.admin, [done]);
    expect(await complete()).toEqual([{ jobId: parent.id, ok: true, status: 'running' }]);
    expect(await complete()).toMatchObject([{ ok: true }]);
    const [state] = await hall.queue.heartbeat(hall.diary.admin, [done]);
    expect(state).toMatchObject({ held: false });
    await end(two, 'succeeded', hall.diary);
    expect(await get(parent.id)).toMatchObject({ status: 'succeeded' });
  });

  test('a worker whose children have all ended ends the parent itself; one that fails fails it', async () => {
    const hall = hallOn(diary.store);
    await hall.diary.createMany([1, 2].map(() => ({ execution: 'claimed', endsWithChildren: true })));
    const [first, second] = await hall.claim({ max: 2 });
    const item = (job = first) => ({ jobId: job?.job.id as number, leaseToken: job?.leaseToken as string });
    await hall.queue.complete(hall.diary.admin, [
      { ...item(first), status: 'succeeded' },
      { ...item(second), status: 'failed', message: 'could not spawn' },
    ]);
    expect(await get(item(first).jobId)).toMatchObject({ status: 'succeeded' });
    expect(await get(item(second).jobId)).toMatchObject({ status: 'failed', error: 'could not spawn' });
  });

  test('of children that end at once, in two processes, the last one ends the parent', async () => {
    const both = [diary, engine === 'postgres' ? diaryOn(database.open()) : diary] as const;
    for (let round = 0; round < 10; round++) {
      const parent = await parentOf();
      const four = await children(parent, 4);
      await Promise.all(four.map((child, i) => end(child, 'succeeded', both[i % 2])));
      expect(await get(parent.id)).toMatchObject({ status: 'succeeded' });
    }
  });

  test('a parent does not end while a child of it is made, in another process', async () => {
    const other = engine === 'postgres' ? diaryOn(database.open()) : diary;
    const parent = await parentOf();
    const [known] = (await children(parent, 1)) as [Job];
    const input = jobInput({ parentId: parent.id });
    const parts = { findRecipe, many: true, words: diary.appender.words, now: Date.now() };
    let ending: Promise<unknown> | undefined;
    const made = await diary.store.write(async (transaction) => {
      const { ids } = await createJobs(transaction, diary.admin, [input], parts);
      ending = end(known, 'succeeded', other);
      if (engine === 'postgres') await Promise.race([ending, somebodyWaits(diary.store)]);
      return ids;
    });
    await ending;
    expect(await get(parent.id)).toMatchObject({ status: 'queued' });
    await end(await get(made[0] as number));
    expect(await get(parent.id)).toMatchObject({ status: 'succeeded' });
  });

  test('a parent that has ended takes no more children, but says again which it had', async () => {
    const parent = await parentOf();
    const child = { parentId: parent.id, externalId: 'x', submittedAt: '2026-01-01T00:00:00.000Z' };
    const first = await diary.create(child);
    await end(first);
    expect((await diary.create(child)).id).toBe(first.id);
    const more = [child, { parentId: parent.id }];
    await expect(diary.createMany(more)).rejects.toMatchObject({
      code: 'invalid_request',
      faults: [
        {
          path: 'jobs[1].parentId',
          message: `job ${parent.id} ends with its children, and is succeeded already`,
        },
      ],
    });
    const other = await diary.create({ status: 'succeeded' });
    expect(await children(other, 1)).toHaveLength(1);
  });

  test('a child that is tried again leaves its parent as it ended', async () => {
    const parent = await parentOf();
    const [child] = (await children(parent, 1)) as [Job];
    await end(child, 'failed');
    await retryJob(diary.appender, diary.admin, child.id, undefined, Date.now());
    await end(child);
    expect([await get(child.id), await get(parent.id)]).toMatchObject([
      { status: 'succeeded' },
      { status: 'failed' },
    ]);
  });
});
