import { DaybookError, limits } from '@daybook/core';
import type { Kysely } from 'kysely';
import { type ApiKey, createKey, listKeys, revokeKey } from '../../access/keys.ts';
import { type Actor, keyOf } from '../../actor.ts';
import type { Clock } from '../../clock.ts';
import type { Database, Store } from '../../storage/index.ts';

/** A key as this surface writes it; `key` is whole only where it was just made. */
export interface WireKey {
  readonly id: number;
  readonly key: string;
  readonly note: string | null;
  /** Who made it, if that was a person. */
  readonly user_id: number | null;
  readonly created_at: string;
  readonly expired: boolean;
}

/** Makes the key of a provider of its own, named after the note. */
export async function createWireKey(
  store: Store,
  clock: Clock,
  actor: Actor,
  note: string | undefined,
): Promise<WireKey> {
  const { key, record } = await createKey(store, clock, actor.label, {
    name: nameFrom(note),
    role: 'provider',
    madeByKey: keyOf(actor),
    ...(note !== undefined && { note }),
  });
  return { ...wireKey(record, await userIds(store.read, [record]), clock.now()), key };
}

/** All keys, in the order in which they were made. */
export async function listWireKeys(db: Kysely<Database>, now: number): Promise<WireKey[]> {
  const keys: ApiKey[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, nextCursor } = await listKeys(db, {
      limit: limits.pageSize,
      ...(cursor !== undefined && { cursor }),
    });
    keys.push(...items);
    if (nextCursor === undefined) break;
    cursor = nextCursor;
  }
  const users = await userIds(db, keys);
  return keys.reverse().map((key) => wireKey(key, users, now));
}

/** Makes a key worthless from now on; once more changes nothing. Throws `not_found`. */
export async function expireWireKey(store: Store, clock: Clock, actor: Actor, id: number): Promise<WireKey> {
  await revokeKey(store, clock, actor.label, id);
  const found = (await listWireKeys(store.read, clock.now())).find((key) => key.id === id);
  if (found === undefined) throw new DaybookError('not_found', `There is no key ${id}.`);
  return found;
}

/** A key's name is one line. */
function nameFrom(note: string | undefined): string {
  const line = (note ?? '').replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return line.slice(0, limits.tag).toWellFormed() || 'tracker';
}

function wireKey(key: ApiKey, users: ReadonlyMap<string, number>, now: number): WireKey {
  return {
    id: key.id,
    key: `${key.prefix}…`,
    note: key.note,
    user_id: users.get(key.createdBy ?? '') ?? null,
    created_at: key.createdAt,
    expired: key.revokedAt !== null || (key.expiresAt !== null && Date.parse(key.expiresAt) <= now),
  };
}

/** Labels of who made keys (`user:doea`) → their numbers. */
async function userIds(db: Kysely<Database>, keys: readonly ApiKey[]): Promise<Map<string, number>> {
  const labels = new Set(keys.flatMap(({ createdBy }) => (createdBy?.startsWith('user:') ? createdBy : [])));
  if (labels.size === 0) return new Map();
  const rows = await db
    .selectFrom('users')
    .select(['id', 'name'])
    .where(
      'name',
      'in',
      [...labels].map((each) => each.slice('user:'.length)),
    )
    .execute();
  return new Map(rows.map((row) => [`user:${row.name}`, row.id]));
}
