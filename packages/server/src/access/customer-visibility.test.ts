import { type JobCreateBody, type JobStatus, nobody } from '@daybook/core';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildHouse, type House } from '../app.ts';
import { systemClock } from '../clock.ts';
import { testServer } from '../http/testing/test-server.ts';
import { actorOf, type Diary, diaryOn } from '../jobs/testing/diary.ts';
import { StreamReader } from '../live/testing/stream-reader.ts';
import { settingsFrom } from '../settings.ts';
import { shareJob } from '../shares/shares.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { linkCustomer } from './customers.ts';
import { providerNamed } from './providers.ts';
import { beginSession } from './sessions.ts';
import { insertUser } from './users.ts';

/* Over random providers, customers, users and jobs: everything that a customer is shown is exactly their own. */

/** Stands in everything that no customer is to see. */
const SECRET = 'S3CRET';
const statuses = ['queued', 'running', 'succeeded', 'failed'] as const satisfies readonly JobStatus[];
const kinds = ['scan', 'report'] as const;
/** Few, so that providers call different people by the same. */
const numbers = ['142', '7', 'x'] as const;

interface Wish {
  readonly provider: number;
  readonly customer: string | null;
  readonly status: (typeof statuses)[number];
  readonly kind: string;
  /** True for one that scripts report by the routes of trackerapi, which show it beside the native ones. */
  readonly tracker: boolean;
}

const provider = fc.nat({ max: 2 });
const wish: fc.Arbitrary<Wish> = fc.record({
  provider,
  customer: fc.option(fc.constantFrom(...numbers)),
  status: fc.constantFrom(...statuses),
  kind: fc.constantFrom(...kinds),
  tracker: fc.boolean(),
});
/** What each user is linked to. */
const links = fc.uniqueArray(fc.tuple(provider, fc.constantFrom(...numbers)), {
  maxLength: 4,
  selector: (pair) => pair.join(),
});
const world = fc.record({
  jobs: fc.array(wish, { minLength: 1, maxLength: 12 }),
  users: fc.array(links, { minLength: 1, maxLength: 3 }),
});

