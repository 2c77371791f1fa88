import { DaybookError, type Language, spanOfWeek, weekOf } from '@daybook/core';
import type { Kysely } from 'kysely';
import { record } from '../access/audit.ts';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Database, Store } from '../storage/index.ts';

export interface SubscriptionParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly timeZone: string;
}

export interface Subscription {
  readonly userId: number;
  readonly email: string;
  readonly language: Language;
}

/** Where an actor gets the digest; null for nowhere. */
export async function emailOf(db: Kysely<Database>, { kind, id }: Actor): Promise<string | null> {
  if (kind !== 'user') return null;
  const row = await db
    .selectFrom('digest_subscriptions')
    .select('email')
    .where('user_id', '=', id)
    .executeTakeFirst();
  return row?.email ?? null;
}

/** From the week that is going on, the digest goes to this address. Throws `forbidden` for a key. */
export async function subscribe(
  { store, clock, timeZone }: SubscriptionParts,
  actor: Actor,
  { email, language }: { email: string; language: Language },
): Promise<void> {
  if (actor.kind !== 'user')
    throw new DaybookError('forbidden', 'This is for people: an API key gets no mail.');
  const now = clock.now();
  const { since } = spanOfWeek(weekOf(now, timeZone), timeZone);
  await store.write(async (transaction) => {
    await transaction.db
      .insertInto('digest_subscriptions')
      .values({ user_id: actor.id, email, language, created_at: now, sent_until: since })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ email, language }))
      .execute();
    await record(transaction, {
      at: now,
      actor: actor.label,
      action: 'digest.subscribe',
      subject: actor.label,
      detail: { email },
    });
  });
}

/** Once more changes nothing. */
export async function unsubscribe({ store }: Pick<SubscriptionParts, 'store'>, actor: Actor): Promise<void> {
  if (actor.kind !== 'user') return;
  await store.write(({ db }) =>
    db.deleteFrom('digest_subscriptions').where('user_id', '=', actor.id).execute(),
  );
}

/** Those who have not got what happened until then. */
export async function waitingFor(db: Kysely<Database>, until: number): Promise<Subscription[]> {
  const rows = await db
    .selectFrom('digest_subscriptions')
    .select(['user_id', 'email', 'language'])
    .where('sent_until', '<', until)
    .orderBy('user_id')
    .execute();
  return rows.map(({ user_id, email, language }) => ({
    userId: user_id,
    email,
    language: language as Language,
  }));
}

/** They have got it. */
export async function noteSent(
  { store }: Pick<SubscriptionParts, 'store'>,
  userId: number,
  until: number,
): Promise<void> {
  await store.write(({ db }) =>
    db.updateTable('digest_subscriptions').set({ sent_until: until }).where('user_id', '=', userId).execute(),
  );
}
