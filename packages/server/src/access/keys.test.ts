import { DaybookError, type Fault } from '@daybook/core';
import { beforeAll, expect, test } from 'vitest';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { createKey, listKeys, type NewKey, revokeKey } from './keys.ts';
import { hashSecret, isWhole, newSecret } from './secrets.ts';
import { TestClock } from './testing/test-clock.ts';

test('secrets carry their kind and notice a slip', () => {
  const key = newSecret('key');
  expect(key).toMatch(/^dbk_[\w-]{49}$/);
  expect(isWhole(key)).toBe(true);
  for (const slip of [key.slice(1), `${key}x`, key.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A'))])
    expect(isWhole(slip)).toBe(false);
  const middle = key[20] === 'x' ? 'y' : 'x';
  expect(isWhole(key.slice(0, 20) + middle + key.slice(21))).toBe(false);
});

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  const clock = new TestClock();
  beforeAll(async () => {
    store = (await newDatabase()).open();
  });
  const create = (input: NewKey) => createKey(store, clock, 'user:boss', input);
  const faults = async (input: NewKey): Promise<readonly Fault[]> => {
    const error = await create(input).catch((reason: unknown) => reason);
    if (error instanceof DaybookError) return error.faults;
    throw new Error('nothing was refused', { cause: error });
  };

  test('a key is listed without itself, and only its hash is stored', async () => {
    const expiresAt = clock.now() + 60_000;
    const { key, record } = await create({
      name: 'dash',
      role: 'viewer',
      projects: ['b', 'a'],
      expiresAt,
      note: 'wall',
    });
    expect(record).toEqual({
      id: record.id,
      name: 'dash',
      role: 'viewer',
      prefix: key.slice(0, 12),
      provider: null,
      projects: ['a', 'b'],
      note: 'wall',
      createdAt: '2026-03-01T12:00:00.000Z',
      createdBy: 'user:boss',
      expiresAt: '2026-03-01T12:01:00.000Z',
      lastUsedAt: null,
      revokedAt: null,
    });
    const row = await store.read
      .selectFrom('api_keys')
      .selectAll()
      .where('id', '=', record.id)
      .executeTakeFirst();
    expect(row?.hash).toBe(hashSecret(key));
    expect(JSON.stringify(row)).not.toContain(key.slice(12));
  });

  test('a provider is nobody else unless it says so', async () => {
    const first = await create({ name: 'ci', role: 'provider' });
    const second = await create({ name: 'ci', role: 'provider' });
    const shared = await create({ name: 'ci2', role: 'provider', provider: 'ci' });
    expect([first, second, shared].map(({ record }) => record.provider)).toEqual(['ci', 'ci-2', 'ci']);
  });

  test('two at once with the same name stay two providers', async () => {
    const made = await Promise.all(
      Array.from({ length: 5 }, () => create({ name: 'twin', role: 'provider' })),
    );
    expect(new Set(made.map(({ record }) => record.provider)).size).toBe(5);
  });

  test('what does not fit is refused, all of it at once', async () => {
    const past = clock.now();
    expect((await faults({ name: '', role: 'viewer', expiresAt: past })).map(({ path }) => path)).toEqual([
      'name',
      'projects',
      'expiresAt',
    ]);
    expect((await faults({ name: 'x', role: 'editor', projects: [] })).map(({ path }) => path)).toEqual([
      'projects',
    ]);
    expect((await faults({ name: 'x', role: 'viewer', projects: ['*'], provider: 'p' }))[0]?.path).toBe(
      'provider',
    );
    expect((await faults({ name: 'x', role: 'provider', projects: ['*'] }))[0]?.path).toBe('projects');
  });

  test('lists come in pages, the newest first', async () => {
    for (const name of ['p1', 'p2', 'p3']) await create({ name, role: 'admin' });
    const first = await listKeys(store.read, { limit: 2 });
    expect(first.items.map(({ name }) => name)).toEqual(['p3', 'p2']);
    const next = await listKeys(store.read, { limit: 1, cursor: first.nextCursor as string });
    expect(next.items.map(({ name }) => name)).toEqual(['p1']);
    const all = await listKeys(store.read, { limit: 500 });
    expect(all.nextCursor).toBeUndefined();
  });

  test('revoking is for good, says who, and may be said twice', async () => {
    const { key, record } = await create({ name: 'gone', role: 'admin' });
    await revokeKey(store, clock, 'user:boss', record.id);
    clock.pass(1_000);
    await revokeKey(store, clock, 'user:late', record.id);
    const { items } = await listKeys(store.read, { limit: 500 });
    expect(items.find(({ id }) => id === record.id)?.revokedAt).toBe('2026-03-01T12:00:00.000Z');
    const audit = await store.read
      .selectFrom('audit')
      .selectAll()
      .where('subject', '=', 'key:gone')
      .execute();
    expect(audit.map(({ actor, action }) => [actor, action])).toEqual([
      ['user:boss', 'key.create'],
      ['user:boss', 'key.revoke'],
    ]);
    expect(JSON.stringify(audit)).not.toContain(key.slice(12));
    await expect(revokeKey(store, clock, 'x', 999_999)).rejects.toMatchObject({ code: 'not_found' });
  });
});
