import { DaybookError, type Role, type Scope } from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import type { Actor } from '../actor.ts';
import type { Database, UsersTable } from '../storage/index.ts';
import { grantedProjects, scopeOf } from './scopes.ts';
import { hashSecret, isWhole, secretKinds } from './secrets.ts';

/** A credential that is good: whose it is, until when, and when its use was last written down. */
export interface Identity {
  readonly actor: Actor;
  /** Milliseconds since 1970; infinity for never. */
  readonly expiresAt: number;
}

export interface KeyIdentity extends Identity {
  readonly keyId: number;
  readonly lastUsedAt: number;
}

export interface SessionIdentity extends Identity {
  readonly hash: string;
  readonly createdAt: number;
}

/** Whose API key this is. Throws `invalid_credentials`, `key_revoked`, `key_expired`. */
export async function keyIdentity(db: Kysely<Database>, key: string, now: number): Promise<KeyIdentity> {
  if (key.startsWith(secretKinds.key) && !isWhole(key))
    throw new DaybookError(
      'invalid_credentials',
      'This API key has a slip in it: a letter is missing or wrong.',
    );
  const row = await db
    .selectFrom('api_keys')
    .leftJoin('providers', 'providers.id', 'api_keys.provider_id')
    .selectAll('api_keys')
    .select('providers.name as provider')
    .where('api_keys.hash', '=', hashSecret(key))
    .executeTakeFirst();
  if (row === undefined) throw new DaybookError('invalid_credentials', 'This API key is not known.');
  if (row.revoked_at !== null)
    throw new DaybookError('key_revoked', `The API key ${row.prefix}… was revoked.`);
  if (row.expires_at !== null && row.expires_at <= now) throw expiredKey(row.prefix);
  const projects = await grantedProjects(db, { keyId: row.id });
  return {
    keyId: row.id,
    lastUsedAt: row.last_used_at ?? 0,
    expiresAt: row.expires_at ?? Number.POSITIVE_INFINITY,
    actor: {
      kind: 'key',
      id: row.id,
      label: `key:${row.name}`,
      name: row.name,
      displayName: row.name,
      role: row.role as Role,
      providerId: row.provider_id,
      providerName: row.provider,
      scope: scopeOf({ role: row.role as Role, providerId: row.provider_id, projects, customers: [] }),
    },
  };
}

function expiredKey(prefix: string): DaybookError {
  return new DaybookError('key_expired', `The API key ${prefix}… has expired.`);
}

/** Whose session this is. Throws `unauthenticated`. */
export async function sessionIdentity(
  db: Kysely<Database>,
  token: string,
  now: number,
): Promise<SessionIdentity> {
  const hash = hashSecret(token);
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .leftJoin('providers', 'providers.id', 'users.provider_id')
    .selectAll('users')
    .select(['providers.name as provider', 'sessions.expires_at', 'sessions.created_at as begun_at'])
    .where('sessions.hash', '=', hash)
    .executeTakeFirst();
  if (row === undefined || row.expires_at <= now || row.disabled_at !== null)
    throw new DaybookError('unauthenticated', 'Your session has ended. Sign in again.');
  return {
    hash,
    createdAt: row.begun_at,
    expiresAt: row.expires_at,
    actor: await actorOfUser(db, row),
  };
}

/** Who a user is now, without a session: for what Daybook does for them. Undefined for one that is disabled or gone. */
export async function userActor(db: Kysely<Database>, id: number): Promise<Actor | undefined> {
  const row = await db
    .selectFrom('users')
    .leftJoin('providers', 'providers.id', 'users.provider_id')
    .selectAll('users')
    .select('providers.name as provider')
    .where('users.id', '=', id)
    .where('users.disabled_at', 'is', null)
    .executeTakeFirst();
  return row && (await actorOfUser(db, row));
}

async function actorOfUser(
  db: Kysely<Database>,
  row: Pick<Selectable<UsersTable>, 'id' | 'name' | 'display_name' | 'role' | 'provider_id'> & {
    provider: string | null;
  },
): Promise<Actor> {
  const role = row.role as Role;
  return {
    kind: 'user',
    id: row.id,
    label: `user:${row.name}`,
    name: row.name,
    displayName: row.display_name,
    role,
    providerId: row.provider_id,
    providerName: row.provider,
    scope: scopeOf({
      role,
      providerId: row.provider_id,
      projects: await grantedProjects(db, { userId: row.id }),
      customers: role === 'customer' ? await customersOf(db, row.id) : [],
    }),
  };
}

async function customersOf(db: Kysely<Database>, userId: number): Promise<Scope['customers']> {
  const rows = await db
    .selectFrom('customers')
    .select(['provider_id', 'customer'])
    .where('user_id', '=', userId)
    .execute();
  return rows.map((row) => ({ providerId: row.provider_id, customer: row.customer }));
}
