import { DaybookError } from '@daybook/core';
import type { Clock } from '../clock.ts';
import type { Store, Transaction } from '../storage/index.ts';
import { record } from './audit.ts';
import { Passwords } from './passwords.ts';
import { beginSession, endSessionsOf } from './sessions.ts';
import { dropSignInLinks, useSignInLink } from './sign-in-links.ts';
import { SignInThrottle } from './sign-in-throttle.ts';

/** Lets people in, with a password or a link. One per process. */
export class SignIn {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #passwords = new Passwords();
  readonly #throttle: SignInThrottle;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#throttle = new SignInThrottle(clock);
  }

  /** Begins a session and answers its token. Throws `invalid_credentials`, `rate_limited`. */
  async withPassword(name: string, password: string, ip: string): Promise<string> {
    this.#throttle.begin(name, ip);
    const user = await this.#store.read
      .selectFrom('users')
      .select(['id', 'password_hash', 'disabled_at'])
      .where('name', '=', name)
      .executeTakeFirst();
    const right = await this.#passwords.matches(user?.password_hash, password);
    if (!right || user === undefined || user.disabled_at !== null) throw wrong();
    const token = await this.#begin(async (transaction) => {
      // While the password was checked it may have been changed, or the user disabled.
      const same = await transaction.db
        .selectFrom('users')
        .select('id')
        .where('id', '=', user.id)
        .where('password_hash', '=', user.password_hash)
        .where('disabled_at', 'is', null)
        .executeTakeFirst();
      return same?.id;
    }, 'password');
    this.#throttle.succeeded(name, ip);
    return token;
  }

  /** Uses a link up, begins a session and answers its token. Throws `invalid_credentials`, `rate_limited`. */
  async withLink(link: string, ip: string): Promise<string> {
    this.#throttle.begin(undefined, ip);
    const token = await this.#begin(
      (transaction) => useSignInLink(transaction, link, this.#clock.now()),
      'link',
    );
    this.#throttle.succeeded(undefined, ip);
    return token;
  }

  /**
   * Sets the password of a user; whoever has one must say it. Signs them out everywhere but in the session `keep`, and makes
   * their links worthless. Throws `invalid_request`, `rate_limited`.
   */
  async setPassword(
    user: { id: number; name: string },
    change: { password: string; current?: string | undefined },
    ip: string,
    keep: string | undefined,
  ): Promise<void> {
    const stored = await this.#passwordOf(user.id);
    if (stored !== null) await this.#askCurrent(user.name, stored, change.current, ip);
    const hash = await this.#passwords.hash(change.password);
    const now = this.#clock.now();
    await this.#store.write(async (transaction) => {
      const { numUpdatedRows } = await transaction.db
        .updateTable('users')
        .set({ password_hash: hash })
        .where('id', '=', user.id)
        .where('password_hash', stored === null ? 'is' : '=', stored)
        .executeTakeFirstOrThrow();
      if (Number(numUpdatedRows) === 0)
        throw new DaybookError('conflict', 'The password was changed from elsewhere meanwhile.');
      await endSessionsOf(transaction, user.id, keep);
      await dropSignInLinks(transaction, user.id);
      const subject = `user:${user.name}`;
      await record(transaction, { at: now, actor: subject, action: 'user.set-password', subject });
    });
  }

  async #passwordOf(id: number): Promise<string | null> {
    const { password_hash } = await this.#store.read
      .selectFrom('users')
      .select('password_hash')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    return password_hash;
  }

  async #askCurrent(name: string, stored: string, current: string | undefined, ip: string): Promise<void> {
    // Not 401: the session is good, and a client would take that for its end.
    const refuse = (message: string) =>
      new DaybookError('invalid_request', undefined, { faults: [{ path: 'current', message }] });
    if (current === undefined) throw refuse('say your current password to change it');
    this.#throttle.begin(name, ip);
    if (!(await this.#passwords.matches(stored, current))) throw refuse('is not your password');
    this.#throttle.succeeded(name, ip);
  }

  async #begin(
    whose: (transaction: Transaction) => Promise<number | undefined>,
    method: 'password' | 'link',
  ): Promise<string> {
    const now = this.#clock.now();
    return await this.#store.write(async (transaction) => {
      const id = await whose(transaction);
      const user =
        id === undefined
          ? undefined
          : await transaction.db
              .selectFrom('users')
              .select(['id', 'name'])
              .where('id', '=', id)
              .where('disabled_at', 'is', null)
              .executeTakeFirst();
      if (user === undefined) throw wrong();
      const subject = `user:${user.name}`;
      await record(transaction, {
        at: now,
        actor: subject,
        action: 'session.begin',
        subject,
        detail: { method },
      });
      return await beginSession(transaction, user.id, now);
    });
  }
}

/** The same words whatever was wrong. */
function wrong(): DaybookError {
  return new DaybookError(
    'invalid_credentials',
    'Name and password do not belong together, or the link is used up.',
  );
}
