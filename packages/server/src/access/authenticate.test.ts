import { DaybookError, type ErrorCode } from '@daybook/core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../actor.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine, type TestDatabase } from '../storage/testing/engines.ts';
import { Authenticator } from './authenticate.ts';
import { createKey, type NewKey, revokeKey } from './keys.ts';
import { BELIEVED } from './known-credentials.ts';
import { newSecret } from './secrets.ts';
import { TestClock } from './testing/test-clock.ts';

async function refusal(attempt: () => Actor | Promise<Actor>): Promise<ErrorCode> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof DaybookError) return error.code;
    throw error;
  }
  throw new Error('was let in');
}

forEachEngine((_engine, newDatabase) => {
  let database: TestDatabase;
  let store: Store;
  const clock = new TestClock();
  beforeAll(async () => {
    database = await newDatabase();
    store = database.open();
  });

  const made = async (input: Partial<NewKey> = {}) => {
    const { key, record } = await createKey(store, clock, 'test', { name: 'ci', role: 'admin', ...input });
    return { key, id: record.id, bearer: { authorization: `Bearer ${key}` } };
  };

  describe('an API key', () => {
    test('is known by either header', async () => {
      const { key, id, bearer } = await made();
      const authenticator = new Authenticator(store, clock);
      const expected = { kind: 'key', id, label: 'key:ci', role: 'admin', scope: { all: true } };
      expect(await authenticator.authenticate(bearer)).toMatchObject(expected);
      expect(await authenticator.authenticate({ authorization: `bearer  ${key}` })).toMatchObject(expected);
      expect(await authenticator.authenticate({ 'x-api-key': key })).toMatchObject(expected);
      await authenticator.close();
    });

    test('is known at once, without a promise, the second time', async () => {
      const { bearer } = await made();
      const authenticator = new Authenticator(store, clock);
      const first = authenticator.authenticate(bearer);
      expect(first).toBeInstanceOf(Promise);
      expect(authenticator.authenticate(bearer)).toBe(first);
      expect(authenticator.authenticate({ ...bearer })).toBe(first);
      await first;
      expect(authenticator.authenticate(bearer)).not.toBeInstanceOf(Promise);
      await authenticator.close();
    });

    test('goes before a cookie, and a foreign Authorization does not hide it', async () => {
      const { key } = await made({ name: 'first' });
      const authenticator = new Authenticator(store, clock);
      const headers = { authorization: 'Basic Zm9v', 'x-api-key': key, cookie: 'daybook_session=x' };
      expect(await authenticator.authenticate(headers)).toMatchObject({ label: 'key:first' });
      await authenticator.close();
    });

    test('that expires is refused from that moment, remembered or not', async () => {
      const { bearer } = await made({ expiresAt: clock.now() + 500 });
      const authenticator = new Authenticator(store, clock);
      await authenticator.authenticate(bearer);
      clock.pass(499);
      await authenticator.authenticate(bearer);
      clock.pass(1);
      expect(await refusal(() => authenticator.authenticate(bearer))).toBe('key_expired');
      await authenticator.close();
    });

    test('that is revoked here is refused at once', async () => {
      const { bearer, id } = await made();
      const authenticator = new Authenticator(store, clock);
      await authenticator.authenticate(bearer);
      await revokeKey(store, clock, 'test', id);
      authenticator.forget();
      expect(await refusal(() => authenticator.authenticate(bearer))).toBe('key_revoked');
      await authenticator.close();
    });

    test('that is being looked up while it is revoked is not remembered', async () => {
      const { bearer, id } = await made();
      const authenticator = new Authenticator(store, clock);
      const early = authenticator.authenticate(bearer);
      await revokeKey(store, clock, 'test', id);
      authenticator.forget();
      await Promise.allSettled([early]);
      expect(await refusal(() => authenticator.authenticate(bearer))).toBe('key_revoked');
      await authenticator.close();
    });

    test('that another process revokes is refused within two seconds', async () => {
      const { bearer, id } = await made();
      const authenticator = new Authenticator(store, clock);
      await authenticator.authenticate(bearer);
      const other = database.open();
      await revokeKey(other, clock, 'command', id);
      await other.close();
      expect(BELIEVED).toBeLessThan(2_000);
      clock.pass(BELIEVED);
      expect(await refusal(() => authenticator.authenticate(bearer))).toBe('key_revoked');
      await authenticator.close();
    });

    test('is not remembered for longer because the clock was put back', async () => {
      const { bearer, id } = await made();
      const authenticator = new Authenticator(store, clock);
      await authenticator.authenticate(bearer);
      await revokeKey(store, clock, 'command', id);
      clock.pass(-60_000);
      expect(await refusal(() => authenticator.authenticate(bearer))).toBe('key_revoked');
      clock.pass(60_000);
      await authenticator.close();
    });

    test.each([
      ['nothing', {}, 'unauthenticated'],
      ['another scheme', { authorization: 'Basic YTpi' }, 'unauthenticated'],
      ['a scheme alone', { authorization: 'Bearer ' }, 'unauthenticated'],
      ['an unknown key', { authorization: `Bearer ${newSecret('key')}` }, 'invalid_credentials'],
      ['a key cut off', { 'x-api-key': newSecret('key').slice(0, -1) }, 'invalid_credentials'],
      ['words', { authorization: 'Bearer let me in' }, 'invalid_credentials'],
      ['SQL', { 'x-api-key': "' OR 1=1 --" }, 'invalid_credentials'],
      ['a made-up session', { cookie: `daybook_session=${newSecret('session')}` }, 'unauthenticated'],
      ['an empty cookie', { cookie: 'daybook_session=' }, 'unauthenticated'],
      ['a session as a key', { 'x-api-key': newSecret('session') }, 'invalid_credentials'],
    ] as const)('%s is refused', async (_what, headers, code) => {
      const authenticator = new Authenticator(store, clock);
      expect(await refusal(() => authenticator.authenticate(headers))).toBe(code);
    });

    test('has its last use written down at most once a minute', async () => {
      const { bearer, id } = await made();
      const lastUse = async () => {
        const row = await store.read
          .selectFrom('api_keys')
          .select('last_used_at')
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        return row.last_used_at;
      };
      const authenticator = new Authenticator(store, clock);
      const use = async () => {
        await authenticator.authenticate(bearer);
        await authenticator.close();
      };
      expect(await lastUse()).toBeNull();
      const first = clock.now();
      await use();
      expect(await lastUse()).toBe(first);
      clock.pass(59_999);
      await use();
      expect(await lastUse()).toBe(first);
      clock.pass(BELIEVED);
      await use();
      expect(await lastUse()).toBe(first + 59_999 + BELIEVED);
    });
  });

  test('grants and providers become the scope', async () => {
    const authenticator = new Authenticator(store, clock);
    const scope = async (input: Partial<NewKey>) => {
      const { bearer } = await made(input);
      return (await authenticator.authenticate(bearer)).scope;
    };
    const none = { all: false, projects: [], providerId: 0, customers: [] };
    expect(await scope({ role: 'viewer', projects: ['b', 'a', 'a'] })).toEqual({
      ...none,
      projects: ['a', 'b'],
    });
    expect(await scope({ role: 'editor', projects: ['*'] })).toEqual({ ...none, all: true });
    const { providerId } = await scope({ role: 'provider', name: 'solver' });
    expect(providerId).toBeGreaterThan(0);
    expect(await scope({ role: 'provider', name: 'other', provider: 'solver' })).toEqual({
      ...none,
      providerId,
    });
    await authenticator.close();
  });
});
