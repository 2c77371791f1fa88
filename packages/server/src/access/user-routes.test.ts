import { beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { FrontDesk } from './testing/front-desk.ts';

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let desk: FrontDesk;
  let key: string;
  beforeAll(async () => {
    store = (await newDatabase()).open();
    desk = new FrontDesk(store);
    key = await desk.key();
  });
  const make = (body: object) => desk.ask('POST', '/users', { key, body });
  const change = (id: number, body: object) => desk.ask('PATCH', `/users/${id}`, { key, body });
  const paths = (body: { errors: { path: string }[] }) => body.errors.map(({ path }) => path).sort();

  describe('users', () => {
    test('are made with what they may see, and a link', async () => {
      const { status, body, headers } = await make({ name: ' Doe.A ', role: 'viewer', projects: ['p'] });
      expect(status).toBe(201);
      expect(headers['location']).toBe(`/api/v1/users/${body.id}`);
      expect(body).toEqual({
        id: body.id,
        name: 'doe.a',
        displayName: 'doe.a',
        role: 'viewer',
        projects: ['p'],
        provider: null,
        language: null,
        hasPassword: false,
        disabled: false,
        createdAt: expect.any(String),
        signInLink: expect.stringMatching(/^http:\/\/localhost:80\/diary\/sign-in#token=dbl_[\w-]{49}$/),
      });
    });

    test('have names of their own, also when made at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => make({ name: 'same', role: 'provider' })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
      const made = answers.find(({ status }) => status === 201);
      expect(made?.body.provider).toBe('same');
      expect(answers.find(({ status }) => status === 409)?.body.code).toBe('already_exists');
    });

    test('that do not fit are refused with every fault', async () => {
      const { body } = await make({ name: 'a b', role: 'boss', projects: [''], colour: 1 });
      expect(paths(body)).toEqual(['colour', 'name', 'projects[0]', 'role']);
      expect(paths((await make({ name: 'x', role: 'admin', projects: ['p'] })).body)).toEqual(['projects']);
    });

    test('are listed by name, in pages', async () => {
      for (const name of ['zz3', 'zz1', 'zz2']) await make({ name, role: 'viewer', projects: [name] });
      const names: string[] = [];
      let cursor: string | undefined;
      do {
        const query = cursor === undefined ? '?limit=2' : `?limit=2&cursor=${cursor}`;
        const { body } = await desk.ask('GET', `/users${query}`, { key });
        expect(body.items.length).toBeLessThanOrEqual(2);
        names.push(...body.items.map((user: { name: string }) => user.name));
        cursor = body.nextCursor;
      } while (cursor !== undefined);
      expect(names).toEqual([...names].sort());
      expect(names.slice(-3)).toEqual(['zz1', 'zz2', 'zz3']);
    });

    test.each([
      'x',
      Buffer.from('["users",1]').toString('base64url'),
      Buffer.from('["keys",1]').toString('base64url'),
    ])('cursor %s is refused', async (cursor) => {
      expect((await desk.ask('GET', `/users?cursor=${cursor}`, { key })).body.code).toBe('invalid_cursor');
    });

    test('change their role and projects, at once for open sessions', async () => {
      const session = await desk.user('mara', { role: 'viewer', projects: ['p'] });
      const { body } = await desk.ask('GET', '/session', { session });
      expect((await change(body.id, { projects: ['q', 'r'] })).body.projects).toEqual(['q', 'r']);
      expect((await desk.ask('GET', '/session', { session })).body.projects).toEqual(['q', 'r']);
      expect((await change(body.id, { role: 'provider' })).body).toMatchObject({
        projects: [],
        provider: 'mara',
      });
      expect((await desk.ask('GET', '/session', { session })).body).toMatchObject({
        role: 'provider',
        projects: [],
      });
      expect(paths((await change(body.id, { projects: ['p'] })).body)).toEqual(['projects']);
    });

    test('that are disabled are out at once, and come back', async () => {
      const session = await desk.user('karl', { password: 'a long password' });
      const { id } = (await desk.ask('GET', '/session', { session })).body;
      const link = (await desk.ask('POST', `/users/${id}/sign-in-link`, { key })).body.signInLink as string;
      expect((await change(id, { disabled: true })).body.disabled).toBe(true);
      expect((await desk.ask('GET', '/session', { session })).status).toBe(401);
      const token = link.slice(link.indexOf('dbl_'));
      expect((await desk.ask('POST', '/session', { body: { token } })).status).toBe(401);
      const password = { name: 'karl', password: 'a long password' };
      expect((await desk.ask('POST', '/session', { body: password })).status).toBe(401);
      expect((await desk.ask('POST', `/users/${id}/sign-in-link`, { key })).status).toBe(409);
      await change(id, { disabled: false });
      expect((await desk.ask('POST', '/session', { body: password })).status).toBe(200);
      expect((await desk.ask('GET', '/session', { session })).status).toBe(401);
    });

    test('always have an admin among them, even when two demote each other at once', async () => {
      const [one, two] = await Promise.all(['boss1', 'boss2'].map((name) => make({ name, role: 'admin' })));
      const ids = [one?.body.id, two?.body.id] as [number, number];
      const answers = await Promise.all([
        change(ids[0], { role: 'viewer' }),
        change(ids[1], { disabled: true }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const left = answers.findIndex(({ status }) => status === 409);
      expect((await change(ids[left] as number, { role: 'editor' })).body.code).toBe('conflict');
    });

    test('that do not exist are not found', async () => {
      expect((await change(999_999, {})).status).toBe(404);
      expect((await desk.ask('POST', '/users/999999/sign-in-link', { key })).status).toBe(404);
      expect((await desk.ask('PATCH', '/users/x', { key, body: {} })).status).toBe(400);
    });
  });

  describe('keys', () => {
    test('are shown once, listed without themselves, and revoked at once', async () => {
      const body = {
        name: 'dash',
        role: 'viewer',
        projects: ['*'],
        expiresAt: '2027-01-01T00:00:00Z',
        note: 'n',
      };
      const made = await desk.ask('POST', '/keys', { key, body });
      expect(made.status).toBe(201);
      const dash = made.body.key as string;
      expect((await desk.ask('GET', '/session', { key: dash })).body).toMatchObject({
        name: 'dash',
        projects: ['*'],
      });
      await desk.settle();
      const listed = await desk.ask('GET', '/keys?limit=1', { key });
      const { key: _, ...item } = made.body;
      expect(listed.body.items).toEqual([{ ...item, lastUsedAt: expect.any(String) }]);
      expect(JSON.stringify(listed.body)).not.toContain(dash);
      expect((await desk.ask('DELETE', `/keys/${made.body.id}`, { key })).status).toBe(204);
      expect((await desk.ask('GET', '/session', { key: dash })).body).toMatchObject({
        status: 401,
        code: 'key_revoked',
      });
      expect((await desk.ask('DELETE', '/keys/999999', { key })).status).toBe(404);
    });

    test('say what they may see', async () => {
      const { body } = await desk.ask('POST', '/keys', { key, body: { name: 'x', role: 'viewer' } });
      expect(paths(body)).toEqual(['projects']);
      const customer = await desk.ask('POST', '/keys', {
        key,
        body: { name: 'x', role: 'customer', scope: 1 },
      });
      expect(paths(customer.body)).toEqual(['role', 'scope']);
    });
  });

  describe('the audit', () => {
    test('tells every change to users and keys, the latest first, without secrets', async () => {
      const made = await make({ name: 'watched', role: 'viewer', projects: ['p'] });
      await change(made.body.id, { role: 'editor', projects: ['q'] });
      const token = (made.body.signInLink as string).split('=')[1];
      const { session } = await desk.ask('POST', '/session', { body: { token } });
      await desk.ask('PUT', '/session/password', {
        session: session as string,
        body: { password: 'a long password' },
      });
      await desk.ask('POST', `/users/${made.body.id}/sign-in-link`, { key });
      const { body } = await desk.ask('GET', '/audit?limit=5', { key });
      expect(
        body.items.map(({ actor, action, subject }: Record<string, string>) => [actor, action, subject]),
      ).toEqual([
        ['key:boss', 'user.invite', 'user:watched'],
        ['user:watched', 'user.set-password', 'user:watched'],
        ['user:watched', 'session.begin', 'user:watched'],
        ['key:boss', 'user.update', 'user:watched'],
        ['key:boss', 'user.create', 'user:watched'],
      ]);
      expect(body.items[3].detail).toEqual({ id: made.body.id, role: 'editor', projects: ['q'] });
      const everything = JSON.stringify(await store.read.selectFrom('audit').selectAll().execute());
      expect(everything).not.toMatch(/db[ksl]_|argon2|a long password/);
      const next = await desk.ask('GET', `/audit?limit=1&cursor=${body.nextCursor}`, { key });
      expect(next.body.items[0].id).toBeLessThan(body.items[4].id);
      const forged = Buffer.from('["audit","x"]').toString('base64url');
      expect((await desk.ask('GET', `/audit?cursor=${forged}`, { key })).body.code).toBe('invalid_cursor');
    });
  });
});
