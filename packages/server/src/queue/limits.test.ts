import type { ClaimedJob, QueueOverview } from '@daybook/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HouseDesk } from '../http/testing/house-desk.ts';
import { flagStalled } from '../jobs/stalled.ts';
import { actorOf } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine, type TestDatabase } from '../storage/testing/engines.ts';
import { somebodyWaits } from '../storage/testing/locks.ts';
import { loadCapacity } from './capacity.ts';
import { LIMITS_LOCK, setLimit } from './limits.ts';

const MINUTE = 60_000;

forEachEngine((engine, newDatabase) => {
  let database: TestDatabase;
  let desk: HouseDesk;
  let other: HouseDesk;
  beforeEach(async () => {
    database = await newDatabase();
    desk = new HouseDesk(database.open());
    other = engine === 'postgres' ? new HouseDesk(database.open(), { clock: desk.clock }) : desk;
    for (const tag of ['import', 'scan'])
      await desk.ask('POST', '/configurations', { tag, name: tag, steps: [] });
  });
  afterEach(async () => {
    await desk.close();
    if (other !== desk) await other.close();
  });
  const offer = async (count: number, more: object) => {
    const jobs = Array.from({ length: count }, (_, i) => ({
      execution: 'claimed',
      ...more,
      name: `job ${i}`,
    }));
    const { status, body } = await desk.ask('POST', '/jobs', { jobs });
    expect(status).toBe(201);
    return body.items as { id: number }[];
  };
  const claim = async (max: number, more: object = {}, at = desk): Promise<ClaimedJob[]> => {
    const { status, body } = await at.ask('POST', '/queue/claim', { worker: 'w', max, ...more });
    expect(status).toBe(200);
    return body.items;
  };
  const finish = (jobs: readonly ClaimedJob[]) =>
    desk.ask('POST', '/queue/complete', {
      items: jobs.map(({ job, leaseToken }) => ({ jobId: job.id, leaseToken, status: 'succeeded' })),
    });
  const parts = (store: Store) => ({ store, clock: desk.clock });
  const overview = async (key?: string): Promise<QueueOverview> =>
    (await desk.ask('GET', '/queue', undefined, key)).body;

  describe('a limit', () => {
    test('of a configuration holds, whoever claims and how many at once', async () => {
      await desk.ask('PUT', '/queue/limits/configuration/import', { max: 3 });
      await offer(20, { configuration: 'import' });
      await offer(5, { configuration: 'scan', priority: -1 });
      const claims = Array.from({ length: 12 }, (_, i) =>
        claim(2, i % 3 === 0 ? {} : { configurations: ['import'] }, i % 2 === 0 ? desk : other),
      );
      const got = (await Promise.all(claims)).flat();
      const imports = got.filter(({ job }) => job.configuration?.tag === 'import');
      expect(imports).toHaveLength(3);
      expect(await claim(10, { configurations: ['import'] })).toEqual([]);
      await finish(imports.slice(0, 1));
      expect(await claim(10, { configurations: ['import'] })).toHaveLength(1);
      await desk.ask('DELETE', '/queue/limits/configuration/import');
      expect(await claim(100, { configurations: ['import'] })).toHaveLength(16);
    });

    test('of a group of targets holds across configurations', async () => {
      for (const name of ['a', 'b', 'c', 'd'])
        await offer(1, { target: name, configuration: name < 'c' ? 'import' : 'scan' });
      for (const name of ['a', 'b', 'c'])
        expect((await desk.ask('PATCH', `/targets/${name}`, { group: 'disk' })).status).toBe(200);
      await desk.ask('PUT', '/queue/limits', { items: [{ scope: 'target_group', name: 'disk', max: 2 }] });
      const [some, more] = await Promise.all([claim(4), claim(4, {}, other)]);
      const targets = [...some, ...more].map(({ job }) => job.target).sort();
      expect(targets).toEqual(['a', 'b', 'd']);
      const free = [...some, ...more].filter(({ job }) => job.target === 'a');
      await finish(free);
      expect((await claim(4)).map(({ job }) => job.target)).toEqual(['c']);
    });

    test('counts no parent whose own work is done, so that its children have room', async () => {
      const [parent] = await offer(1, { configuration: 'import', endsWithChildren: true, target: 'a' });
      await offer(2, { configuration: 'import', parentId: parent?.id });
      await offer(1, { configuration: 'scan', target: 'b' });
      for (const name of ['a', 'b']) await desk.ask('PATCH', `/targets/${name}`, { group: 'disk' });
      await desk.ask('PUT', '/queue/limits/configuration/import', { max: 1 });
      await desk.ask('PUT', '/queue/limits/target_group/disk', { max: 1 });
      const own = await claim(9);
      expect(own.map(({ job }) => job.id)).toEqual([parent?.id]);
      await finish(own);
      const { body } = await desk.ask('GET', `/jobs/${parent?.id}`);
      expect(body.status).toBe('running');
      const now = await claim(9);
      expect(now.map(({ job }) => [job.parentId, job.target])).toEqual([
        [parent?.id, null],
        [null, 'b'],
      ]);
    });

    test('of 0 lets nothing begin; bad ones are refused', async () => {
      await offer(2, { configuration: 'import' });
      await desk.ask('PUT', '/queue/limits/configuration/import', { max: 0 });
      expect(await claim(2)).toEqual([]);
      expect((await desk.ask('PUT', '/queue/limits/configuration/import', { max: -1 })).status).toBe(400);
      expect((await desk.ask('PUT', '/queue/limits/color/red', { max: 1 })).status).toBe(400);
      expect((await desk.ask('DELETE', '/queue/limits/configuration/none')).status).toBe(404);
      const { body } = await desk.ask('GET', '/queue/limits');
      expect(body).toEqual({ items: [{ scope: 'configuration', name: 'import', max: 0 }] });
    });
  });

  // SQLite has one writer: there is nothing to wait for.
  test.runIf(engine === 'postgres')(
    'a limit waits for claims that count by those before, and later ones wait for it',
    async () => {
      const [here, there] = [desk.house.store, other.house.store];
      const limit = { scope: 'configuration', name: 'import', max: 3 } as const;
      await setLimit(parts(here), actorOf(), limit);
      const room = (store: Store, then?: () => Promise<unknown>) =>
        store.write(async (transaction) => {
          const capacity = await loadCapacity(transaction, store.profile, [{ configurations: ['import'] }]);
          await then?.();
          return capacity.full.fullConfigurations;
        });
      let lowering: Promise<unknown> | undefined;
      const full = await room(here, async () => {
        lowering = setLimit(parts(there), actorOf(), { ...limit, max: 0 });
        expect(await Promise.race([lowering, somebodyWaits(here)])).toBe('waits');
      });
      await lowering;
      expect(full).toEqual([]);
      let late: Promise<string[]> | undefined;
      await there.write(async (transaction) => {
        await there.profile.oneAtATime(transaction.db, LIMITS_LOCK);
        late = room(here);
        await Promise.race([late, somebodyWaits(there)]);
        await transaction.db.updateTable('queue_limits').set({ max: 1 }).execute();
      });
      expect(await late).toEqual([]);
    },
  );

  test('what is paused is not handed out, what cannot be paused or is not named is', async () => {
    await offer(1, { configuration: 'import' });
    await offer(1, { configuration: 'scan' });
    await desk.ask('POST', '/maintenance', { paused: true, reason: 'upgrade', configurations: ['import'] });
    expect((await claim(9)).map(({ job }) => job.configuration?.tag)).toEqual(['scan']);
    expect((await overview()).configurations.map(({ tag, paused }) => [tag, paused])).toEqual([
      ['import', true],
      ['scan', false],
    ]);
    await desk.ask('POST', '/maintenance', { paused: false, reason: 'done' });
    expect((await claim(9)).map(({ job }) => job.configuration?.tag)).toEqual(['import']);
  });

  test('the overview counts what one may see: what waits and runs, how fast, and who works', async () => {
    await desk.ask('PUT', '/queue/limits/configuration/scan', { max: 7 });
    await offer(2, { configuration: 'import', project: 'p' });
    await offer(1, { project: 'q', priority: 9 });
    const later = new Date(desk.clock.now() + MINUTE).toISOString();
    await offer(1, { configuration: 'import', project: 'p', runAfter: later });
    const submitted = new Date(desk.clock.now()).toISOString();
    desk.clock.pass(5 * MINUTE - 1);
    const [first] = await claim(1);
    await finish([first as ClaimedJob]);
    const [second] = await claim(1, { worker: 'host-2' });
    const seen = await overview();
    const rate = (...counts: [number, number][]) => {
      const minutes = Array.from({ length: 15 }, () => 0);
      for (const [minute, count] of counts) minutes[minute] = count;
      return minutes;
    };
    expect(seen.configurations).toEqual([
      {
        tag: null,
        waiting: 0,
        scheduled: 0,
        running: 0,
        oldestWaitingAt: null,
        inPerMinute: rate([10, 1]),
        outPerMinute: rate([14, 1]),
        limit: null,
        paused: false,
      },
      {
        tag: 'import',
        waiting: 2,
        scheduled: 0,
        running: 1,
        oldestWaitingAt: submitted,
        inPerMinute: rate([10, 3]),
        outPerMinute: rate(),
        limit: null,
        paused: false,
      },
      expect.objectContaining({ tag: 'scan', limit: 7, waiting: 0 }),
    ]);
    expect(seen.workers).toMatchObject([
      {
        worker: 'host-2',
        jobs: [{ id: second?.job.id, claimedAt: new Date(desk.clock.now()).toISOString() }],
      },
    ]);
    expect(seen.stalled).toBe(0);
    expect(JSON.stringify(seen)).not.toContain(second?.leaseToken);
    const stranger = await overview(await desk.key('viewer', 'q'));
    expect(stranger.configurations.map(({ tag, waiting, running }) => [tag, waiting, running])).toEqual([
      [null, 0, 0],
    ]);
    expect(stranger).toMatchObject({ workers: [], stalled: 0 });
  });

  test('the overview counts as stalled what the list of jobs shows as stalled', async () => {
    await offer(1, {});
    await claim(1);
    const { body: silent } = await desk.ask('POST', '/jobs', { name: 'silent', status: 'running' });
    desk.clock.pass(20 * MINUTE);
    expect(await flagStalled(desk.house.store, desk.clock.now() - 15 * MINUTE)).toBe(1);
    const { body: list } = await desk.ask('GET', '/jobs?stalled=true');
    expect(list.items.map(({ id }: { id: number }) => id)).toEqual([silent.id]);
    expect((await overview()).stalled).toBe(1);
    expect((await overview(await desk.key('viewer', 'q'))).stalled).toBe(0);
  });

  test('the overview shows whoever may not see all jobs the limits that bear on theirs alone', async () => {
    const limits = [
      { scope: 'configuration', name: 'import', max: 3 },
      { scope: 'configuration', name: 'scan', max: 2 },
      { scope: 'target_group', name: 'disk', max: 4 },
      { scope: 'target_group', name: 'tape', max: 5 },
    ];
    await desk.ask('PUT', '/queue/limits', { items: limits });
    await offer(1, { configuration: 'import', project: 'p', target: 'a' });
    await offer(1, { configuration: 'scan', project: 'q', target: 'b' });
    await desk.ask('PATCH', '/targets/a', { group: 'disk' });
    await desk.ask('PATCH', '/targets/b', { group: 'tape' });
    const shown = async (key?: string) => {
      const seen = await overview(key);
      return [seen.configurations.map(({ tag }) => tag), seen.limits.map(({ name }) => name)];
    };
    expect(await shown()).toEqual([
      ['import', 'scan'],
      ['import', 'scan', 'disk', 'tape'],
    ]);
    expect(await shown(await desk.key('viewer', 'p'))).toEqual([['import'], ['import', 'disk']]);
    expect(await shown(await desk.key('provider'))).toEqual([[], []]);
  });
});
