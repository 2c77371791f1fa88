import {
  DaybookError,
  faultsOf,
  isoInstant,
  label,
  limits,
  plainSentence,
  prose,
  roles,
  toIso,
} from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { ApiKeysTable, Database, Store, Transaction } from '../storage/index.ts';
import { record } from './audit.ts';
import { idBelow, pageOf } from './id-cursor.ts';
import { ownProvider, providerNamed } from './providers.ts';
import { revokeLinks } from './revoke-made.ts';
import { grant, grantsOf } from './scopes.ts';
import { hashSecret, newSecret, SHOWN } from './secrets.ts';

/** Roles of a key. Customers are people: the jobs that name them are listed by user. */
export const keyRoles = roles.filter((role) => role !== 'customer');
export type KeyRole = (typeof keyRoles)[number];

/** Roles that see the projects they are granted. */
export function takesProjects(role: string): boolean {
  return role === 'viewer' || role === 'editor';
}

/** An API key as it is listed; the key itself is shown once, when it is made. */
export const apiKeySchema = z
  .object({
    id: z.int(),
    name: z.string(),
    role: z.enum(keyRoles as [KeyRole, ...KeyRole[]]),
    prefix: z.string().meta({ description: 'How the key begins, to tell keys apart' }),
    provider: z.string().nullable().meta({ description: 'Whose jobs it produces' }),
    projects: z.array(z.string()).meta({ description: 'For viewer and editor; `*` is all' }),
    note: z.string().nullable(),
    createdAt: isoInstant,
    createdBy: z.string().nullable(),
    expiresAt: isoInstant.nullable(),
    lastUsedAt: isoInstant.nullable().meta({ description: 'To the minute' }),
    revokedAt: isoInstant.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKeySchema>;

/** What a key is made of. */
export interface NewKey {
  readonly name: string;
  readonly role: KeyRole;
  /** Projects that a viewer or editor sees; `['*']` is all. Required for them, refused for others. */
  readonly projects?: readonly string[];
  /** Whose jobs a provider's (or admin's) key produces; a provider's key is its own provider if it names none. */
  readonly provider?: string;
  /** Milliseconds since 1970; never when left out. */
  readonly expiresAt?: number;
  readonly note?: string;
  /** The key that makes it, if one does. */
  readonly madeByKey?: number | null;
}

const newKeySchema = z.object({
  name: label(limits.tag),
  provider: label(limits.tag).optional(),
  projects: z.array(label(limits.tag)).optional(),
  note: prose(limits.shortText).optional(),
});

/**
 * Makes an API key. `by` is the label of who asks for it.
 *
 * @returns the key, to be shown once, and how it is listed
 * @throws DaybookError `invalid_request` with every fault
 * @example const { key } = await createKey(store, systemClock, 'command', { name: 'ci', role: 'provider' });
 */
export async function createKey(
  store: Store,
  clock: Clock,
  by: string,
  input: NewKey,
): Promise<{ key: string; record: ApiKey }> {
  const now = clock.now();
  refuseFaults(input, now);
  const key = newSecret('key');
  const id = await store.write(async (transaction) => {
    const id = await insertKey(transaction, key, by, input, now);
    if (input.projects) await grant(transaction, { keyId: id }, input.projects);
    const { name, role, projects, provider, expiresAt } = input;
    await record(transaction, {
      at: now,
      actor: by,
      action: 'key.create',
      subject: `key:${name}`,
      detail: {
        id,
        role,
        ...(projects && { projects }),
        ...(provider && { provider }),
        ...(expiresAt !== undefined && { expiresAt: toIso(expiresAt) }),
      },
    });
    return id;
  });
  const [made] = await findKeys(store.read, { id });
  return { key, record: made as ApiKey };
}

function refuseFaults(input: NewKey, now: number): void {
  const faults = faultsOf(newKeySchema.safeParse(input, { error: plainSentence }).error?.issues ?? []);
  const { role, projects, provider, expiresAt } = input;
  if (takesProjects(role) && (projects === undefined || projects.length === 0))
    faults.push({ path: 'projects', message: `name what a key of role ${role} may see; ["*"] is all` });
  if (!takesProjects(role) && projects !== undefined)
    faults.push({ path: 'projects', message: `is for viewer and editor; a key of role ${role} takes none` });
  if (provider !== undefined && role !== 'provider' && role !== 'admin')
    faults.push({ path: 'provider', message: `a key of role ${role} produces no jobs` });
  if (expiresAt !== undefined && expiresAt <= now)
    faults.push({ path: 'expiresAt', message: 'must be in the future' });
  if (faults.length > 0) throw new DaybookError('invalid_request', undefined, { faults });
}

async function insertKey(
  transaction: Transaction,
  key: string,
  by: string,
  input: NewKey,
  now: number,
): Promise<number> {
  const { id } = await transaction.db
    .insertInto('api_keys')
    .values({
      name: input.name,
      prefix: key.slice(0, SHOWN),
      hash: hashSecret(key),
      role: input.role,
      provider_id: await providerOf(transaction, input, now),
      note: input.note ?? null,
      created_by: by,
      made_by_key: input.madeByKey ?? null,
      created_at: now,
      expires_at: input.expiresAt ?? null,
      revoked_at: null,
      last_used_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

async function providerOf(transaction: Transaction, input: NewKey, now: number): Promise<number> {
  if (input.provider !== undefined) return await providerNamed(transaction, input.provider, now);
  return input.role === 'provider' ? await ownProvider(transaction, input.name, now) : 0;
}

/** A page of keys (of one provider), the newest first, those that were revoked among them. */
export async function listKeys(
  db: Kysely<Database>,
  page: { limit: number; cursor?: string; providerId?: number | undefined },
): Promise<{ items: ApiKey[]; nextCursor?: string }> {
  const { limit, cursor, providerId } = page;
  const found = await findKeys(db, { before: idBelow('keys', cursor), limit: limit + 1, providerId });
  return pageOf('keys', found, limit);
}

/** Revokes a key (of one provider) for good, and the links and invitations that it made; once more changes nothing. Throws `not_found`. */
export async function revokeKey(
  store: Store,
  clock: Clock,
  by: string,
  id: number,
  providerId?: number,
): Promise<void> {
  const now = clock.now();
  await store.write(async (transaction) => {
    const key = await transaction.db
      .selectFrom('api_keys')
      .select(['name', 'revoked_at'])
      .where('id', '=', id)
      .$if(providerId !== undefined, (query) =>
        query.where('role', '=', 'provider').where('provider_id', '=', providerId as number),
      )
      .executeTakeFirst();
    if (key === undefined) throw new DaybookError('not_found', `There is no key ${id}.`);
    if (key.revoked_at !== null) return;
    await transaction.db.updateTable('api_keys').set({ revoked_at: now }).where('id', '=', id).execute();
    await revokeLinks(transaction, { keyId: id }, now);
    await record(transaction, {
      at: now,
      actor: by,
      action: 'key.revoke',
      subject: `key:${key.name}`,
      detail: { id },
    });
  });
}

type KeyRow = Selectable<ApiKeysTable> & { provider: string | null };

async function findKeys(
  db: Kysely<Database>,
  which: { id?: number; before?: number | undefined; limit?: number; providerId?: number | undefined },
): Promise<ApiKey[]> {
  const rows = await db
    .selectFrom('api_keys')
    .leftJoin('providers', 'providers.id', 'api_keys.provider_id')
    .selectAll('api_keys')
    .select('providers.name as provider')
    .$if(which.id !== undefined, (query) => query.where('api_keys.id', '=', which.id as number))
    .$if(which.before !== undefined, (query) => query.where('api_keys.id', '<', which.before as number))
    .$if(which.providerId !== undefined, (query) =>
      query.where('api_keys.role', '=', 'provider').where('provider_id', '=', which.providerId as number),
    )
    .orderBy('api_keys.id', 'desc')
    .limit(which.limit ?? 1)
    .execute();
  const ids = rows.map((row) => row.id);
  const projects = await grantsOf(db, 'key_id', ids);
  return rows.map((row) => apiKeyOf(row, projects.get(row.id) ?? []));
}

function apiKeyOf(row: KeyRow, projects: string[]): ApiKey {
  return {
    id: row.id,
    name: row.name,
    role: row.role as KeyRole,
    prefix: row.prefix,
    provider: row.provider,
    projects,
    note: row.note,
    createdAt: toIso(row.created_at),
    createdBy: row.created_by,
    expiresAt: isoOrNull(row.expires_at),
    lastUsedAt: isoOrNull(row.last_used_at),
    revokedAt: isoOrNull(row.revoked_at),
  };
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : toIso(ms);
}
