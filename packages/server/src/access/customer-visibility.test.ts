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
}

const provider = fc.nat({ max: 2 });
const wish: fc.Arbitrary<Wish> = fc.record({
  provider,
  customer: fc.option(fc.constantFrom(...numbers)),
  status: fc.constantFrom(...statuses),
  kind: fc.constantFrom(...kinds),
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

  const ask = async (session: string, path: string) => {
    const answer = await server.inject({
      method: 'GET',
      url: `/api/v1${path}`,
      headers: { host: 'localhost', cookie: `daybook_session=${session}` },
    });
    expect([path, answer.payload.includes(SECRET)]).toEqual([path, false]);
    return { status: answer.statusCode, body: JSON.parse(answer.payload) };
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
        name: `job of ${round}`,
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
      const who = actorOf(
        { role: 'provider', providerId: providers[each.provider] as number },
        {
          providerId: providers[each.provider] as number,
        },
      );
      const { id } = await diary.create(body, who);
      await diary.report(id, { kind: 'log', message: SECRET }, { kind: 'link', message: SECRET });
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
    const one = { provider: 0, customer: '142', status: 'running', kind: 'scan' } as const;
    const { made, sessions } = await settle([one], [[[0, '142']]]);
    const [session = ''] = sessions;
    expect(await listed(session, '')).toEqual([made[0]?.id]);
    await house.store.write(({ db }) => db.deleteFrom('customers').execute());
    house.authenticator.forget();
    expect(await listed(session, '')).toEqual([]);
  });
});
