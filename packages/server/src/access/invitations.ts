import {
  DaybookError,
  type Invitation,
  type InvitationCreate,
  type InvitedRole,
  invitationDays,
  type OpenInvitation,
  toIso,
} from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import { type Actor, keyOf } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Database, InvitationsTable, Store, Transaction } from '../storage/index.ts';
import { record } from './audit.ts';
import { expiryOf } from './expiry.ts';
import { idBelow, pageOf } from './id-cursor.ts';
import { providerNamed } from './providers.ts';
import { hashSecret, newSecret } from './secrets.ts';

/** The address to open; the token is in the fragment, which browsers send to nobody and so reaches no log. */
export function invitationAddress(base: string, token: string): string {
  return `${base.replace(/\/+$/, '')}/diary/invitation#${token}`;
}

/**
 * Makes an invitation; answers its token, to be shown once. A provider invites their own customers, an admin anybody.
 *
 * @throws DaybookError `forbidden`, `invalid_request`
 */
export async function invite(
  store: Store,
  clock: Clock,
  actor: Actor,
  input: InvitationCreate,
): Promise<{ token: string; invitation: Invitation }> {
  const now = clock.now();
  if (actor.role !== 'admin' && (input.role !== 'customer' || isForeign(actor, input.provider)))
    throw new DaybookError('forbidden', 'A provider invites their own customers, and nobody else.');
  const expiresAt = expiryOf(input.expiresAt, now, invitationDays);
  const token = newSecret('invitation');
  const id = await store.write(async (transaction) => {
    const provider = await providerFor(transaction, actor, input, now);
    const { id } = await transaction.db
      .insertInto('invitations')
      .values({
        hash: hashSecret(token),
        role: input.role,
        provider_id: provider,
        customer: input.customer ?? null,
        note: input.note ?? null,
        created_by: actor.label,
        made_by_key: keyOf(actor),
        created_at: now,
        expires_at: expiresAt,
        revoked_at: null,
        accepted_at: null,
        user_id: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await record(transaction, {
      at: now,
      actor: actor.label,
      action: 'invitation.create',
      subject: `invitation:${id}`,
      detail: {
        role: input.role,
        ...(provider !== 0 && { providerId: provider }),
        ...(input.customer !== undefined && { customer: input.customer }),
        expiresAt: toIso(expiresAt),
      },
    });
    return id;
  });
  return { token, invitation: await invitationById(store.read, id, now) };
}

function isForeign(actor: Actor, provider: string | undefined): boolean {
  return provider !== undefined && provider !== actor.providerName;
}

/** Whose customer, or whose jobs; 0 is a provider of their own, made at sign-up. */
async function providerFor(
  transaction: Transaction,
  actor: Actor,
  { role, provider }: InvitationCreate,
  now: number,
): Promise<number> {
  if (role === 'provider') return provider === undefined ? 0 : providerNamed(transaction, provider, now);
  if (provider === undefined && actor.providerId !== 0) return actor.providerId;
  // A slip must make no new provider: its customers would wait for ever.
  const found = await transaction.db
    .selectFrom('providers')
    .select('id')
    .where('name', '=', provider ?? '')
    .executeTakeFirst();
  if (found !== undefined) return found.id;
  const message = provider === undefined ? 'say whose customer' : 'there is no such provider';
  throw new DaybookError('invalid_request', undefined, { faults: [{ path: 'provider', message }] });
}

/** A page of invitations, the newest first: a provider's own, all for an admin. */
export async function listInvitations(
  db: Kysely<Database>,
  actor: Actor,
  page: { limit: number; cursor?: string },
  now: number,
): Promise<{ items: Invitation[]; nextCursor?: string }> {
  const before = idBelow('invitations', page.cursor);
  const rows = await ownInvitations(db, actor)
    .$if(before !== undefined, (query) => query.where('invitations.id', '<', before as number))
    .orderBy('invitations.id', 'desc')
    .limit(page.limit + 1)
    .execute();
  return pageOf(
    'invitations',
    rows.map((row) => invitationOf(row, now)),
    page.limit,
  );
}

/** Makes an invitation worthless; once more changes nothing. Throws `not_found`, `conflict` once it is accepted. */
export async function revokeInvitation(store: Store, clock: Clock, actor: Actor, id: number): Promise<void> {
  const now = clock.now();
  await store.write(async (transaction) => {
    const row = await ownInvitations(transaction.db, actor)
      .where('invitations.id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw new DaybookError('not_found', `There is no invitation ${id}.`);
    if (row.accepted_at !== null)
      throw new DaybookError('conflict', 'It is accepted already. Remove the customer instead.');
    if (row.revoked_at !== null) return;
    await transaction.db.updateTable('invitations').set({ revoked_at: now }).where('id', '=', id).execute();
    await record(transaction, {
      at: now,
      actor: actor.label,
      action: 'invitation.revoke',
      subject: `invitation:${id}`,
    });
  });
}

/** What somebody who holds an invitation is told before they accept. Throws `invalid_credentials`. */
export async function openInvitation(
  db: Kysely<Database>,
  token: string,
  now: number,
): Promise<OpenInvitation> {
  const row = await invitations(db).where('invitations.hash', '=', hashSecret(token)).executeTakeFirst();
  if (row === undefined || stateOf(row, now) !== 'open') throw worthless();
  const { role, provider, customer, expires_at } = row;
  return { role: role as InvitedRole, provider, customer, expiresAt: toIso(expires_at) };
}

/**
 * Uses an invitation up. Finding and taking it are one statement, so of two who accept it at once one gets nothing.
 * `byUser` is written beside it afterwards. Throws `invalid_credentials`.
 */
export async function takeInvitation(
  { db }: Transaction,
  token: string,
  now: number,
): Promise<Selectable<InvitationsTable>> {
  const [taken] = await db
    .updateTable('invitations')
    .set({ accepted_at: now })
    .where('hash', '=', hashSecret(token))
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .returningAll()
    .execute();
  if (taken === undefined) throw worthless();
  return taken;
}

/** The same words whatever is wrong with it. */
function worthless(): DaybookError {
  return new DaybookError(
    'invalid_credentials',
    'This invitation was used, was taken back or has expired. Ask whoever sent it for another one.',
  );
}

/** Deletes the invitations that were accepted, taken back or expired before `before`; the audit trail keeps who let in whom. */
export async function forgetInvitations({ db }: Transaction, before: number): Promise<void> {
  await db
    .deleteFrom('invitations')
    .where((eb) =>
      eb.or([eb('expires_at', '<', before), eb('revoked_at', '<', before), eb('accepted_at', '<', before)]),
    )
    .execute();
}

function ownInvitations(db: Kysely<Database>, actor: Actor) {
  return invitations(db).$if(actor.role !== 'admin', (query) =>
    query.where('invitations.role', '=', 'customer').where('invitations.provider_id', '=', actor.providerId),
  );
}

function invitations(db: Kysely<Database>) {
  return db
    .selectFrom('invitations')
    .leftJoin('providers', 'providers.id', 'invitations.provider_id')
    .leftJoin('users', 'users.id', 'invitations.user_id')
    .selectAll('invitations')
    .select(['providers.name as provider', 'users.name as user']);
}

async function invitationById(db: Kysely<Database>, id: number, now: number): Promise<Invitation> {
  return invitationOf(await invitations(db).where('invitations.id', '=', id).executeTakeFirstOrThrow(), now);
}

type InvitationRow = Selectable<InvitationsTable> & { provider: string | null; user: string | null };

function invitationOf(row: InvitationRow, now: number): Invitation {
  return {
    id: row.id,
    role: row.role as InvitedRole,
    provider: row.provider,
    customer: row.customer,
    note: row.note,
    state: stateOf(row, now),
    createdAt: toIso(row.created_at),
    createdBy: row.created_by,
    expiresAt: toIso(row.expires_at),
    acceptedAt: row.accepted_at === null ? null : toIso(row.accepted_at),
    acceptedBy: row.user,
  };
}

function stateOf(row: Selectable<InvitationsTable>, now: number): Invitation['state'] {
  if (row.accepted_at !== null) return 'accepted';
  if (row.revoked_at !== null) return 'revoked';
  return row.expires_at <= now ? 'expired' : 'open';
}
