import { DaybookError, label, limits, printed } from '@daybook/core';
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Store, Transaction } from '../storage/index.ts';
import { record } from './audit.ts';
import { linkCustomer, signUpNumber } from './customers.ts';
import { openInvitation, takeInvitation } from './invitations.ts';
import { newPassword, Passwords } from './passwords.ts';
import { beginSession } from './sessions.ts';
import { SignInThrottle } from './sign-in-throttle.ts';
import { insertUser, userName } from './users.ts';

/** Of an invitation, as it stands in its link. */
export const invitationToken = printed(limits.tag).meta({ description: 'From an invitation' });

export const signUpForm = z
  .strictObject({
    token: invitationToken,
    name: userName,
    displayName: label(limits.tag).optional(),
    password: newPassword,
  })
  .meta({ id: 'SignUp' });
export type SignUpForm = z.infer<typeof signUpForm>;

/** Lets people in who were invited. One per process. */
export class SignUp {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #passwords = new Passwords();
  readonly #throttle: SignInThrottle;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#throttle = new SignInThrottle(clock);
  }

  /** What an invitation is for. Throws `invalid_credentials`, `rate_limited`. */
  async read(token: string, ip: string) {
    return await this.#tried(ip, () => openInvitation(this.#store.read, token, this.#clock.now()));
  }

  /**
   * Makes the user that an invitation is for and begins their session; answers its token.
   *
   * @throws DaybookError `invalid_credentials`, `already_exists`, `rate_limited`
   */
  async accept(form: SignUpForm, ip: string): Promise<string> {
    return await this.#tried(ip, async () => {
      // Whoever has no invitation costs us no hash.
      await openInvitation(this.#store.read, form.token, this.#clock.now());
      const passwordHash = await this.#passwords.hash(form.password);
      const now = this.#clock.now();
      return await this.#store.write(async (transaction) => {
        const { id, role, provider_id, customer } = await takeInvitation(transaction, form.token, now);
        const userId = await insertUser(
          transaction,
          {
            name: form.name,
            ...(form.displayName !== undefined && { displayName: form.displayName }),
            role: role as 'customer' | 'provider',
            passwordHash,
            ...(role === 'provider' && { providerId: provider_id }),
          },
          now,
        );
        await this.#accepted(transaction, { id, userId, name: form.name }, now);
        if (role === 'customer')
          await this.#link(transaction, { userId, providerId: provider_id, customer }, now);
        return await beginSession(transaction, userId, now);
      });
    });
  }

  /**
   * Lets a customer who has an account already follow the jobs of one more provider.
   *
   * @throws DaybookError `invalid_credentials`, `forbidden`, `rate_limited`
   */
  async join(actor: Actor, token: string, ip: string): Promise<void> {
    if (actor.kind !== 'user' || actor.role !== 'customer')
      throw new DaybookError('forbidden', 'Only customers follow jobs by invitation.');
    await this.#tried(ip, async () => {
      const now = this.#clock.now();
      await this.#store.write(async (transaction) => {
        const { id, role, provider_id, customer } = await takeInvitation(transaction, token, now);
        if (role !== 'customer')
          throw new DaybookError('forbidden', 'This invitation is for a provider: sign out to accept it.');
        await this.#accepted(transaction, { id, userId: actor.id, name: actor.name }, now);
        await this.#link(transaction, { userId: actor.id, providerId: provider_id, customer }, now);
      });
    });
  }

  async #accepted(
    transaction: Transaction,
    { id, userId, name }: { id: number; userId: number; name: string },
    now: number,
  ): Promise<void> {
    await transaction.db.updateTable('invitations').set({ user_id: userId }).where('id', '=', id).execute();
    await record(transaction, {
      at: now,
      actor: `user:${name}`,
      action: 'invitation.accept',
      subject: `invitation:${id}`,
      detail: { userId },
    });
  }

  async #link(
    transaction: Transaction,
    { userId, providerId, customer }: { userId: number; providerId: number; customer: string | null },
    now: number,
  ): Promise<void> {
    const { profile } = this.#store;
    const known = customer ?? (await signUpNumber(profile, transaction, { userId, providerId }));
    await linkCustomer(transaction, { userId, providerId, customer: known }, now);
  }

  async #tried<T>(ip: string, work: () => Promise<T>): Promise<T> {
    this.#throttle.begin(undefined, ip);
    try {
      const done = await work();
      this.#throttle.succeeded(undefined, ip);
      return done;
    } catch (error) {
      // A name that is taken is no guess.
      const guessed = error instanceof DaybookError && error.code === 'invalid_credentials';
      if (!guessed) this.#throttle.succeeded(undefined, ip);
      throw error;
    }
  }
}
