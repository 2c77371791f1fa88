import { maintenanceChangeSchema, toIso } from '@daybook/core';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestClock } from '../access/testing/test-clock.ts';
import type { Actor } from '../actor.ts';
import { actorOf } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { pausedConfigurations } from './gate.ts';
import { endPause, readHistory, readStatus, setPaused } from './maintenance.ts';
import { maintenanceRoutes } from './maintenance-routes.ts';

const HOUR = 3_600_000;
const ops = actorOf({ kind: 'user', name: 'ops', label: 'user:ops' });

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let clock: TestClock;
  beforeAll(async () => {
    store = (await newDatabase()).open();
  });
  beforeEach(async () => {
    await store.write(async ({ db }) => {
      await db.deleteFrom('maintenance').where('actor', '!=', 'daybook').execute();
      await db.deleteFrom('audit').execute();
    });
    // The migration has made the first entry by the real clock.
    clock = new TestClock(Date.now() + HOUR);
  });
  const change = (body: object) => setPaused({ store, clock }, ops, maintenanceChangeSchema.parse(body));
  const pause = (more: object = {}) => change({ paused: true, reason: 'upgrade', ...more });
  const resume = () => change({ paused: false, reason: 'done' });
  const status = () => readStatus(store.read, clock.now());
  const history = async (limit = 50) => (await readHistory(store.read, { limit }, clock.now())).items;
  const inHours = (hours: number) => toIso(clock.now() + hours * HOUR);
  const claimable = async () => !(await store.write((t) => pausedConfigurations(t, clock.now()))).all;

  describe('maintenance', () => {
    test('has a first entry from the start', async () => {
      const first = { paused: false, state: null, by: 'daybook', reason: 'Daybook was set up' };
      expect(await status()).toMatchObject({ paused: false, current: null, all: [], latest: first });
      expect(await history()).toMatchObject([first]);
    });

    test('goes on until somebody says otherwise', async () => {
      const paused = await pause();
      expect(paused.current).toMatchObject({
        paused: true,
        state: 'current',
        reason: 'upgrade',
        by: 'user:ops',
        startsAt: inHours(0),
        endsAt: null,
        configurations: null,
      });
      expect(await claimable()).toBe(false);
      clock.pass(1000 * HOUR);
      expect(await claimable()).toBe(false);
      const resumed = await resume();
      expect(resumed).toMatchObject({
        paused: false,
        current: null,
        latest: { paused: false, reason: 'done' },
      });
      expect(await claimable()).toBe(true);
      expect((await history()).map(({ paused, state, endedBy }) => [paused, state, endedBy])).toEqual([
        [false, null, null],
        [true, 'over', 'user:ops'],
        [false, null, null],
      ]);
    });

    test('is told to customers without who, why and what', async () => {
      await pause({ configurations: ['secret_recipe'] });
      const routes = maintenanceRoutes({ store, clock });
      const told = routes.find(({ method, path }) => method === 'GET' && path === '/api/v1/maintenance');
      const answerFor = async (actor: Actor) => (await told?.handle({ actor } as never))?.body;
      expect(await answerFor(ops)).toMatchObject({ paused: true, current: { reason: 'upgrade' } });
      const nothing = { current: null, all: [], scheduled: [], latest: null };
      expect(await answerFor(actorOf({ role: 'customer' }))).toEqual({ paused: true, ...nothing });
    });

    test('comes and goes by itself when it was set for later', async () => {
      await pause({ startsAt: inHours(1), endsAt: inHours(3) });
      const seen = [];
      for (let hour = 0; hour < 4; hour++) {
        const { paused, scheduled } = await status();
        seen.push([paused, scheduled.length, await claimable(), (await history())[0]?.state]);
        clock.pass(HOUR);
      }
      expect(seen).toEqual([
        [false, 1, true, 'scheduled'],
        [true, 0, false, 'current'],
        [true, 0, false, 'current'],
        [false, 0, true, 'over'],
      ]);
    });

    test('counts at once when its start has passed already', async () => {
      const paused = await pause({ startsAt: inHours(-5), endsAt: inHours(1) });
      expect(paused.current).toMatchObject({ startsAt: inHours(0), endsAt: inHours(1) });
    });

    test('of everything stands before that of some', async () => {
      await pause({ reason: 'all' });
      await pause({ reason: 'some', configurations: ['import', 'import'] });
      expect(await status()).toMatchObject({
        current: { reason: 'all' },
        all: [{ reason: 'some', configurations: ['import'] }, { reason: 'all' }],
      });
    });

    test('is ended one by one, or called off', async () => {
      const { current } = await pause();
      const { scheduled } = await pause({ startsAt: inHours(1) });
      expect(await endPause({ store, clock }, ops, scheduled[0]?.id as number)).toMatchObject({
        paused: true,
        scheduled: [],
      });
      expect(await endPause({ store, clock }, ops, current?.id as number)).toMatchObject({ paused: false });
      expect((await history()).map(({ state }) => state)).toEqual(['canceled', 'over', null]);
      clock.pass(2 * HOUR);
      expect((await status()).latest).toMatchObject({ id: current?.id });
      expect(await claimable()).toBe(true);
    });

    test('leaves what is to come when work goes on', async () => {
      await pause();
      await pause({ startsAt: inHours(1) });
      expect(await resume()).toMatchObject({ paused: false, scheduled: [{ state: 'scheduled' }] });
    });

    test('refuses an end that has passed, and pauses that are over', async () => {
      await expect(pause({ endsAt: inHours(0) })).rejects.toMatchObject({
        code: 'invalid_request',
        faults: [{ path: 'endsAt' }],
      });
      const { current } = await pause();
      await resume();
      const id = current?.id as number;
      await expect(endPause({ store, clock }, ops, id)).rejects.toMatchObject({ code: 'conflict' });
      await expect(endPause({ store, clock }, ops, 1)).rejects.toMatchObject({ code: 'not_found' });
      await expect(endPause({ store, clock }, ops, 99)).rejects.toMatchObject({ code: 'not_found' });
    });

    test('holds no more than a hundred pauses at once', async () => {
      for (let n = 0; n < 100; n++) await pause();
      await expect(pause()).rejects.toMatchObject({ code: 'conflict' });
      await resume();
      await pause();
    });

    test('is told in pages, and to the audit', async () => {
      await pause({ configurations: ['import'], endsAt: inHours(1) });
      await resume();
      const first = await readHistory(store.read, { limit: 2 }, clock.now());
      const rest = await readHistory(store.read, { limit: 2, cursor: first.nextCursor }, clock.now());
      expect([first.items.length, rest.items.length, rest.nextCursor]).toEqual([2, 1, undefined]);
      const audit = await store.read.selectFrom('audit').selectAll().orderBy('id').execute();
      expect(audit.map(({ action, actor, detail }) => [action, actor, JSON.parse(detail ?? '')])).toEqual([
        [
          'maintenance.pause',
          'user:ops',
          { reason: 'upgrade', endsAt: inHours(1), configurations: ['import'] },
        ],
        ['maintenance.resume', 'user:ops', { reason: 'done', ended: 1 }],
      ]);
    });

    test('tells whoever waits for work', async () => {
      let told = 0;
      const told1 = Promise.withResolvers<void>();
      store.onFacts(() => {
        told += 1;
        told1.resolve();
      });
      await pause();
      await told1.promise;
      expect(told).toBeGreaterThan(0);
    });
  });

  test.each([
    [{ paused: true }, 'reason'],
    [{ reason: 'x' }, 'paused'],
    [{ paused: true, reason: ' ' }, 'reason'],
    [
      { paused: true, reason: 'x', startsAt: '2026-01-02T00:00:00Z', endsAt: '2026-01-01T00:00:00Z' },
      'endsAt',
    ],
    [{ paused: false, reason: 'x', endsAt: '2026-01-01T00:00:00Z' }, 'endsAt'],
    [{ paused: true, reason: 'x', configurations: [] }, 'configurations'],
    [{ paused: true, reason: 'x', msg: 'x' }, undefined],
  ])('%j does not fit', (body, path) => {
    expect(maintenanceChangeSchema.safeParse(body).error?.issues[0]?.path[0]).toEqual(path);
  });
});
