import { beforeAll, describe, expect, test } from 'vitest';
import { forEachEngine } from '../storage/testing/engines.ts';
import { IDLE, LONGEST } from './sessions.ts';
import { firstSignIn, linkLifetime } from './sign-in-links.ts';
import { FrontDesk, tokenIn } from './testing/front-desk.ts';

const password = 'correct horse battery';

forEachEngine((engine, newDatabase) => {
  let desk: FrontDesk;
  beforeAll(async () => {
    desk = new FrontDesk((await newDatabase()).open());
  });
  const me = async (session: string) => {
    const answer = await desk.ask('GET', '/session', { session });
    await desk.settle();
    return answer;
  };

  describe('a session', () => {
    test('says who I am and what I may do', async () => {
      const session = await desk.user('anna', { role: 'editor', projects: ['b', 'a'] });
      expect((await me(session)).body).toEqual({
        kind: 'user',
        id: expect.any(Number),
        name: 'anna',
        displayName: 'anna',
        role: 'editor',
        projects: ['a', 'b'],
        permissions: expect.arrayContaining(['jobs.read', 'jobs.annotate']),
        language: null,
        hasPassword: false,
        position: expect.stringMatching(/^\d+-\d+$/),
        server: { version: '1.2.3', engine, demo: false, feedback: null },
      });
    });

    test('of a key says so', async () => {
      const { body } = await desk.ask('GET', '/session', {
        key: await desk.key({ name: 'ci', role: 'provider' }),
      });
      expect(body).toMatchObject({
        kind: 'key',
        name: 'ci',
        role: 'provider',
        projects: [],
        hasPassword: false,
      });
    });

    test('has a cookie that scripts cannot read, and by https one that travels by nothing else', async () => {
      const cookieOf = async (at: FrontDesk) => {
        const key = await at.key();
        const made = await at.ask('POST', '/users', {
          key,
          body: { name: `c${at === desk}`, role: 'viewer' },
        });
        const { headers } = await at.ask('POST', '/session', {
          body: { token: tokenIn(made.body.signInLink) },
        });
        return String(headers['set-cookie']);
      };
      expect(await cookieOf(desk)).toMatch(/; Path=\/; Max-Age=7776000; HttpOnly; SameSite=Lax$/);
      const secure = new FrontDesk(desk.store, desk.clock, 'https://daybook.example.com');
      expect(await cookieOf(secure)).toMatch(/; SameSite=Lax; Secure$/);
    });

    test('ends when I sign out, and its token is worth nothing', async () => {
      const session = await desk.user('otto');
      const answer = await desk.ask('DELETE', '/session', { session });
      expect(answer.status).toBe(204);
      expect(answer.headers['set-cookie']).toContain('Max-Age=0');
      expect((await me(session)).body).toMatchObject({ status: 401, code: 'unauthenticated' });
    });

    test('lasts as long as it is used, but not for ever', async () => {
      const session = await desk.user('ida');
      const begun = desk.clock.now();
      desk.clock.pass(IDLE - 1);
      expect((await me(session)).status).toBe(200);
      desk.clock.pass(IDLE - 1);
      expect((await me(session)).status).toBe(200);
      while (desk.clock.now() - begun < LONGEST - IDLE) {
        desk.clock.pass(IDLE - 1);
        expect((await me(session)).status).toBe(200);
      }
      desk.clock.pass(begun + LONGEST - desk.clock.now() - 1);
      expect((await me(session)).status).toBe(200);
      desk.clock.pass(1);
      expect((await me(session)).status).toBe(401);
    });

    test('ends when it is not used', async () => {
      const session = await desk.user('emil');
      desk.clock.pass(IDLE);
      expect((await me(session)).status).toBe(401);
    });

    test('keeps my language and name', async () => {
      const session = await desk.user('lena');
      const { body } = await desk.ask('PATCH', '/session', {
        session,
        body: { language: 'de', displayName: 'Lena L' },
      });
      expect(body).toMatchObject({ language: 'de', displayName: 'Lena L' });
      await desk.ask('PATCH', '/session', { session, body: {} });
      expect((await me(session)).body).toMatchObject({ language: 'de', displayName: 'Lena L' });
      const refused = await desk.ask('PATCH', '/session', {
        session,
        body: { language: 'fr', role: 'admin' },
      });
      expect(refused.body.errors.map((fault: { path: string }) => fault.path).sort()).toEqual([
        'language',
        'role',
      ]);
    });

    test('of a key has no profile and no password', async () => {
      const key = await desk.key();
      expect((await desk.ask('PATCH', '/session', { key, body: { language: 'de' } })).body.code).toBe(
        'forbidden',
      );
      expect((await desk.ask('PUT', '/session/password', { key, body: { password } })).body.code).toBe(
        'forbidden',
      );
    });
  });

  describe('a sign-in link', () => {
    const invite = async (name: string) => {
      const made = await desk.ask('POST', '/users', {
        key: await desk.key(),
        body: { name, role: 'viewer' },
      });
      return tokenIn(made.body.signInLink);
    };

    test('works once', async () => {
      const token = await invite('once');
      expect((await desk.ask('POST', '/session', { body: { token } })).status).toBe(200);
      const second = await desk.ask('POST', '/session', { body: { token } });
      expect(second.body).toMatchObject({ status: 401, code: 'invalid_credentials' });
      expect(second.session).toBeUndefined();
    });

    test('works once when many use it at once, through two processes', async () => {
      const token = await invite('race');
      const other = new FrontDesk(desk.store, desk.clock);
      const answers = await Promise.all(
        [desk, other, desk, other, desk, other].map((at) => at.ask('POST', '/session', { body: { token } })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401, 401]);
    });

    test('expires', async () => {
      const token = await invite('late');
      desk.clock.pass(linkLifetime.sent);
      expect((await desk.ask('POST', '/session', { body: { token } })).status).toBe(401);
    });

    test('uses up the others of the same user', async () => {
      const key = await desk.key();
      const { body } = await desk.ask('POST', '/users', { key, body: { name: 'two', role: 'viewer' } });
      const again = await desk.ask('POST', `/users/${body.id}/sign-in-link`, { key });
      expect(again.body.signInLink).toMatch(/^http:\/\/localhost:80\/diary\/sign-in#token=dbl_/);
      await desk.ask('POST', '/session', { body: { token: tokenIn(again.body.signInLink) } });
      const old = await desk.ask('POST', '/session', { body: { token: tokenIn(body.signInLink) } });
      expect(old.status).toBe(401);
    });

    test.each(['', 'x', 'dbl_', 'x'.repeat(101)])('%j is none', async (token) => {
      const { status } = await desk.ask('POST', '/session', { body: { token }, ip: '10.9.9.9' });
      expect([400, 401]).toContain(status);
    });
  });

  describe('a password', () => {
    const signIn = (name: string, said: string, ip?: string) =>
      desk.ask('POST', '/session', { body: { name, password: said }, ...(ip !== undefined && { ip }) });

    test('lets me in, whatever the case of my name', async () => {
      await desk.user('paul', { password });
      expect((await signIn('paul', password)).body).toMatchObject({ name: 'paul', hasPassword: true });
      expect((await signIn(' Paul ', password)).status).toBe(200);
    });

    test('is stored as argon2id with the parameters of OWASP', async () => {
      await desk.user('olga', { password });
      const row = await desk.store.read
        .selectFrom('users')
        .selectAll()
        .where('name', '=', 'olga')
        .executeTakeFirst();
      expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    });

    test('that is wrong, of nobody or of somebody without one is refused in the same words', async () => {
      await desk.user('nopassword');
      const ip = '10.1.0.1';
      const answers = [
        await signIn('paul', `${password}r`, ip),
        await signIn('nobody', password, ip),
        await signIn('nopassword', '', ip),
      ];
      const shown = answers.map(({ status, body: { requestId: _, ...rest } }) => [status, rest]);
      expect(shown[0]).toEqual([401, expect.objectContaining({ code: 'invalid_credentials' })]);
      expect(shown[1]).toEqual(shown[0]);
      expect(shown[2]).toEqual(shown[0]);
    });

    test('is changed by whoever knows it, and ends the other sessions', async () => {
      const session = await desk.user('rosa', { password });
      const elsewhere = (await signIn('rosa', password)).session as string;
      const change = (body: object) => desk.ask('PUT', '/session/password', { session, body });
      const wrong = await change({ password: 'another password' });
      expect(wrong.body).toMatchObject({ status: 400, errors: [{ path: 'current' }] });
      expect((await change({ password: 'another password', current: 'guess guess' })).status).toBe(400);
      expect((await change({ password: 'short', current: password })).body.errors[0].path).toBe('password');
      expect((await change({ password: 'another password', current: password })).status).toBe(204);
      expect((await me(session)).status).toBe(200);
      expect((await me(elsewhere)).status).toBe(401);
      expect((await signIn('rosa', password, '10.1.0.2')).status).toBe(401);
      expect((await signIn('rosa', 'another password', '10.1.0.2')).status).toBe(200);
    });

    test('typed with other code points for the same letters is the same', async () => {
      await desk.user('umlaut', { password: 'Käsebrötchen!' });
      expect((await signIn('umlaut', 'Ka\u0308sebro\u0308tchen!')).status).toBe(200);
    });

    test('is guessed more and more slowly', async () => {
      await desk.user('gina', { password });
      const guess = async () => (await signIn('gina', 'wrong wrong', '10.2.0.1')).status;
      for (let i = 0; i < 5; i++) expect(await guess()).toBe(401);
      const refused = await signIn('gina', password, '10.2.0.2');
      expect(refused.body).toMatchObject({ status: 429, code: 'rate_limited', retryAfter: 1 });
      expect(refused.headers['retry-after']).toBe('1');
      desk.clock.pass(1_000);
      expect(await guess()).toBe(401);
      desk.clock.pass(1_000);
      expect(await guess()).toBe(429);
      desk.clock.pass(1_000);
      expect((await signIn('gina', password, '10.2.0.2')).status).toBe(200);
      expect(await guess()).toBe(401);
    });

    test('of many names is guessed slowly from one address, and from a network of IPv6', async () => {
      for (let i = 0; i < 20; i++) await signIn(`guess${i}`, 'wrong wrong', `2001:db8:0:1::${i}`);
      expect((await signIn('guess99', 'wrong wrong', '2001:db8:0:1:ffff::1')).status).toBe(429);
      expect((await signIn('guess99', 'wrong wrong', '2001:db8:0:2::1')).status).toBe(401);
    });

    test('tried a hundred times at once is tried a few times', async () => {
      await desk.user('flood', { password });
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, i) => signIn('flood', 'wrong wrong', `10.3.0.${i}`)),
      );
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    });
  });

  describe('the first start', () => {
    test('makes one admin and a link, however many processes start at once', async () => {
      const database = await newDatabase();
      const fresh = new FrontDesk(database.open());
      const other = database.open();
      const links = await Promise.all([
        firstSignIn(fresh.store, fresh.clock, { loopback: false }),
        firstSignIn(other, fresh.clock, { loopback: false }),
      ]);
      const first = links.filter((link) => link?.first);
      expect(first).toHaveLength(1);
      const users = await fresh.store.read.selectFrom('users').select(['name', 'role']).execute();
      expect(users).toEqual([{ name: 'admin', role: 'admin' }]);

      const signedIn = await fresh.ask('POST', '/session', { body: { token: first[0]?.token } });
      expect(signedIn.body).toMatchObject({ name: 'admin', role: 'admin', projects: ['*'] });

      const start = (loopback: boolean) => firstSignIn(fresh.store, fresh.clock, { loopback });
      expect(await start(false)).toBeUndefined();
      expect(await start(true)).toMatchObject({ first: false });
      const session = signedIn.session as string;
      await fresh.ask('PUT', '/session/password', { session, body: { password } });
      expect(await start(true)).toBeUndefined();
    });

    test('makes nobody where somebody is', async () => {
      const database = await newDatabase();
      const fresh = new FrontDesk(database.open());
      await fresh.user('somebody');
      expect(await firstSignIn(fresh.store, fresh.clock, { loopback: true })).toBeUndefined();
    });
  });
});
