import type { ConfigurationHistory, Job, UsualDurations } from '@daybook/core';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestClock } from '../access/testing/test-clock.ts';
import type { Actor } from '../actor.ts';
import { buildHouse, type House } from '../app.ts';
import { testServer } from '../http/testing/test-server.ts';
import { actorOf } from '../jobs/testing/diary.ts';
import { settingsFrom } from '../settings.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import type { StoredConfiguration } from './configurations.ts';
import { rememberTold } from './told-ends.ts';

const MINUTE = 60_000;

forEachEngine((_engine, newDatabase) => {
  const clock = new TestClock();
  const admin = actorOf();
  let house: House;
  let server: FastifyInstance;
  let actor: Actor;
  let provider: Actor;

  beforeAll(async () => {
    const store = (await newDatabase()).open();
    house = buildHouse(store, settingsFrom({}), clock, pino({ level: 'silent' }));
    server = testServer(house.routes, () => actor);
    const { id } = await store.write(({ db }) =>
      db
        .insertInto('providers')
        .values({ name: 'acme', created_at: 0 })
        .returning('id')
        .executeTakeFirstOrThrow(),
    );
    provider = actorOf(
      { role: 'provider', providerId: id, providerName: 'acme' },
      { all: false, providerId: id },
    );
  });
  afterAll(async () => {
    await server.close();
    house.tail.close();
  });

  async function ask<T>(path: string, as = admin, body?: object): Promise<{ status: number; body: T }> {
    actor = as;
    const answer = await server.inject({
      method: body ? 'POST' : 'GET',
      url: `/api/v1${path}`,
      headers: { host: 'localhost' },
      ...(body && { payload: body }),
    });
    return { status: answer.statusCode, body: answer.json() };
  }

  const configure = (as: Actor, steps: object[], version = '1.0.0', tag = 'sim') =>
    ask<StoredConfiguration>('/configurations', as, { tag, version, name: tag, steps });

  /** Runs jobs side by side, a minute of meshing and ten of solving; somebody notes what is foretold between the steps. */
  async function run(as: Actor, count: number): Promise<void> {
    const told = rememberTold(house.store);
    const ids: number[] = [];
    for (let job = 0; job < count; job++) {
      const input = { name: 'a', configuration: 'sim', status: 'running' };
      ids.push((await ask<Job>('/jobs', as, input)).body.id);
    }
    const report = async (...events: object[]) => {
      for (const id of ids) await ask(`/jobs/${id}/events`, as, { events });
    };
    await report({ kind: 'step', step: 'mesh', status: 'running' });
    clock.pass(MINUTE);
    await report(
      { kind: 'step', step: 'mesh', status: 'succeeded' },
      { kind: 'step', step: 'solve', status: 'running' },
    );
    await told.run(AbortSignal.abort());
    clock.pass(5 * MINUTE);
    await report({ kind: 'step', step: 'solve', percent: 50 });
    await told.run(AbortSignal.abort());
    clock.pass(5 * MINUTE);
    await report(
      { kind: 'step', step: 'solve', status: 'succeeded' },
      { kind: 'status', status: 'succeeded' },
    );
  }

  describe('the history of a configuration', () => {
    test('is what its jobs took, and how well their ends were foretold', async () => {
      const steps = [
        { tag: 'mesh', name: 'Mesh', points: 50 },
        { tag: 'solve', name: 'Solve', points: 50 },
      ];
      await configure(provider, steps);
      await configure(admin, [{ tag: 'other', name: 'Other', points: 1 }]);
      await run(provider, 5);
      clock.pass(2 * MINUTE);
      const { body } = await ask<ConfigurationHistory>('/configurations/sim/history', provider);
      expect(body).toMatchObject({
        jobs: 5,
        whole: { samples: 5, median: 660, p90: 660 },
        steps: [
          { tag: 'mesh', samples: 5, median: 60, p90: 60 },
          { tag: 'solve', samples: 5, median: 600, p90: 600 },
        ],
        versions: [{ version: '1.0.0', jobs: 5 }],
      });
      // By points the second half takes as long as the first: ten minutes were said to be one.
      const [half, threeQuarters] = body.estimates;
      expect(half).toMatchObject({ percent: 50, jobs: 5 });
      expect(half?.late).toBeGreaterThan(8 * 60);
      expect(half?.late).toBeLessThanOrEqual(half?.within ?? 0);
      expect(threeQuarters).toMatchObject({ percent: 75, jobs: 5 });
      expect(threeQuarters?.within).toBeLessThan(half?.within ?? 0);
    });

    test('is told to a job of it, with how far off that usually is', async () => {
      const { body: job } = await ask<Job>('/jobs', provider, {
        name: 'b',
        configuration: 'sim',
        status: 'running',
      });
      const usual = await ask<UsualDurations>(`/jobs/${job.id}/usual-durations`, provider);
      expect(usual.body.steps.map(({ tag, median }) => [tag, median])).toEqual([
        ['mesh', 60],
        ['solve', 600],
      ]);
      clock.pass(MINUTE);
      const { body } = await ask<Job>(`/jobs/${job.id}`, provider);
      expect(body.timeLeft).toMatchObject({ basis: 'history' });
      expect(body.timeLeft?.likely).toBeGreaterThan(500);
      expect(body.timeLeft?.usualError).toBeGreaterThan(8 * 60);
      const stranger = actorOf({ role: 'viewer' }, { all: false });
      expect((await ask(`/jobs/${job.id}/usual-durations`, stranger)).status).toBe(404);
      const { body: alone } = await ask<Job>('/jobs', provider, { name: 'without a configuration' });
      expect((await ask<UsualDurations>(`/jobs/${alone.id}/usual-durations`, provider)).body).toMatchObject({
        jobs: 0,
        steps: [],
        estimates: [],
      });
    });

    test('of a configuration that all use, providers learn from their own jobs alone', async () => {
      await configure(admin, [{ tag: 'solve', name: 'Solve', points: 1 }], '1.0.0', 'shared');
      const rival = actorOf({ role: 'provider', providerId: 99 }, { all: false, providerId: 99 });
      const begin = { configuration: 'shared', status: 'running' };
      const { body: theirs } = await ask<Job>('/jobs', provider, { ...begin, name: 'theirs' });
      clock.pass(MINUTE);
      await ask(`/jobs/${theirs.id}/events`, provider, {
        events: [
          { kind: 'step', step: 'solve', status: 'succeeded' },
          { kind: 'status', status: 'succeeded' },
        ],
      });
      const learnedBy = async (who: Actor) =>
        (await ask<ConfigurationHistory>('/configurations/shared/history', who)).body.jobs;
      expect([await learnedBy(admin), await learnedBy(provider), await learnedBy(rival)]).toEqual([1, 1, 0]);
      const { body: own } = await ask<Job>('/jobs', rival, { ...begin, name: 'own' });
      const usual = await ask<UsualDurations>(`/jobs/${own.id}/usual-durations`, rival);
      expect(usual.body).toMatchObject({ jobs: 0, steps: [] });
    });

    test('is of one provider; jobs are counted as they are seen', async () => {
      expect((await ask<ConfigurationHistory>('/configurations/sim/history')).body.jobs).toBe(0);
      const named = await ask<ConfigurationHistory>('/configurations/sim/history?provider=acme');
      expect(named.body).toMatchObject({ jobs: 5, versions: [{ version: '1.0.0', jobs: 6 }] });
      const blind = actorOf({ role: 'viewer' }, { all: false });
      const { body } = await ask<ConfigurationHistory>('/configurations/sim/history?provider=acme', blind);
      expect(body.versions).toEqual([{ version: '1.0.0', jobs: 0, lastSubmittedAt: null }]);
      expect((await ask('/configurations/sim/history?provider=nobody')).status).toBe(404);
    });
  });

  describe('points from real durations', () => {
    const measure = (as: Actor, query = '', body = {}) =>
      ask<StoredConfiguration>(`/configurations/sim/measured-points${query}`, as, body);

    test('make a new version, of the same provider, once', async () => {
      const { status, body } = await measure(admin, '?provider=acme');
      expect(status).toBe(201);
      expect(body).toMatchObject({
        version: '1.1.0',
        provider: 'acme',
        steps: [
          { tag: 'mesh', points: 60 },
          { tag: 'solve', points: 600 },
        ],
      });
      const again = await measure(provider);
      expect(again).toMatchObject({ status: 200, body: { version: '1.1.0' } });
      const old = await measure(provider, '', { from: '1.0.0' });
      expect(old).toMatchObject({ status: 201, body: { version: '1.2.0' } });
      const { body: job } = await ask<Job>('/jobs', provider, { name: 'c', configuration: 'sim' });
      expect(job.configuration?.version).toBe('1.2.0');
    });

    test('need jobs to measure by, and a configuration that one may change', async () => {
      expect(await measure(admin)).toMatchObject({ status: 409, body: { code: 'conflict' } });
      expect((await measure(provider, '', { from: '9' })).status).toBe(404);
      expect((await measure(actorOf({ role: 'editor' }))).status).toBe(403);
    });
  });

  test('an admin writes the next version of a provider; a provider writes none of another', async () => {
    const next = { tag: 'sim', version: '3.0.0', name: 'By hand', steps: [] };
    const { status, body } = await ask<StoredConfiguration>('/configurations?provider=acme', admin, next);
    expect({ status, ...body }).toMatchObject({ status: 201, provider: 'acme', name: 'By hand' });
    expect((await ask('/configurations?provider=nobody', admin, next)).status).toBe(404);
    const other = actorOf({ role: 'provider', providerId: 9 }, { all: false, providerId: 9 });
    expect((await ask('/configurations?provider=acme', other, next)).status).toBe(404);
  });

  test('what was foretold is noted once per attempt', async () => {
    const rows = () => house.store.read.selectFrom('estimates').selectAll().execute();
    const before = await rows();
    await rememberTold(house.store).run(AbortSignal.abort());
    expect(await rows()).toEqual(before);
    expect(before.map(({ percent }) => percent).sort()).toEqual([50, 50, 50, 50, 50, 75, 75, 75, 75, 75]);
  });
});
