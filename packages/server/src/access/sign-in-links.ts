import type { Clock } from '../clock.ts';
import type { Store, Transaction } from '../storage/index.ts';
import { record } from './audit.ts';
import { hashSecret, newSecret } from './secrets.ts';

const HOUR = 60 * 60_000;
/** How long links are good, milliseconds: the one printed at start, and one that is sent to somebody. */
export const linkLifetime = { printed: 24 * HOUR, sent: 7 * 24 * HOUR } as const;

/** A link that signs a user in, once. */
export interface SignInLink {
  readonly token: string;
  readonly expiresAt: number;
}

/** Makes a link for a user; those made before stay good until they expire or one of them is used. */
export async function makeSignInLink(
  { db }: Transaction,
  userId: number,
  now: number,
  lifetime: number,
): Promise<SignInLink> {
  await db.deleteFrom('sign_in_links').where('expires_at', '<=', now).execute();
  const token = newSecret('link');
  const expiresAt = now + lifetime;
  await db
    .insertInto('sign_in_links')
    .values({ hash: hashSecret(token), user_id: userId, created_at: now, expires_at: expiresAt })
    .execute();
  return { token, expiresAt };
}

/**
 * Uses a link up and answers whose it was; undefined if it is not good (any more). Deleting and finding it are one
 * statement, so of two who use it at once one gets nothing.
 */
export async function useSignInLink(
  { db }: Transaction,
  token: string,
  now: number,
): Promise<number | undefined> {
  const [used] = await db
    .deleteFrom('sign_in_links')
    .where('hash', '=', hashSecret(token))
    .where('expires_at', '>', now)
    .returning('user_id')
    .execute();
  if (used !== undefined) await dropSignInLinks({ db }, used.user_id);
  return used?.user_id;
}

/** Makes the links of a user worthless. */
export async function dropSignInLinks({ db }: Pick<Transaction, 'db'>, userId: number): Promise<void> {
  await db.deleteFrom('sign_in_links').where('user_id', '=', userId).execute();
}

/** The address to open; the token is in the fragment, which browsers send to nobody and so reaches no log. */
export function signInAddress(base: string, token: string): string {
  return `${base.replace(/\/+$/, '')}/diary/sign-in#token=${token}`;
}

/** Name of the user that the first start makes. */
export const FIRST_USER = 'admin';

/**
 * What a start prints: the first one makes the user `admin` and a link for them. Later starts make a new link only as long
 * as that admin has no password and only this machine can reach the server (as Jupyter does). Two processes that
 * start at once make one user.
 */
export async function firstSignIn(
  store: Store,
  clock: Clock,
  { loopback }: { loopback: boolean },
): Promise<(SignInLink & { first: boolean }) | undefined> {
  const now = clock.now();
  const admin = await store.read
    .selectFrom('users')
    .select(['id', 'password_hash', 'role', 'disabled_at'])
    .where('name', '=', FIRST_USER)
    .executeTakeFirst();
  if (admin !== undefined) {
    const open = admin.password_hash === null && admin.role === 'admin' && admin.disabled_at === null;
    if (!open || !loopback) return undefined;
    const link = await store.write((tx) => makeSignInLink(tx, admin.id, now, linkLifetime.printed));
    return { ...link, first: false };
  }
  return await store.write(async (transaction) => {
    const id = await makeFirstUser(transaction, now);
    if (id === undefined) return undefined;
    return { ...(await makeSignInLink(transaction, id, now, linkLifetime.printed)), first: true };
  });
}

async function makeFirstUser(transaction: Transaction, now: number): Promise<number | undefined> {
  const { db } = transaction;
  const somebody = await db.selectFrom('users').select('id').limit(1).executeTakeFirst();
  if (somebody !== undefined) return undefined;
  const [made] = await db
    .insertInto('users')
    .values({
      name: FIRST_USER,
      display_name: 'Admin',
      email: null,
      role: 'admin',
      provider_id: 0,
      password_hash: null,
      language: null,
      disabled_at: null,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .execute();
  if (made !== undefined)
    await record(transaction, {
      at: now,
      actor: 'daybook',
      action: 'user.create',
      subject: `user:${FIRST_USER}`,
      detail: { id: made.id, role: 'admin' },
    });
  return made?.id;
}
