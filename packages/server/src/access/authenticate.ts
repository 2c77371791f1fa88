import type { IncomingHttpHeaders } from 'node:http';
import { DaybookError } from '@daybook/core';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Store } from '../storage/index.ts';
import { keyHeader, keyIn, sessionToken } from './credentials.ts';
import { type KeyIdentity, keyIdentity, type SessionIdentity, sessionIdentity } from './identities.ts';
import { KnownCredentials } from './known-credentials.ts';
import { keepSession } from './sessions.ts';

/** A key's last use is written down at most so often, milliseconds. */
const USE_WRITTEN = 60_000;

/** Finds out who asks, from the headers of a request. One per process. */
export class Authenticator {
  readonly #store: Store;
  readonly #keys: KnownCredentials<KeyIdentity>;
  readonly #sessions: KnownCredentials<SessionIdentity>;
  readonly #writing = new Set<Promise<void>>();
  readonly #listeners = new Set<() => void>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#keys = new KnownCredentials(clock, async (header, now) => {
      const identity = await keyIdentity(store.read, keyIn(header), now);
      this.#aside(this.#writeUse(identity, now));
      return identity;
    });
    this.#sessions = new KnownCredentials(clock, async (token, now) => {
      const identity = await sessionIdentity(store.read, token, now);
      this.#aside(keepSession(store, clock, identity));
      return identity;
    });
  }

  /**
   * At once, without a promise, for a credential that was seen within the last second. An API key goes before the
   * session cookie.
   *
   * @throws DaybookError `unauthenticated`, `invalid_credentials`, `key_expired`, `key_revoked` (or rejects with it)
   */
  authenticate(headers: IncomingHttpHeaders): Actor | Promise<Actor> {
    const header = keyHeader(headers);
    if (header !== undefined) return this.#keys.actor(header);
    const token = sessionToken(headers);
    if (token !== undefined) return this.#sessions.actor(token);
    throw new DaybookError('unauthenticated', 'Send an API key as Authorization: Bearer KEY, or sign in.');
  }

  /** To be called after a user, key, session or grant was changed here: the next request of anybody asks the database. */
  forget(): void {
    this.#keys.forget();
    this.#sessions.forget();
    for (const listener of this.#listeners) listener();
  }

  /** Calls the listener whenever somebody may have lost what they had; answers how to stop that. */
  onForget(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when nothing is left to be written. Call it before the store is closed. */
  async close(): Promise<void> {
    await Promise.all(this.#writing);
  }

  async #writeUse({ keyId, lastUsedAt }: KeyIdentity, now: number): Promise<void> {
    if (now - lastUsedAt < USE_WRITTEN) return;
    await this.#store.write(async ({ db }) => {
      await db.updateTable('api_keys').set({ last_used_at: now }).where('id', '=', keyId).execute();
    });
  }

  /** Lets a write go on beside the request. If it fails, the next use of the credential tries again. */
  #aside(write: Promise<void>): void {
    const settled = write.catch(() => undefined).finally(() => this.#writing.delete(settled));
    this.#writing.add(settled);
  }
}
