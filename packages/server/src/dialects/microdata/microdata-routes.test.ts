import type { Job } from '@daybook/core';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '../../access/keys.ts';
import { beginSession } from '../../access/sessions.ts';
import { TestClock } from '../../access/testing/test-clock.ts';
import { createUser } from '../../access/users.ts';
import { buildHouse, furnish, type House } from '../../app.ts';
import { testServer } from '../../http/testing/test-server.ts';
import { findDifferences } from '../../jobs/replay.ts';
import { settingsFrom } from '../../settings.ts';
import { forEachEngine } from '../../storage/testing/engines.ts';
import { recipe } from './words.ts';

/*
 * What the clients of the old service see is proven in tests/microdata; here is what becomes of it in the diary, and what
 * other doors make of the same jobs.
 */

forEachEngine((_engine, newDatabase) => {
  // Later than the first maintenance status, which the database makes by its own clock.
  const clock = new TestClock(Date.parse('2100-01-01T00:00:00.000Z'));
  let house: House;
  let server: FastifyInstance;
  let key: string;
  beforeAll(async () => {
    const store = (await newDatabase()).open();
    await furnish(store, clock);
    await furnish(store, clock);
    house = buildHouse(store, settingsFrom({}), clock, pino({ level: 'silent' }));
    server = testServer(house.routes, ({ headers }) => house.authenticator.authenticate(headers));
    key = (await createKey(store, clock, 'test', { name: 'boss', role: 'admin' })).key;
  });
  afterAll(async () => {
    await server.close();
    house.tail.close();
    await house.authenticator.close();
  });

  const ask = async (method: 'GET' | 'POST' | 'PUT' | 'PATCH', url: string, payload?: object) => {
    const headers = { host: 'localhost', 'x-api-key': key };
    const answer = await server.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
    return {
      status: answer.statusCode,
      body: answer.payload === '' ? undefined : JSON.parse(answer.payload),
    };
  };
  let targets = 0;
  const offer = async (more: object = {}): Promise<number> => {
    const item = { operation: 'ADD', target: `TARGET_${(targets += 1)}`, ...more };
    const { body } = await ask('POST', '/jobs', { jobs: [item] });
    return Number(body[0].job_id);
  };
  const report = async (id: number, ...statuses: string[]) => {
    for (const status of statuses) {
      clock.pass(1_000);
      expect([status, (await ask('PUT', `/jobs/${id}`, { status })).status]).toEqual([status, 200]);
    }
  };
  const jobOf = async (id: number) => (await ask('GET', `/api/v1/jobs/${id}`)).body as Job;
  const stepsOf = async (id: number) =>
    Object.fromEntries(
      (await jobOf(id)).steps.flatMap(({ tag, status }) => (status === 'pending' ? [] : [[tag, status]])),
    );
  const differences = (...ids: number[]) => house.store.snapshot((db) => findDifferences(db, ids));

  describe('a job of the microdata job service in the diary', () => {
    test('is a reported import of the built-in configuration, which nobody registered or may replace', async () => {
      const job = await jobOf(await offer());
      expect(job).toMatchObject({
        name: `TARGET_${targets} · ADD`,
        kind: 'import',
        execution: 'reported',
        source: 'microdata',
        configuration: { tag: 'microdata', version: '1.0.0' },
        status: 'queued',
        attempt: 1,
      });
      const registered = await ask('POST', '/api/v1/configurations', { ...recipe, version: '9.9.9' });
      expect([registered.status, registered.body.code]).toEqual([409, 'already_exists']);
      const listed = await ask('GET', '/api/v1/configurations/microdata/versions');
      expect(listed.body.items).toHaveLength(1);
    });

    test('is never handed out by the queue', async () => {
      await offer();
      const { body } = await ask('POST', '/api/v1/queue/claim', { worker: 'w', max: 100 });
      expect(body.items).toEqual([]);
    });

    test('runs through its stages as steps, with progress that never goes back within a try', async () => {
      const id = await offer();
      const seen: number[] = [];
      for (const stage of [
        'initiated',
        'decrypting',
        'validating',
        'decrypting',
        'transforming',
        'built',
        'importing',
        'built',
        'importing',
      ]) {
        await report(id, stage);
        const { status, step, progress } = await jobOf(id);
        expect([status, step]).toEqual(['running', stage]);
        seen.push(progress);
      }
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(await stepsOf(id)).toMatchObject({
        validating: 'succeeded',
        decrypting: 'succeeded',
        built: 'succeeded',
        importing: 'running',
      });
      await report(id, 'completed');
      expect(await jobOf(id)).toMatchObject({ status: 'succeeded', progress: 100, attempt: 1 });
      expect(await differences(id)).toEqual([]);
    });

    test('shows an import that was broken off as failed, until it is done once more', async () => {
      const id = await offer();
      await report(id, 'initiated', 'built', 'importing', 'built');
      expect(await stepsOf(id)).toEqual({ initiated: 'succeeded', built: 'running', importing: 'failed' });
      await report(id, 'importing');
      expect(await stepsOf(id)).toEqual({ initiated: 'succeeded', built: 'succeeded', importing: 'running' });
      expect(await differences(id)).toEqual([]);
    });

    test('begins a second try, from nothing, when it is taken again after a crash; by any stage', async () => {
      for (const again of ['initiated', 'importing']) {
        const id = await offer();
        await report(id, 'initiated', 'validating', 'transforming', 'queued');
        const broken = await jobOf(id);
        expect([broken.status, broken.attempt]).toEqual(['queued', 1]);
        expect(broken.progress).toBeGreaterThan(0);
        await report(id, again);
        expect(await jobOf(id)).toMatchObject({ status: 'running', attempt: 2, progress: 0, step: again });
        expect(await stepsOf(id)).toEqual({ [again]: 'running' });
        expect(await differences(id)).toEqual([]);
      }
    });

    test('fails with the beginning of its log as the reason', async () => {
      const id = await offer();
      await report(id, 'initiated');
      await ask('PUT', `/jobs/${id}`, { status: 'failed', log: `no space left${'.'.repeat(5_000)}` });
      const job = await jobOf(id);
      expect([job.status, job.error?.slice(0, 13), job.error?.length]).toEqual([
        'failed',
        'no space left',
        1_000,
      ]);
      expect(await differences(id)).toEqual([]);
    });
  });

  describe('a job of another door', () => {
    const create = async (body: object) => (await ask('POST', '/api/v1/jobs', body)).body.id as number;
    const listed = async () =>
      (await ask('GET', '/jobs')).body.map(({ jobId }: { jobId: string }) => Number(jobId));

    test('is listed if this surface can say it: a target and an operation that is configured', async () => {
      const [bare, foreign, ours] = [
        await create({ name: 'a', target: 'T1' }),
        await create({ name: 'b', target: 'T2', operation: 'PAINT' }),
        await create({
          name: 'c',
          target: 'T3',
          operation: 'ADD',
          parameters: { description: 17, secret: 'x', releaseStatus: 'DRAFT' },
        }),
      ];
      const ids = await listed();
      expect([bare, foreign, ours].map((id) => ids.includes(id))).toEqual([false, false, true]);
      expect((await ask('GET', `/jobs/${bare}`)).status).toBe(404);
      expect((await ask('PUT', `/jobs/${foreign}`, { status: 'failed' })).status).toBe(404);
      const { body } = await ask('GET', `/jobs/${ours}`);
      expect(body.parameters).toEqual({ operation: 'ADD', target: 'T3', releaseStatus: 'DRAFT' });
      expect(body.createdBy).toEqual({ userId: 'key:boss', firstName: 'boss', lastName: '' });
    });

    test('can be taken and brought to its end, whatever steps it has', async () => {
      for (const [i, more] of [{}, { steps: [{ tag: 'own' }] }, { configuration: 'microdata' }].entries()) {
        const id = await create({ name: 'd', target: `OTHER_${i}`, operation: 'CHANGE', ...more });
        await report(id, 'initiated');
        expect((await ask('PUT', `/jobs/${id}`, { status: 'initiated' })).status).toBe(400);
        await report(id, 'validating', 'queued', 'initiated', 'built', 'completed');
        expect((await jobOf(id)).status).toBe('succeeded');
        expect(await differences(id)).toEqual([]);
      }
    });

    test('that is for workers of the queue is neither shown nor taken, whether it waits or is held', async () => {
      const id = await create({ name: 'e', target: 'HELD', operation: 'ADD', execution: 'claimed' });
      const leftAlone = async () => {
        const before = await jobOf(id);
        for (const status of ['initiated', 'validating', 'queued', 'completed'])
          expect([status, (await ask('PUT', `/jobs/${id}`, { status })).status]).toEqual([status, 404]);
        expect((await ask('GET', `/jobs/${id}`)).status).toBe(404);
        expect(await listed()).not.toContain(id);
        expect(await jobOf(id)).toEqual(before);
      };
      await leftAlone();
      const claimed = await ask('POST', '/api/v1/queue/claim', { worker: 'w' });
      expect(claimed.body.items[0].job.id).toBe(id);
      await leftAlone();
    });

    test('of a signed-in person names them, whichever door it came through', async () => {
      const { user } = await createUser(house.store, clock, 'test', {
        name: 'doea',
        displayName: 'Anna van Doe',
        role: 'admin',
      });
      const token = await house.store.write((transaction) => beginSession(transaction, user.id, clock.now()));
      const asPerson = async (url: string, payload: object) => {
        const headers = { host: 'localhost', origin: 'http://localhost', cookie: `daybook_session=${token}` };
        return (await server.inject({ method: 'POST', url, headers, payload })).json();
      };
      const [item] = await asPerson('/jobs', { jobs: [{ operation: 'ADD', target: 'BY_A_PERSON' }] });
      const native = await asPerson('/api/v1/jobs', { name: 'f', target: 'BY_THE_SAME', operation: 'ADD' });
      const person = { userId: String(user.id), firstName: 'Anna van', lastName: 'Doe' };
      for (const id of [item.job_id, native.id])
        expect((await ask('GET', `/jobs/${id}`)).body.createdBy).toEqual(person);
      for (const target of ['BY_A_PERSON', 'BY_THE_SAME'])
        expect((await ask('GET', `/targets/${target}`)).body.lastUpdatedBy).toEqual(person);
    });
  });

  describe('maintenance of another door', () => {
    const status = async () =>
      (await ask('GET', '/maintenance-status')).body as { msg: string; paused: boolean };
    const native = (body: object) => ask('POST', '/api/v1/maintenance', body);

    test('counts here where it concerns these jobs, and a window ends by itself', async () => {
      const id = await offer();
      const take = async () => (await ask('PUT', `/jobs/${id}`, { status: 'initiated' })).status;
      await native({ paused: true, reason: 'ours', configurations: ['microdata'] });
      expect([await status(), await take()]).toMatchObject([{ msg: 'ours', paused: true }, 400]);
      await native({ paused: false, reason: 'over' });
      clock.pass(1_000);
      await native({ paused: true, reason: 'theirs', configurations: ['something_else'] });
      expect((await status()).paused).toBe(false);
      clock.pass(1_000);
      await native({ paused: false, reason: 'over' });
      const endsAt = new Date(clock.now() + 60_000).toISOString();
      await native({ paused: true, reason: 'window', endsAt });
      expect([await status(), await take()]).toMatchObject([{ msg: 'window', paused: true }, 400]);
      clock.pass(61_000);
      expect([await status(), await take()]).toMatchObject([{ msg: 'window', paused: false }, 200]);
      const history = (await ask('GET', '/maintenance-history')).body as { msg: string; paused: boolean }[];
      expect(history.slice(0, 3).map(({ msg, paused }) => [msg, paused])).toEqual([
        ['window', false],
        ['window', true],
        ['over', false],
      ]);
    });
  });
});
