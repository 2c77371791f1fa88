import { DaybookError, isoInstant, label, languages, limits, type Role, roles, toIso } from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { decodeCursor, encodeCursor } from '../paging.ts';
import type { Database, Store, Transaction, UsersTable } from '../storage/index.ts';
import { record } from './audit.ts';
import { takesProjects } from './keys.ts';
import { ownProvider } from './providers.ts';
import { revokeMade } from './revoke-made.ts';
import { grant, grantsOf } from './scopes.ts';
import { endSessionsOf } from './sessions.ts';
import { dropSignInLinks, linkLifetime, makeSignInLink, type SignInLink } from './sign-in-links.ts';

/** A user as admins see them. */
export const userSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    displayName: z.string(),
    role: z.enum(roles),
    projects: z.array(z.string()).meta({ description: 'For viewer and editor; `*` is all' }),
    provider: z.string().nullable().meta({ description: 'Whose jobs they produce' }),
    language: z.enum(languages).nullable(),
    hasPassword: z.boolean(),
    disabled: z.boolean(),
    createdAt: isoInstant,
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof userSchema>;

/** Names of users are the same in upper and lower case; an e-mail address is one too. */
export const userName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@+-]{0,99}$/, 'must be letters, digits and . _ @ + - (at most 100)');

const projects = z.array(label(limits.tag)).max(1_000);

export const newUserSchema = z
  .strictObject({
    name: userName,
    displayName: label(limits.tag).optional(),
    role: z.enum(roles),
    projects: projects.optional(),
  })
  .meta({ id: 'UserCreate' });
export type NewUser = z.infer<typeof newUserSchema>;

export const userPatchSchema = z
  .strictObject({
    displayName: label(limits.tag).optional(),
    role: z.enum(roles).optional(),
    projects: projects.optional(),
    disabled: z.boolean().optional(),
  })
  .meta({ id: 'UserPatch' });
export type UserPatch = z.infer<typeof userPatchSchema>;

/** Makes a user and the link to sign in with. Throws `already_exists`. */
export async function createUser(
  store: Store,
  clock: Clock,
  by: string,
  input: NewUser,
): Promise<{ user: User; link: SignInLink }> {
  const now = clock.now();
  refuseProjects(input.role, input.projects);
  const made = await store.write(async (transaction) => {
    const id = await insertUser(transaction, input, now);
    if (input.projects !== undefined) await grant(transaction, { userId: id }, input.projects);
    await record(transaction, {
      at: now,
      actor: by,
      action: 'user.create',
      subject: `user:${input.name}`,
      detail: { id, role: input.role, ...(input.projects && { projects: input.projects }) },
    });
    return { id, link: await makeSignInLink(transaction, id, now, linkLifetime.sent) };
  });
  return { user: await userById(store.read, made.id), link: made.link };
}

function refuseProjects(role: Role, given: readonly string[] | undefined): void {
  if (given === undefined || given.length === 0 || takesProjects(role)) return;
  const message = `is for viewer and editor; a user of role ${role} takes none`;
  throw new DaybookError('invalid_request', undefined, { faults: [{ path: 'projects', message }] });
}

