import { monitorEventLoopDelay } from 'node:perf_hooks';
import { beforeAll, expect, test } from 'vitest';
import { TestClock } from '../access/testing/test-clock.ts';
import { PastDurations } from '../configurations/past-durations.ts';
import { diaryOn } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { fillDemo } from './fill-demo.ts';
import { rowsAndReplays } from './testing/replay.ts';

forEachEngine((engine, newDatabase) => {
  const clock = new TestClock();
  let store: Store;
  let first: { filled: boolean };
  let took: number;
  let longest: number;

  beforeAll(async () => {
    store = (await newDatabase()).open();
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const began = performance.now();
    first = await fillDemo({ ...diaryOn(store, clock), clock });
    took = performance.now() - began;
    delay.disable();
    longest = delay.max / 1e6;
  }, 30_000);

  test('an empty diary is filled once', async () => {
    expect(first).toEqual({ filled: true });
    const { count } = await store.read
      .selectFrom('jobs')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(Number(count)).toBeGreaterThan(380);
    expect(await fillDemo({ ...diaryOn(store, clock), clock })).toEqual({ filled: false });
  });

  test('every row is the replay of its events, and every fact of the demo applied', async () => {
    const { rows, replays, unapplied } = await rowsAndReplays(store);
    expect(replays).toEqual(rows);
    expect(unapplied).toBe(0);
  });

  test('all statuses, stalled jobs, busy targets and base runs are there', async () => {
    const jobs = await store.read.selectFrom('jobs').selectAll().execute();
    const statuses = Map.groupBy(jobs, (job) => job.status);
    for (const status of ['queued', 'running', 'succeeded', 'failed', 'finished', 'canceled'])
      expect(statuses.has(status), status).toBe(true);
    expect(jobs.filter((job) => job.stalled === 1).map((job) => job.status)).toEqual(['running', 'running']);
    expect(jobs.some((job) => job.attempt > 1)).toBe(true);
    const bases = await store.read.selectFrom('base_runs').selectAll().execute();
    expect(bases.length).toBeGreaterThan(180);
    expect(bases.filter((base) => base.base_id === null)).toEqual([]);
    const busy = await store.read
      .selectFrom('targets')
      .selectAll()
      .where('active_job_id', 'is not', null)
      .execute();
    const active = jobs.filter((job) => job.target !== null && ['queued', 'running'].includes(job.status));
    expect(new Set(busy.map((target) => target.active_job_id))).toEqual(new Set(active.map((job) => job.id)));
  });

  test('its past says how long a running job will take', async () => {
    const past = new PastDurations(store, clock, { warn: expect.unreachable } as never);
    const { configuration_id } = await store.read
      .selectFrom('jobs')
      .select('configuration_id')
      .where('configuration_tag', '=', 'sled_run')
      .limit(1)
      .executeTakeFirstOrThrow();
    const solve = (await past.learn(configuration_id ?? 0, 0)).steps.get('solve');
    expect(solve?.samples).toBeGreaterThan(30);
    expect(solve?.median).toBeGreaterThan(35 * 60);
    expect(solve?.median).toBeLessThan(60 * 60);
  });

  test('it lets others through meanwhile', () => {
    console.log(`${engine}: filled in ${took.toFixed(0)} ms, others waited ${longest.toFixed(0)} ms at most`);
    // Not in one piece: however slow the machine, nobody waits for all of it.
    expect(longest).toBeLessThan(took / 2);
  });

  test('a diary that has a job is left alone', async () => {
    const used = (await newDatabase()).open();
    const diary = diaryOn(used, clock);
    await diary.create({ name: 'somebody’s own' });
    expect(await fillDemo({ ...diary, clock })).toEqual({ filled: false });
    expect(await used.read.selectFrom('jobs').select('name').execute()).toEqual([{ name: 'somebody’s own' }]);
  });

  test('of two processes that start at once only one fills', async () => {
    const shared = await newDatabase();
    const stores = engine === 'postgres' ? [shared.open(), shared.open()] : [shared.open()];
    const parts = [0, 1].map((i) => ({ ...diaryOn(stores[i % stores.length] as Store, clock), clock }));
    const results = await Promise.all(parts.map((each) => fillDemo(each)));
    expect(results.filter(({ filled }) => filled).length).toBe(1);
  });
});
