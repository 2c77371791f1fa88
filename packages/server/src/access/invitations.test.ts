import { beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { somebodyWaits } from '../storage/testing/locks.ts';
import { linkCustomer, signUpNumber } from './customers.ts';
import { newSecret } from './secrets.ts';
import { FrontDesk } from './testing/front-desk.ts';

const DAY = 24 * 60 * 60_000;
const PASSWORD = 'a long password';

forEachEngine((engine, newDatabase) => {
  let store: Store;
  let desk: FrontDesk;
  let admin: string;
  /** Session of a provider's person. */
  let acme: string;
  let other: string;
  beforeAll(async () => {
    store = (await newDatabase()).open();
    desk = new FrontDesk(store);
    admin = await desk.key();
    acme = await desk.user('acme', { role: 'provider' });
    other = await desk.user('other', { role: 'provider' });
    await desk.user('stays', { role: 'admin' });
  });

  const invite = async (body: object, session = acme) => {
    const answer = await desk.ask('POST', '/invitations', { session, body });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return { ...answer.body, token: tokenIn(answer.body.link) };
  };
  const accept = (token: string, name: string) =>
    desk.ask('POST', '/invitations/accept', { body: { token, name, password: PASSWORD } });
  const linksOf = async (session: string) =>
    (await desk.ask('GET', '/session/customers', { session })).body.items;

  describe('an invitation', () => {
    test('makes a customer of one provider, who is signed in at once', async () => {
      const made = await invite({ customer: '142', note: 'Ms. Doe' });
      expect(made).toMatchObject({
        role: 'customer',
        provider: 'acme',
        customer: '142',
        note: 'Ms. Doe',
        state: 'open',
        createdBy: 'user:acme',
        acceptedBy: null,
        link: expect.stringMatching(/^http:\/\/localhost:80\/diary\/invitation#dbi_[\w-]{49}$/),
      });
      const read = await desk.ask('POST', '/invitations/read', { body: { token: made.token } });
      expect(read.body).toEqual({
        role: 'customer',
        provider: 'acme',
        customer: '142',
        expiresAt: made.expiresAt,
      });
      const { status, body, session } = await accept(made.token, 'Jane@Example.org');
      expect([status, body]).toMatchObject([201, { name: 'jane@example.org', role: 'customer' }]);
      expect(await linksOf(session as string)).toEqual([{ provider: 'acme', customer: '142' }]);
      const again = await desk.ask('POST', '/session', {
        body: { name: 'jane@example.org', password: PASSWORD },
      });
      expect(again.status).toBe(200);
      const listed = await desk.ask('GET', '/invitations', { session: acme });
      expect(listed.body.items[0]).toMatchObject({ state: 'accepted', acceptedBy: 'jane@example.org' });
    });

    test('works once, also when two accept it at the same moment', async () => {
      const { token } = await invite({ customer: 'once' });
      const answers = await Promise.all(['one', 'two', 'three'].map((name) => accept(token, name)));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 401, 401]);
      const users = await desk.ask('GET', '/users?limit=100', { key: admin });
      const names = users.body.items.map(({ name }: { name: string }) => name);
      expect(['one', 'two', 'three'].filter((name) => names.includes(name))).toHaveLength(1);
    });

    test('that was taken back, has expired or never was is worth nothing, and says no more', async () => {
      const revoked = await invite({ customer: 'x' });
      expect((await desk.ask('DELETE', `/invitations/${revoked.id}`, { session: acme })).status).toBe(204);
      const expired = await invite({
        customer: 'x',
        expiresAt: new Date(desk.clock.now() + 1_000).toISOString(),
      });
      desk.clock.pass(2_000);
      const answers = await Promise.all(
        [revoked.token, expired.token, newSecret('invitation'), 'x'].flatMap((token) => [
          desk.ask('POST', '/invitations/read', { body: { token } }),
          accept(token, 'nobody'),
        ]),
      );
      for (const { status, body } of answers)
        expect([status, body.detail]).toEqual([401, answers[0]?.body.detail]);
      const listed = await desk.ask('GET', '/invitations?limit=2', { session: acme });
      expect(listed.body.items.map(({ state }: { state: string }) => state)).toEqual(['expired', 'revoked']);
    });

    test('survives a name that is taken', async () => {
      const { token } = await invite({ customer: 'taken' });
      expect((await accept(token, 'acme')).body.code).toBe('already_exists');
      expect((await accept(token, 'not-taken')).status).toBe(201);
    });

    test('is kept as a hash, and the audit has no token', async () => {
      const { token } = await invite({ customer: 'kept' });
      const rows = await store.read.selectFrom('invitations').selectAll().execute();
      const audit = await store.read.selectFrom('audit').selectAll().execute();
      expect(JSON.stringify([rows, audit])).not.toContain(token);
      expect(JSON.stringify([rows, audit])).not.toMatch(/dbi_/);
    });

    test('lasts as long as was asked for, and never for ever', async () => {
      const until = (days: number) => new Date(desk.clock.now() + days * DAY).toISOString();
      const { expiresAt } = await invite({ customer: 'x' });
      expect(expiresAt).toBe(until(14));
      for (const expiresAt of [until(-1), until(91)]) {
        const { body } = await desk.ask('POST', '/invitations', { session: acme, body: { expiresAt } });
        expect(body.errors).toEqual([{ path: 'expiresAt', message: expect.any(String) }]);
      }
    });

    test('goes with whoever sent it', async () => {
      const leaving = await desk.user('leaving', { role: 'provider' });
      const { token } = await invite({ customer: 'x' }, leaving);
      const users = await desk.ask('GET', '/users?limit=100', { key: admin });
      const { id } = users.body.items.find(({ name }: { name: string }) => name === 'leaving');
      await desk.ask('PATCH', `/users/${id}`, { key: admin, body: { disabled: true } });
      expect((await accept(token, 'late')).status).toBe(401);
    });

    test('goes with the key that made it, by its number and not its name', async () => {
      const session = await desk.user('twins', { role: 'provider' });
      const keys = await Promise.all(
        ['twin', 'twin'].map((name) =>
          desk.ask('POST', '/keys', { session, body: { name, role: 'provider' } }),
        ),
      );
      const [gone, kept] = await Promise.all(
        keys.map(async ({ body }) => {
          const made = await desk.ask('POST', '/invitations', { key: body.key, body: { customer: 'x' } });
          return tokenIn(made.body.link);
        }),
      );
      await desk.ask('DELETE', `/keys/${keys[0]?.body.id}`, { session });
      const read = (token?: string) => desk.ask('POST', '/invitations/read', { body: { token } });
      expect([(await read(gone)).status, (await read(kept)).status]).toEqual([401, 200]);
    });

    test.each([{ disabled: true }, { role: 'editor' }])(
      'goes with the keys of whoever made them, and what those made: %j',
      async (change) => {
        const name = `leaves-${Object.keys(change)[0]?.toLowerCase()}`;
        const session = await desk.user(name, { role: 'admin' });
        const first = await desk.ask('POST', '/keys', { session, body: { name: 'first', role: 'admin' } });
        const second = await desk.ask('POST', '/keys', {
          key: first.body.key,
          body: { name: 'second', role: 'provider', provider: 'twins' },
        });
        const made = await desk.ask('POST', '/invitations', {
          key: second.body.key,
          body: { customer: 'x' },
        });
        const users = await desk.ask('GET', '/users?limit=100', { key: admin });
        const { id } = users.body.items.find((user: { name: string }) => user.name === name);
        expect((await desk.ask('PATCH', `/users/${id}`, { key: admin, body: change })).status).toBe(200);
        for (const { key } of [first.body, second.body])
          expect((await desk.ask('GET', '/session', { key })).body.code).toBe('key_revoked');
        const read = await desk.ask('POST', '/invitations/read', {
          body: { token: tokenIn(made.body.link) },
        });
        expect(read.status).toBe(401);
        expect((await desk.ask('GET', '/session', { key: admin })).status).toBe(200);
      },
    );

    test('is refused to guessers after some tries', async () => {
      const statuses: number[] = [];
      for (let i = 0; i < 25; i++) {
        const { status } = await desk.ask('POST', '/invitations/read', {
          ip: '10.9.9.9',
          body: { token: newSecret('invitation') },
        });
        statuses.push(status);
      }
      expect(statuses[0]).toBe(401);
      expect(statuses.at(-1)).toBe(429);
    });
  });

  describe('whoever invites', () => {
    test('is a provider for their own customers, and an admin for anybody', async () => {
      for (const body of [{ role: 'provider' }, { customer: '1', provider: 'other' }])
        expect((await desk.ask('POST', '/invitations', { session: acme, body })).status).toBe(403);
      const made = await desk.ask('POST', '/invitations', { key: admin, body: { role: 'provider' } });
      const { session } = await accept(tokenIn(made.body.link), 'newcomer');
      const mine = await desk.ask('GET', '/session', { session: session as string });
      expect(mine.body).toMatchObject({ role: 'provider', name: 'newcomer' });
      const joined = await desk.ask('POST', '/invitations', {
        key: admin,
        body: { role: 'provider', provider: 'acme' },
      });
      const colleague = await accept(tokenIn(joined.body.link), 'colleague');
      const { body } = await desk.ask('GET', '/invitations', { session: colleague.session as string });
      expect(body.items.length).toBeGreaterThan(0);
    });

    test('names a provider that is there', async () => {
      for (const body of [{ customer: '1' }, { customer: '1', provider: 'acmee' }]) {
        const answer = await desk.ask('POST', '/invitations', { key: admin, body });
        expect(answer.body.errors).toEqual([{ path: 'provider', message: expect.any(String) }]);
      }
    });

    test('sees and takes back nothing of another provider', async () => {
      const { id } = await invite({ customer: 'mine' });
      const { body } = await desk.ask('GET', '/invitations', { session: other });
      expect(body.items).toEqual([]);
      expect((await desk.ask('DELETE', `/invitations/${id}`, { session: other })).status).toBe(404);
    });
  });

  describe('a customer', () => {
    test('follows the jobs of several providers with one account', async () => {
      const first = await accept((await invite({ customer: '7' })).token, 'both');
      const session = first.session as string;
      const { token } = await invite({ customer: '9' }, other);
      const joined = await desk.ask('POST', '/session/customers', { session, body: { token } });
      expect(joined.body.items).toEqual([
        { provider: 'acme', customer: '7' },
        { provider: 'other', customer: '9' },
      ]);
      const twice = await desk.ask('POST', '/session/customers', { session, body: { token } });
      expect(twice.status).toBe(401);
    });

    test('is nobody else: an invitation for a provider, or to somebody who is no customer, is refused', async () => {
      const { session } = await accept((await invite({ customer: '8' })).token, 'plain');
      const made = await desk.ask('POST', '/invitations', { key: admin, body: { role: 'provider' } });
      const token = tokenIn(made.body.link);
      const refused = await desk.ask('POST', '/session/customers', {
        session: session as string,
        body: { token },
      });
      expect(refused.status).toBe(403);
      expect((await accept(token, 'a-provider')).status).toBe(201);
      const mine = await invite({ customer: '8' });
      const self = await desk.ask('POST', '/session/customers', {
        session: acme,
        body: { token: mine.token },
      });
      expect(self.status).toBe(403);
    });

    test('gets a number at sign-up that their provider knows nobody else by', async () => {
      const users = await desk.ask('GET', '/users?limit=200', { key: admin });
      const next = Math.max(...users.body.items.map(({ id }: { id: number }) => id)) + 1;
      // The provider's customers may be called what the next users will be.
      for (const number of [next, next + 1]) await invite({ customer: String(number) });
      const { session } = await accept((await invite({})).token, 'numbered');
      const [{ provider, customer }] = await linksOf(session as string);
      expect(provider).toBe('acme');
      expect(customer).toMatch(/^\d+$/);
      expect([String(next), String(next + 1)]).not.toContain(customer);
    });

    test('gets a number of their own when many sign up at once', async () => {
      const { id: providerId } = await store.read
        .selectFrom('providers')
        .select('id')
        .where('name', '=', 'acme')
        .executeTakeFirstOrThrow();
      // The number of the first is taken, and the next free one is that of the second.
      await invite({ customer: '900001' });
      const found = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
      const signUp = (index: 0 | 1, before?: () => Promise<unknown>) =>
        store.write(async (transaction) => {
          const userId = 900_001 + index;
          const customer = await signUpNumber(store.profile, transaction, { userId, providerId });
          found[index].resolve();
          await before?.();
          await linkCustomer(transaction, { userId, providerId, customer }, 0);
          return customer;
        });
      // SQLite lets nobody write beside the first.
      const met = async () =>
        engine === 'postgres' && (await Promise.race([found[1].promise, somebodyWaits(store)]));
      const first = signUp(0, met);
      await found[0].promise;
      const numbers = await Promise.all([first, signUp(1)]);
      await store.write(({ db }) => db.deleteFrom('customers').where('user_id', '>', 900_000).execute());
      expect(new Set(numbers).size).toBe(2);
    });

    test('is removed by their provider alone, and then sees nothing', async () => {
      const { session } = await accept((await invite({ customer: 'gone' })).token, 'leaver');
      const { body } = await desk.ask('GET', '/customers?limit=100', { session: acme });
      const row = body.items.find(({ customer }: { customer: string }) => customer === 'gone');
      expect(row).toMatchObject({ user: 'leaver', provider: 'acme', jobs: 0 });
      const path = `/customers?userId=${row.userId}&provider=acme&customer=gone`;
      expect((await desk.ask('DELETE', path, { session: other })).status).toBe(404);
      expect((await desk.ask('DELETE', path, { session: acme })).status).toBe(204);
      expect(await linksOf(session as string)).toEqual([]);
    });

    test('is listed in pages', async () => {
      const names: string[] = [];
      let cursor = '';
      do {
        const { body } = await desk.ask('GET', `/customers?limit=2${cursor}`, { key: admin });
        names.push(...body.items.map(({ user }: { user: string }) => user));
        cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor}`;
      } while (cursor !== '');
      expect(names).toEqual(names.toSorted());
      expect(names.length).toBe(
        (await store.read.selectFrom('customers').select('user_id').execute()).length,
      );
    });
  });

  describe("a provider's keys", () => {
    test('are made, listed and revoked by the provider, and by no key', async () => {
      const made = await desk.ask('POST', '/keys', {
        session: acme,
        body: { name: 'nightly', role: 'provider', note: 'on node 7' },
      });
      expect([made.status, made.body]).toMatchObject([201, { provider: 'acme', note: 'on node 7' }]);
      const { key } = made.body;
      await desk.ask('GET', '/session', { key });
      await desk.settle();
      const { body } = await desk.ask('GET', '/keys', { session: acme });
      expect(body.items).toMatchObject([{ id: made.body.id, lastUsedAt: expect.any(String) }]);
      const more = { name: 'more', role: 'provider' };
      expect((await desk.ask('POST', '/keys', { key, body: more })).status).toBe(403);
      expect((await desk.ask('DELETE', `/keys/${made.body.id}`, { session: other })).status).toBe(404);
      expect((await desk.ask('DELETE', `/keys/${made.body.id}`, { session: acme })).status).toBe(204);
      expect((await desk.ask('GET', '/session', { key })).body.code).toBe('key_revoked');
    });

    test('are theirs alone', async () => {
      for (const body of [
        { name: 'x', role: 'admin' },
        { name: 'x', role: 'viewer', projects: ['*'] },
        { name: 'x', role: 'provider', provider: 'other' },
      ])
        expect((await desk.ask('POST', '/keys', { session: acme, body })).status).toBe(403);
      await desk.ask('POST', '/keys', {
        key: admin,
        body: { name: 'boss2', role: 'admin', provider: 'acme' },
      });
      const { body } = await desk.ask('GET', '/keys', { session: acme });
      expect(body.items.every(({ role }: { role: string }) => role === 'provider')).toBe(true);
      expect((await desk.ask('GET', '/keys', { session: other })).body.items).toEqual([]);
    });
  });
});

function tokenIn(link: string): string {
  return new URL(link).hash.slice(1);
}
