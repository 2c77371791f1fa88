import { DaybookError, type LimitScope, type QueueLimit } from '@daybook/core';
import type { Kysely } from 'kysely';
import { record } from '../access/audit.ts';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Database, Store, Transaction } from '../storage/index.ts';

/** Most limits that are kept: every claim looks at them. */
const MOST = 500;

interface LimitParts {
  readonly store: Store;
  readonly clock: Clock;
}

/** Names the lock under which limits are changed, and jobs that fall under them are counted. */
export const LIMITS_LOCK = 'queue limits';

/** Claims that count end first: once a limit is acknowledged, nobody begins a job by that before. */
async function changeAlone({ profile }: Store, { db }: Transaction): Promise<void> {
  await profile.oneAtATime(db, LIMITS_LOCK);
}

/** All limits, by scope and name. */
export async function readLimits(db: Kysely<Database>): Promise<QueueLimit[]> {
  const rows = await db.selectFrom('queue_limits').selectAll().orderBy('scope').orderBy('name').execute();
  return rows.map(({ scope, name, max }) => ({ scope: scope as LimitScope, name, max }));
}

/** Puts these limits in the place of all that there are. The last of those with the same name counts. */
export async function replaceLimits(
  { store, clock }: LimitParts,
  actor: Actor,
  limits: readonly QueueLimit[],
): Promise<void> {
  const rows = [...new Map(limits.map((limit) => [`${limit.scope} ${limit.name}`, limit])).values()];
  await store.write(async (transaction) => {
    await changeAlone(store, transaction);
    await transaction.db.deleteFrom('queue_limits').execute();
    if (rows.length > 0) await transaction.db.insertInto('queue_limits').values(rows).execute();
    const subject = 'queue';
    await record(transaction, {
      at: clock.now(),
      actor: actor.label,
      action: 'queue.limits',
      subject,
      detail: { limits: rows },
    });
    // Whoever waits for a job may have one now.
    await store.announceFacts(transaction);
  });
}

/** Sets one limit. Throws `conflict` when there are too many. */
export async function setLimit({ store, clock }: LimitParts, actor: Actor, limit: QueueLimit): Promise<void> {
  await store.write(async (transaction) => {
    const { db } = transaction;
    await changeAlone(store, transaction);
    await db
      .insertInto('queue_limits')
      .values(limit)
      .onConflict((conflict) => conflict.columns(['scope', 'name']).doUpdateSet({ max: limit.max }))
      .execute();
    const rows = await db
      .selectFrom('queue_limits')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    if (Number(rows.count) > MOST)
      throw new DaybookError('conflict', `There may be ${MOST} limits. Remove one first.`);
    const subject = `${limit.scope}:${limit.name}`;
    const detail = { max: limit.max };
    await record(transaction, {
      at: clock.now(),
      actor: actor.label,
      action: 'queue.limit',
      subject,
      detail,
    });
    await store.announceFacts(transaction);
  });
}

/** Removes one limit. Throws `not_found`. */
export async function removeLimit(
  { store, clock }: LimitParts,
  actor: Actor,
  { scope, name }: Pick<QueueLimit, 'scope' | 'name'>,
): Promise<void> {
  await store.write(async (transaction) => {
    const removed = await transaction.db
      .deleteFrom('queue_limits')
      .where('scope', '=', scope)
      .where('name', '=', name)
      .executeTakeFirst();
    if (removed.numDeletedRows === 0n)
      throw new DaybookError('not_found', `There is no limit for the ${scope} ${name}.`);
    const subject = `${scope}:${name}`;
    await record(transaction, { at: clock.now(), actor: actor.label, action: 'queue.unlimit', subject });
    await store.announceFacts(transaction);
  });
}
