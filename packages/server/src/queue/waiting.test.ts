import { claimSchema, nobody, type Scope } from '@daybook/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { actorOf, type Diary, diaryOn } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine, type TestDatabase } from '../storage/testing/engines.ts';
import { Queue } from './queue.ts';

/** Longer than anything here takes: whoever waits so long was not woken. */
const LONG = 20;

forEachEngine((engine, newDatabase) => {
  let database: TestDatabase;
  let store: Store;
  let diary: Diary;
  let queue: Queue;
  beforeEach(async () => {
    database = await newDatabase();
    store = database.open();
    diary = diaryOn(store);
    queue = queueOf(diary);
  });
  afterEach(() => queue.close());
  const queueOf = ({ store, appender }: Diary) =>
    new Queue({ store, appender, clock: systemClock, leaseMs: 9_000 });
  const wait = (more: object = {}, gone = new AbortController().signal) =>
    queue.claimOrWait(diary.admin, claimSchema.parse({ worker: 'w', wait: LONG, ...more }), gone);
  const offer = (more: object = {}, by = diary) => by.create({ execution: 'claimed', ...more });

  test('whoever waits gets a job as soon as it is created, here or in another process', async () => {
    const elsewhere = engine === 'postgres' ? diaryOn(database.open()) : diary;
    for (const by of [diary, elsewhere]) {
      const waiting = wait();
      const { id } = await offer({}, by);
      expect((await waiting).map(({ job }) => job.id)).toEqual([id]);
    }
  });

  test('of many that wait each job goes to one', async () => {
    const waiting = Array.from({ length: 20 }, (_, i) => wait({ worker: `w${i}` }));
    const jobs = await diary.createMany(Array.from({ length: 20 }, () => ({ execution: 'claimed' })));
    const got = (await Promise.all(waiting)).flat().map(({ job }) => job.id);
    expect(got.sort((a, b) => a - b)).toEqual(jobs.map(({ id }) => id));
  });

  test('who waits is told to all who may know, and no more once they leave', async () => {
    const leaving = new AbortController();
    const provider = actorOf({ role: 'provider', providerId: 7 }, { all: false, providerId: 7 });
    const theirs = claimSchema.parse({ worker: 'theirs', wait: LONG });
    const waits = [
      wait({ worker: 'twice' }, leaving.signal),
      wait({ worker: 'twice' }, leaving.signal),
      queue.claimOrWait(provider, theirs, leaving.signal),
    ];
    const seenBy = (scope: Scope) => queue.idle(scope).map(({ worker }) => worker);
    await expect.poll(() => seenBy(diary.admin.scope)).toEqual(['theirs', 'twice']);
    expect(seenBy(provider.scope)).toEqual(['theirs']);
    expect(seenBy({ ...nobody, projects: ['p'] })).toEqual([]);
    leaving.abort();
    await Promise.all(waits);
    expect(seenBy(diary.admin.scope)).toEqual([]);
  });

  test('time brings jobs, and so does a failure whose moment has come', async () => {
    const begin = Date.now();
    await offer({ runAfter: new Date(begin + 300).toISOString() });
    expect(await wait()).toHaveLength(1);
    expect(Date.now()).toBeGreaterThanOrEqual(begin + 300);
  });

  test('it waits no longer than it said, than its client is there, or than the process runs', async () => {
    expect(await wait({ wait: 0 })).toEqual([]);
    expect(await wait({ wait: 0.05 })).toEqual([]);
    const leaving = new AbortController();
    const left = wait({}, leaving.signal);
    leaving.abort();
    expect(await left).toEqual([]);
    const drained = wait();
    queue.close();
    expect(await drained).toEqual([]);
    expect(await wait()).toEqual([]);
  });

  test('those who find nothing at first do not slow down those who wait', async () => {
    const until = performance.now() + 500;
    while (performance.now() < until) expect(await wait({ wait: 0 })).toEqual([]);
    const waiting = wait();
    // Shares its first look.
    expect(await wait({ wait: 0 })).toEqual([]);
    const begin = performance.now();
    await offer();
    expect(await waiting).toHaveLength(1);
    expect(performance.now() - begin).toBeLessThan(4_000);
  });

  test('what is handed out to a client that has gone waits again at once', async () => {
    const { id } = await offer();
    const leaving = new AbortController();
    const waiting = wait({}, leaving.signal);
    leaving.abort();
    expect(await waiting).toEqual([]);
    expect((await wait()).map(({ job, attempt }) => [job.id, attempt])).toEqual([[id, 2]]);
  });
});
