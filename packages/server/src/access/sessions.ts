import type { Clock } from '../clock.ts';
import type { Store, Transaction } from '../storage/index.ts';
import { SESSION_COOKIE } from './credentials.ts';
import type { SessionIdentity } from './identities.ts';
import { hashSecret, newSecret } from './secrets.ts';

const DAY = 24 * 60 * 60_000;
/** A session ends when it was not used for so long, milliseconds. */
export const IDLE = 14 * DAY;
/** A session ends when it is so old, however much it is used, milliseconds. */
export const LONGEST = 90 * DAY;
/** Not every use moves the end of a session: only one that moves it so far, milliseconds. */
const WORTH_WRITING = 60 * 60_000;

/** Begins a session of a user, in the transaction that checked who they are; answers its token. */
export async function beginSession({ db }: Transaction, userId: number, now: number): Promise<string> {
  await db.deleteFrom('sessions').where('user_id', '=', userId).where('expires_at', '<=', now).execute();
  const token = newSecret('session');
  await db
    .insertInto('sessions')
    .values({ hash: hashSecret(token), user_id: userId, created_at: now, expires_at: now + IDLE })
    .execute();
  return token;
}

/** Ends the session with this token, if there is one. */
export async function endSession(store: Store, token: string): Promise<void> {
  await store.write(async ({ db }) => {
    await db.deleteFrom('sessions').where('hash', '=', hashSecret(token)).execute();
  });
}

/** Ends all sessions of a user, but for the one with the token `except`. */
export async function endSessionsOf({ db }: Transaction, userId: number, except?: string): Promise<void> {
  await db
    .deleteFrom('sessions')
    .where('user_id', '=', userId)
    .$if(except !== undefined, (query) => query.where('hash', '!=', hashSecret(except as string)))
    .execute();
}

/** The end of a session that is used now; undefined if it is too near to the stored one to be written. */
export function movedEnd({ createdAt, expiresAt }: SessionIdentity, now: number): number | undefined {
  const end = Math.min(now + IDLE, createdAt + LONGEST);
  return end - expiresAt >= WORTH_WRITING ? end : undefined;
}

/** Writes down that a session is used, if that moves its end. */
export async function keepSession(store: Store, clock: Clock, session: SessionIdentity): Promise<void> {
  const end = movedEnd(session, clock.now());
  if (end === undefined) return;
  await store.write(async ({ db }) => {
    await db.updateTable('sessions').set({ expires_at: end }).where('hash', '=', session.hash).execute();
  });
}

/**
 * `Set-Cookie` of a session. The browser keeps it as long as a session can last; the server decides when it ends.
 * `secure` where people reach Daybook by https.
 */
export function sessionCookie(token: string, secure: boolean): string {
  return cookie(token, LONGEST / 1000, secure);
}

/** `Set-Cookie` that takes the session away. */
export function noSessionCookie(secure: boolean): string {
  return cookie('', 0, secure);
}

function cookie(value: string, maxAge: number, secure: boolean): string {
  return `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