/** Inserts a user; a provider is one of their own unless `providerId` names one. Throws `already_exists`. */
export async function insertUser(
  transaction: Transaction,
  input: NewUser & { providerId?: number; passwordHash?: string },
  now: number,
): Promise<number> {
  const [made] = await transaction.db
    .insertInto('users')
    .values({
      name: input.name,
      display_name: input.displayName ?? input.name,
      email: null,
      role: input.role,
      provider_id: input.providerId ?? 0,
      password_hash: input.passwordHash ?? null,
      language: null,
      disabled_at: null,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .execute();
  if (made === undefined) throw new DaybookError('already_exists', `There is a user ${input.name} already.`);
  if (input.role === 'provider' && (input.providerId ?? 0) === 0)
    await giveProvider(transaction, made.id, input.name, now);
  return made.id;
}

async function giveProvider(transaction: Transaction, id: number, name: string, now: number): Promise<void> {
  const provider_id = await ownProvider(transaction, name, now);
  await transaction.db.updateTable('users').set({ provider_id }).where('id', '=', id).execute();
}

/**
 * Changes a user. Whoever is disabled is signed out; whoever is, or gets another role than admin, loses the keys, links
 * and invitations that they and those keys made. Throws `not_found`, and `conflict` where no admin would be left.
 */
export async function updateUser(
  store: Store,
  clock: Clock,
  by: string,
  id: number,
  patch: UserPatch,
): Promise<User> {
  const now = clock.now();
  await store.write(async (transaction) => {
    await lockAdmins(transaction);
    const user = await transaction.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
    if (user === undefined) throw missing(id);
    const role = patch.role ?? (user.role as Role);
    refuseProjects(role, patch.projects);
    await saveUser(transaction, user, role, patch, now);
    if (patch.projects !== undefined || !takesProjects(role))
      await grant(transaction, { userId: id }, patch.projects ?? []);
    if (patch.disabled) await shutOut(transaction, id);
    // Whoever leaves must leave no back door, nor may what a role let them make outlast it.
    if (patch.disabled || (role !== user.role && role !== 'admin'))
      await revokeMade(transaction, by, { label: `user:${user.name}` }, now);
    if (user.role === 'admin' && user.disabled_at === null) await refuseWithoutAdmin(transaction);
    await record(transaction, {
      at: now,
      actor: by,
      action: 'user.update',
      subject: `user:${user.name}`,
      detail: { id, ...patch },
    });
  });
  return await userById(store.read, id);
}

async function saveUser(
  transaction: Transaction,
  user: Selectable<UsersTable>,
  role: Role,
  patch: UserPatch,
  now: number,
): Promise<void> {
  const disabled = patch.disabled ?? user.disabled_at !== null;
  await transaction.db
    .updateTable('users')
    .set({
      display_name: patch.displayName ?? user.display_name,
      role,
      disabled_at: disabled ? (user.disabled_at ?? now) : null,
    })
    .where('id', '=', user.id)
    .execute();
  if (role === 'provider' && user.provider_id === 0) await giveProvider(transaction, user.id, user.name, now);
}

/** Ends all by which a user still gets in. */
async function shutOut(transaction: Transaction, id: number): Promise<void> {
  await endSessionsOf(transaction, id);
  await dropSignInLinks(transaction, id);
}

/** Two admins who demote each other at once would leave none: writing the rows makes one wait for the other. */
async function lockAdmins({ db }: Transaction): Promise<void> {
  await db.updateTable('users').set({ role: 'admin' }).where('role', '=', 'admin').execute();
}

async function refuseWithoutAdmin({ db }: Transaction): Promise<void> {
  const left = await db
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'admin')
    .where('disabled_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (left === undefined)
    throw new DaybookError('conflict', 'Somebody must stay admin. Make another user an admin first.');
}

/** A new link for a user, say because they forgot their password. Throws `not_found`, `conflict` for a disabled one. */
export async function inviteUser(store: Store, clock: Clock, by: string, id: number): Promise<SignInLink> {
  const now = clock.now();
  return await store.write(async (transaction) => {
    const user = await transaction.db
      .selectFrom('users')
      .select(['name', 'disabled_at'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (user === undefined) throw missing(id);
    if (user.disabled_at !== null) throw new DaybookError('conflict', `${user.name} is disabled.`);
    await record(transaction, { at: now, actor: by, action: 'user.invite', subject: `user:${user.name}` });
    return await makeSignInLink(transaction, id, now, linkLifetime.sent);
  });
}

/** A page of users by name, those disabled among them. */
export async function listUsers(
  db: Kysely<Database>,
  page: { limit: number; cursor?: string },
): Promise<{ items: User[]; nextCursor?: string }> {
  const after = page.cursor === undefined ? undefined : nameAfter(page.cursor);
  const rows = await usersWithProviders(db)
    .$if(after !== undefined, (query) => query.where('users.name', '>', after as string))
    .orderBy('users.name')
    .limit(page.limit + 1)
    .execute();
  const shown = rows.slice(0, page.limit);
  const granted = await grantsOf(
    db,
    'user_id',
    shown.map((row) => row.id),
  );
  const last = shown.at(-1);
  return {
    items: shown.map((row) => userOf(row, granted.get(row.id) ?? [])),
    ...(rows.length > shown.length && last && { nextCursor: encodeCursor('users', [last.name]) }),
  };
}

function nameAfter(cursor: string): string {
  const name = userName.safeParse(decodeCursor('users', cursor, ['text'])[0]);
  if (!name.success) throw new DaybookError('invalid_cursor');
  return name.data;
}

/** One user. Throws `not_found`. */
export async function userById(db: Kysely<Database>, id: number): Promise<User> {
  const row = await usersWithProviders(db).where('users.id', '=', id).executeTakeFirst();
  if (row === undefined) throw missing(id);
  const granted = await grantsOf(db, 'user_id', [id]);
  return userOf(row, granted.get(id) ?? []);
}

function usersWithProviders(db: Kysely<Database>) {
  return db
    .selectFrom('users')
    .leftJoin('providers', 'providers.id', 'users.provider_id')
    .selectAll('users')
    .select('providers.name as provider');
}

function userOf(row: Selectable<UsersTable> & { provider: string | null }, projects: string[]): User {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    role: row.role as Role,
    projects,
    provider: row.provider,
    language: row.language as User['language'],
    hasPassword: row.password_hash !== null,
    disabled: row.disabled_at !== null,
    createdAt: toIso(row.created_at),
  };
}

function missing(id: number): DaybookError {
  return new DaybookError('not_found', `There is no user ${id}.`);
}