forEachEngine((_engine, newDatabase) => {
  let house: House;
  let server: FastifyInstance;
  let diary: Diary;
  let round = 0;
  beforeAll(async () => {
    const store = (await newDatabase()).open();
    house = buildHouse(store, settingsFrom({}), systemClock, pino({ level: 'silent' }));
    server = testServer(house.routes, ({ headers }) => house.authenticator.authenticate(headers));
    diary = diaryOn(store);
  });
  afterAll(async () => {
    await server.close();
    house.tail.close();
    await house.authenticator.close();
  });

  /** Asks, and makes sure that nothing secret is answered. Nobody in particular has no session. */
  const answerTo = async (url: string, session?: string, body?: object) => {
    const { statusCode, payload } = await server.inject({
      method: body ? 'POST' : 'GET',
      url,
      headers: {
        host: 'localhost',
        origin: 'http://localhost',
        ...(session !== undefined && { cookie: `daybook_session=${session}` }),
      },
      ...(body && { payload: body }),
    });
    expect([url, payload.includes(SECRET)]).toEqual([url, false]);
    return { status: statusCode, payload };
  };
  const ask = async (session: string, path: string) => {
    const { status, payload } = await answerTo(`/api/v1${path}`, session);
    return { status, body: JSON.parse(payload) };
  };
  const tracked = async (session: string, query: string): Promise<number[]> => {
    const { payload } = await answerTo(`/tracker${query}`, session);
    return (JSON.parse(payload) as { id: number; events: unknown[] }[]).map(({ id, events }) => {
      expect(events).toEqual([]);
      return id;
    });
  };
  const listed = async (session: string, query: string): Promise<number[]> => {
    const found: number[] = [];
    let cursor = '';
    do {
      const { status, body } = await ask(session, `/jobs?limit=3&${query}${cursor}`);
      expect([query, status]).toEqual([query, 200]);
      found.push(...body.items.map(({ id }: { id: number }) => id));
      cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    return found.toSorted((a, b) => a - b);
  };

  const producer = (providerId = 0) => actorOf({ role: 'provider', providerId }, { all: false, providerId });

  /** Jobs of three new providers, users of this round with their sessions, and where the stream began. */
  const settle = async (jobs: readonly Wish[], users: readonly (readonly [number, string][])[]) => {
    round++;
    const { store } = house;
    const now = systemClock.now();
    const begin = await store.profile.horizon(store.read);
    const providers = await store.write(async (tx) => {
      const ids: number[] = [];
      for (const n of [0, 1, 2]) ids.push(await providerNamed(tx, `p${round}-${n}`, now));
      return ids;
    });
    const made: { id: number; wish: Wish }[] = [];
    for (const each of jobs) {
      const body: Partial<JobCreateBody> = {
        name: `job ${made.length} of ${round}`,
        ...(each.tracker && { source: 'tracker' }),
        kind: each.kind,
        status: each.status,
        externalId: `${round}-${made.length}`,
        steps: [{ tag: 'step', name: 'Step', points: 1 }],
        ...(each.customer !== null && { customer: each.customer }),
        project: SECRET,
        user: SECRET,
        info: SECRET,
        summary: SECRET,
        tags: [SECRET],
        parameters: { a: SECRET },
        metadata: { a: SECRET },
        jobDirectory: `/${SECRET}`,
        solver: SECRET,
      };
      const { id } = await diary.create(body, producer(providers[each.provider]));
      await diary.report(
        id,
        { kind: 'log', message: SECRET },
        { kind: 'link', message: SECRET },
        { kind: 'step', step: 'step', metadata: { a: SECRET } },
      );
      made.push({ id, wish: each });
    }
    const sessions = await store.write(async (tx) => {
      const sessions: string[] = [];
      for (const [n, links] of users.entries()) {
        const userId = await insertUser(tx, { name: `u${round}-${n}`, role: 'customer' }, now);
        for (const [which, customer] of links)
          await linkCustomer(tx, { userId, providerId: providers[which] as number, customer }, now);
        sessions.push(await beginSession(tx, userId, now));
      }
      return sessions;
    });
    return { providers, made, sessions, begin };
  };

  test('a customer is shown exactly their own, by every list, filter, count, link and stream', async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ jobs, users }) => {
        const { providers, made, sessions, begin } = await settle(jobs, users);
        for (const [n, links] of users.entries()) {
          const session = sessions[n] as string;
          const own = made.filter(({ wish }) =>
            links.some(([which, customer]) => wish.provider === which && wish.customer === customer),
          );
          const ids = own.map(({ id }) => id);

          for (const sort of ['-id', 'id', '-submittedAt', 'name', '-updatedAt'])
            expect(await listed(session, `sort=${sort}`)).toEqual(ids);
          const { body: first } = await ask(session, '/jobs?total=true');
          expect(first.total).toBe(ids.length);

          for (const status of statuses)
            expect(await listed(session, `status=${status}`)).toEqual(
              own.filter(({ wish }) => wish.status === status).map(({ id }) => id),
            );
          for (const { id, wish } of made) {
            const isOwn = ids.includes(id);
            expect(
              await listed(session, `externalId=${round}-${made.findIndex((each) => each.id === id)}`),
            ).toEqual(isOwn ? [id] : []);
            for (const path of [`/jobs/${id}`, `/jobs/${id}/steps`])
              expect([path, (await ask(session, path)).status]).toEqual([path, isOwn ? 200 : 404]);
            for (const path of [`/jobs/${id}/events`, `/jobs/${id}/log`, `/shares?job=${id}`])
              expect([path, (await ask(session, path)).status]).toEqual([path, 403]);
            expect(wish.kind).toBeDefined();
          }

          const followed = own.filter(({ wish }) => wish.tracker).map(({ id }) => id);
          for (const query of ['/jobs', '/studies'])
            expect([query, await tracked(session, query)]).toEqual([query, followed]);
          for (const [n, { id }] of made.entries()) {
            expect(await tracked(session, `/jobs?provider_job_id=${round}-${n}`)).toEqual(
              followed.includes(id) ? [id] : [],
            );
            for (const path of [`/tracker/jobs/${id}`, `/tracker/studies/${id}`])
              expect([path, (await answerTo(path, session)).status]).toEqual([
                path,
                followed.includes(id) ? 200 : 404,
              ]);
          }

          const { body: counts } = await ask(session, '/jobs/facets');
          for (const name of ['status', 'kind'] as const) {
            const counted = Object.fromEntries(
              counts[name].map(({ value, count }: { value: string; count: number }) => [value, count]),
            );
            const expected = Object.groupBy(own, ({ wish }) => wish[name]);
            expect(counted).toEqual(
              Object.fromEntries(Object.entries(expected).map(([value, all]) => [value, all?.length])),
            );
          }
          for (const name of ['project', 'user', 'analysisStatus', 'assessment'])
            expect(counts[name]).toEqual([]);

          const scope = {
            ...nobody,
            customers: links.map(([which, customer]) => ({
              providerId: providers[which] as number,
              customer,
            })),
          };
          const reader = new StreamReader({ store: house.store, tail: house.tail, scope, outside: true });
          await reader.start(`${begin.tx}-${begin.id}`);
          await reader.until(({ messages }) =>
            ids.every((id) => messages.some(({ event, data }) => event === 'job' && data.id === id)),
          );
          const told = reader.messages.filter(({ event }) => event !== 'hello');
          expect(new Set(told.map(({ event }) => event))).toEqual(new Set(ids.length > 0 ? ['job'] : []));
          expect([...new Set(told.map(({ data }) => data.id))].sort((a, b) => a - b)).toEqual(ids);
          expect(JSON.stringify(reader.messages)).not.toContain(SECRET);
          reader.cut();
        }
      }),
      { numRuns: 12 },
    );
  });

  test('a link and its badge show the one job that they were made for, by whoever sees it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { minLength: 1, maxLength: 5 }), async (jobs) => {
        const { providers, made } = await settle(jobs, []);
        for (const [n, { id, wish }] of made.entries()) {
          const share = (which: number) =>
            shareJob(house.store, systemClock, producer(providers[which]), { jobId: id });
          await expect(share((wish.provider + 1) % 3)).rejects.toMatchObject({ code: 'not_found' });
          const { tokens } = await share(wish.provider);
          const page = await answerTo('/api/v1/shared-progress', undefined, { token: tokens.progress });
          expect(JSON.parse(page.payload)).toMatchObject({
            name: `job ${n} of ${round}`,
            status: wish.status,
          });
          const badge = await answerTo(`/api/v1/badges/${tokens.badge}.svg`);
          expect(badge).toMatchObject({ status: 200, payload: expect.stringContaining('<svg') });
          // Whoever reads the badge in a web page does not get to the page by it, nor the other way round.
          const crossed = await answerTo('/api/v1/shared-progress', undefined, { token: tokens.badge });
          expect(crossed.status).toBe(404);
          expect((await answerTo(`/api/v1/badges/${tokens.progress}.svg`)).status).toBe(404);
        }
      }),
      { numRuns: 4 },
    );
  });

  test('a customer reports nothing', async () => {
    const one = { provider: 0, customer: '142', status: 'running', kind: 'scan', tracker: true } as const;
    const { sessions } = await settle([one], [[[0, '142']]]);
    const event = { kind: 'step', name: 'step', provider_job_id: `${round}-0` };
    for (const [path, body] of [
      ['/tracker/events', event],
      ['/tracker/update_event', { kind: 'Error', id: 1 }],
      ['/tracker/jobs', { provider_job_id: 'mine', tag: 'x' }],
      ['/tracker/api-keys', { note: 'mine' }],
    ] as const)
      expect([path, (await answerTo(path, sessions[0], body)).status]).toEqual([
        path,
        path === '/tracker/api-keys' ? 401 : 403,
      ]);
  });

  test.each([
    'user',
    'project',
    'source',
    'tag',
    'target',
    'assessment',
    'analysisStatus',
    'execution',
    'parentId',
  ])('a customer learns nothing by the filter %s, for it is refused', async (name) => {
    const { sessions } = await settle([], [[]]);
    const values: Record<string, string> = {
      assessment: 'ok',
      analysisStatus: 'open',
      execution: 'reported',
      parentId: '1',
    };
    for (const path of ['/jobs', '/jobs/facets', '/stream']) {
      const { status, body } = await ask(sessions[0] as string, `${path}?${name}=${values[name] ?? 'x'}`);
      expect([path, status, body.errors?.[0].path]).toEqual([path, 403, name]);
    }
  });

  test('a customer follows no log', async () => {
    const { sessions } = await settle([], [[]]);
    expect((await ask(sessions[0] as string, '/stream?log=1')).status).toBe(403);
  });

  test('a customer who is removed is told nothing more from the next request on', async () => {
    const one = { provider: 0, customer: '142', status: 'running', kind: 'scan', tracker: false } as const;
    const { made, sessions } = await settle([one], [[[0, '142']]]);
    const [session = ''] = sessions;
    expect(await listed(session, '')).toEqual([made[0]?.id]);
    await house.store.write(({ db }) => db.deleteFrom('customers').execute());
    house.authenticator.forget();
    expect(await listed(session, '')).toEqual([]);
  });
});
