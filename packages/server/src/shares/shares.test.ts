import { type Scope, sharedProgressSchema } from '@daybook/core';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, revokeKey } from '../access/keys.ts';
import { newSecret } from '../access/secrets.ts';
import { TestClock } from '../access/testing/test-clock.ts';
import type { Actor } from '../actor.ts';
import { buildHouse, type House } from '../app.ts';
import { testServer } from '../http/testing/test-server.ts';
import { actorOf, type Diary, diaryOn } from '../jobs/testing/diary.ts';
import { createLog, logAnswer } from '../observe/log.ts';
import { settingsFrom } from '../settings.ts';
import { forEachEngine } from '../storage/testing/engines.ts';

const SECRET = 'S3CRET';
const DAY = 24 * 60 * 60_000;

forEachEngine((_engine, newDatabase) => {
  const clock = new TestClock();
  let house: House;
  let server: FastifyInstance;
  let diary: Diary;
  let actor: Actor;
  let jobId: number;
  beforeAll(async () => {
    const store = (await newDatabase()).open();
    house = buildHouse(store, settingsFrom({}), clock, pino({ level: 'silent' }));
    server = testServer(house.routes, () => actor);
    diary = diaryOn(store, clock);
    actor = diary.admin;
    const job = await diary.create({
      name: 'Nightly reconstruction',
      user: SECRET,
      project: SECRET,
      customer: SECRET,
      externalId: SECRET,
      info: SECRET,
      tags: [SECRET],
      parameters: { a: SECRET },
      context: { a: SECRET },
      metadata: { a: SECRET },
      logFile: `/${SECRET}`,
      status: 'running',
      steps: [
        { tag: `a-${SECRET}`, name: 'Prepare', points: 1 },
        { tag: `b-${SECRET}`, name: 'Reconstruct', points: 3 },
      ],
    });
    jobId = job.id;
    await diary.report(
      jobId,
      { kind: 'step', step: `a-${SECRET}`, status: 'succeeded', message: SECRET, metadata: { a: SECRET } },
      { kind: 'step', step: `b-${SECRET}`, status: 'running', percent: 50, message: SECRET },
      { kind: 'log', message: SECRET },
      { kind: 'error', message: SECRET },
    );
  });
  afterAll(async () => {
    await server.close();
    house.tail.close();
    await house.authenticator.close();
  });

  const ask = async (method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object, ip = '10.0.0.1') => {
    const answer = await server.inject({
      method,
      url: path.startsWith('http') ? new URL(path).pathname : `/api/v1${path}`,
      headers: { host: 'localhost' },
      remoteAddress: ip,
      ...(payload && { payload }),
    });
    const isJson = String(answer.headers['content-type']).includes('json');
    return {
      status: answer.statusCode,
      text: answer.payload,
      headers: answer.headers,
      body: isJson ? JSON.parse(answer.payload) : undefined,
    };
  };
  const share = async (more: object = {}) => (await ask('POST', '/shares', { jobId, ...more })).body;
  const follow = (link: string) => ask('POST', '/shared-progress', { token: new URL(link).hash.slice(1) });
  const as = async <T>(who: Actor, work: () => Promise<T>): Promise<T> => {
    actor = who;
    try {
      return await work();
    } finally {
      actor = diary.admin;
    }
  };

  describe('a link', () => {
    test('shows how the job goes, and nothing of how it works', async () => {
      const made = await share({ note: 'for Jane' });
      expect(made).toMatchObject({
        jobId,
        note: 'for Jane',
        createdBy: 'key:ci',
        revokedAt: null,
        link: expect.stringMatching(/^http:\/\/localhost\/diary\/progress#dbp_[\w-]{49}$/),
        badge: expect.stringMatching(/^http:\/\/localhost\/api\/v1\/badges\/dbb_[\w-]{49}\.svg$/),
      });
      const { status, body, text, headers } = await follow(made.link);
      expect(status).toBe(200);
      expect(sharedProgressSchema.strict().parse(body)).toMatchObject({
        name: 'Nightly reconstruction',
        status: 'running',
        progress: 62.5,
        steps: [
          { name: 'Prepare', status: 'succeeded', percent: null },
          { name: 'Reconstruct', status: 'running', percent: 50 },
        ],
      });
      expect(text).not.toContain(SECRET);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['referrer-policy']).toBe('no-referrer');
    });

    test('is taken back at once', async () => {
      const made = await share();
      expect((await ask('DELETE', `/shares/${made.id}`)).status).toBe(204);
      expect((await follow(made.link)).status).toBe(404);
      expect((await ask('GET', made.badge)).status).toBe(404);
      const { body } = await ask('GET', `/shares?job=${jobId}`);
      expect(body.items[0]).toMatchObject({ id: made.id, revokedAt: expect.any(String) });
    });

    test('goes with the key that made it', async () => {
      const kept = await share();
      const ids: number[] = [];
      // The first number is that of the key that this test works with.
      for (const name of ['first', 'second'])
        ids.push((await createKey(house.store, clock, 'test', { name, role: 'admin' })).record.id);
      const id = Math.max(...ids);
      actor = { ...diary.admin, id };
      const { link, badge } = await share();
      actor = diary.admin;
      await revokeKey(house.store, clock, 'test', id);
      expect([(await follow(link)).status, (await ask('GET', badge)).status]).toEqual([404, 404]);
      expect((await follow(kept.link)).status).toBe(200);
    });

    test('expires, after 30 days when nothing else is said and after 366 at most', async () => {
      const made = await share();
      expect(made.expiresAt).toBe(new Date(clock.now() + 30 * DAY).toISOString());
      clock.pass(30 * DAY - 1);
      expect((await follow(made.link)).status).toBe(200);
      clock.pass(1);
      expect((await follow(made.link)).status).toBe(404);
      expect((await ask('GET', made.badge)).status).toBe(404);
      for (const days of [-1, 367]) {
        const expiresAt = new Date(clock.now() + days * DAY).toISOString();
        const { status, body } = await ask('POST', '/shares', { jobId, expiresAt });
        expect([status, body.errors[0].path]).toEqual([400, 'expiresAt']);
      }
    });

    test('is stored as hashes, and neither list nor audit nor log has its tokens', async () => {
      const made = await share();
      const tokens = [new URL(made.link).hash.slice(1), made.badge.split('/').at(-1).replace('.svg', '')];
      const rows = await diary.store.read.selectFrom('shares').selectAll().execute();
      const audit = await diary.store.read.selectFrom('audit').selectAll().execute();
      const { text } = await ask('GET', `/shares?job=${jobId}`);
      let logged = '';
      const log = createLog('debug', { write: (line: string) => void (logged += line) });
      logAnswer(log, {
        id: '1',
        method: 'GET',
        url: new URL(made.badge).pathname,
        status: 200,
        ms: 1,
        ip: '::1',
      });
      expect(logged).toContain('badges');
      for (const token of tokens) {
        expect(token).toHaveLength(53);
        expect(JSON.stringify([rows, audit, text, logged])).not.toContain(token);
      }
    });

    test('opens one thing each: the badge no page, the page no badge', async () => {
      const made = await share();
      const badge = made.badge.split('/').at(-1).replace('.svg', '');
      expect((await ask('POST', '/shared-progress', { token: badge })).status).toBe(404);
      expect((await ask('GET', `/badges/${new URL(made.link).hash.slice(1)}`)).status).toBe(404);
    });

    test.each([
      ['made up', newSecret('progress')],
      ['cut short', newSecret('progress').slice(0, -1)],
      ['', ''],
    ])('that is %s opens nothing', async (_, token) => {
      expect((await ask('POST', '/shared-progress', { token })).status).toBe(404);
    });

    test('is asked for as often as people do, not as attackers do', async () => {
      const made = await share();
      const token = new URL(made.link).hash.slice(1);
      const statuses = new Set<number>();
      for (let i = 0; i < 130; i++)
        statuses.add((await ask('POST', '/shared-progress', { token }, '10.7.7.7')).status);
      expect([...statuses].sort()).toEqual([200, 429]);
      expect((await ask('POST', '/shared-progress', { token }, '10.7.7.8')).status).toBe(200);
    });
  });

  describe('whoever does not see the job', () => {
    const outsider = (role: Actor['role'], scope: Partial<Scope> = {}) =>
      actorOf({ role, providerId: scope.providerId ?? 0 }, scope);
    test.each([
      ['editor', outsider('editor', { projects: ['theirs'] })],
      ['provider', outsider('provider', { providerId: 77 })],
    ] as const)('shares, lists and takes back nothing of it: %s', async (_, who) => {
      const made = await share();
      await as(who, async () => {
        expect((await ask('POST', '/shares', { jobId })).status).toBe(404);
        expect((await ask('GET', `/shares?job=${jobId}`)).status).toBe(404);
        expect((await ask('DELETE', `/shares/${made.id}`)).status).toBe(404);
      });
      expect((await follow(made.link)).status).toBe(200);
    });
  });

  describe('a badge', () => {
    test('is a picture of percent and word that any page may show', async () => {
      const made = await share();
      const { status, text, headers } = await ask('GET', made.badge);
      expect(status).toBe(200);
      expect(headers['content-type']).toMatch(/^image\/svg\+xml/);
      expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(text).toContain('aria-label="running 62 %"');
      expect(text).not.toMatch(/S3CRET|Nightly|Prepare|<script|href|style=/);
    });

    test('speaks German, and says when the link is gone', async () => {
      const made = await share();
      const path = new URL(made.badge).pathname.replace('/api/v1', '');
      expect((await ask('GET', `${path}?language=de`)).text).toContain('>läuft<');
      await ask('DELETE', `/shares/${made.id}`);
      const { status, text } = await ask('GET', path);
      expect([status, text]).toEqual([404, expect.stringContaining('not shared')]);
    });
  });
});
