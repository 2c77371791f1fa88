import {
  DaybookError,
  type MaintenanceChange,
  type MaintenanceEntry,
  type MaintenanceStatus,
  toIso,
} from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import { record } from '../access/audit.ts';
import { idBelow, pageOf } from '../access/id-cursor.ts';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Database, MaintenanceTable, Store, Transaction } from '../storage/index.ts';
import { closeGate, tagsOf } from './gate.ts';
import { countsLater, countsNow, stateOf } from './windows.ts';

export interface MaintenanceParts {
  readonly store: Store;
  readonly clock: Clock;
}

type Row = Selectable<MaintenanceTable>;

/** Pauses that may be under way or to come: every claim looks at them. */
const MOST_OPEN = 100;

/** What is paused at `now` (milliseconds), and what will be. */
export async function readStatus(db: Kysely<Database>, now: number): Promise<MaintenanceStatus> {
  const current = await db
    .selectFrom('maintenance')
    .selectAll()
    .where(countsNow(now))
    .orderBy('id', 'desc')
    .execute();
  const scheduled = await db
    .selectFrom('maintenance')
    .selectAll()
    .where(countsLater(now))
    .orderBy('starts_at')
    .orderBy('id')
    .execute();
  const latest = await db
    .selectFrom('maintenance')
    .selectAll()
    .where((eb) => eb.or([eb('starts_at', '<=', now), eb('starts_at', '<=', eb.ref('created_at'))]))
    // Not what was called off before it began.
    .where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>=', eb.ref('starts_at'))]))
    .orderBy('starts_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const all = current.map((row) => entryOf(row, now));
  return {
    paused: all.length > 0,
    current: all.find((entry) => entry.configurations === null) ?? all[0] ?? null,
    all,
    scheduled: scheduled.map((row) => entryOf(row, now)),
    latest: latest === undefined ? null : entryOf(latest, now),
  };
}

/**
 * Pauses, or says that work goes on, which ends every pause that counts now. Once this has resolved, no claim of what is
 * paused succeeds, in any process. Answers the new status.
 *
 * @throws DaybookError `invalid_request` when the end has passed; `conflict` when too many pauses are to come
 */
export async function setPaused(
  { store, clock }: MaintenanceParts,
  actor: Actor,
  change: MaintenanceChange,
): Promise<MaintenanceStatus> {
  return await store.write(async (transaction) => {
    await closeGate(store.profile, transaction);
    // Not earlier: the wait at the gate takes time, and a window must not be over before it is seen.
    const now = clock.now();
    if (change.paused) await beginPause(transaction, actor, change, now);
    else await endPauses(transaction, actor, change.reason, now);
    await store.announceFacts(transaction);
    return await readStatus(transaction.db, now);
  });
}

/**
 * Ends one pause that counts now, or calls one off that is yet to come. Answers the new status.
 *
 * @throws DaybookError `not_found`; `conflict` when it is over already
 */
export async function endPause(
  { store, clock }: MaintenanceParts,
  actor: Actor,
  id: number,
): Promise<MaintenanceStatus> {
  return await store.write(async (transaction) => {
    await closeGate(store.profile, transaction);
    const now = clock.now();
    const { db } = transaction;
    const row = await db.selectFrom('maintenance').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined || row.paused === 0)
      throw new DaybookError('not_found', `There is no pause ${id}.`);
    const state = stateOf(row, now);
    if (state !== 'current' && state !== 'scheduled')
      throw new DaybookError('conflict', `Pause ${id} is ${state} already. Nothing was changed.`);
    await db
      .updateTable('maintenance')
      .set({ ended_at: now, ended_by: actor.label })
      .where('id', '=', id)
      .execute();
    const action = state === 'current' ? 'maintenance.end' : 'maintenance.cancel';
    await record(transaction, { at: now, actor: actor.label, action, subject: `maintenance:${id}` });
    await store.announceFacts(transaction);
    return await readStatus(db, now);
  });
}

/** What was said of maintenance, the newest first; a page. Throws `invalid_cursor`. */
export async function readHistory(
  db: Kysely<Database>,
  page: { readonly limit: number; readonly cursor?: string | undefined },
  now: number,
): Promise<{ items: MaintenanceEntry[]; nextCursor?: string }> {
  const below = idBelow('maintenance', page.cursor);
  const rows = await db
    .selectFrom('maintenance')
    .selectAll()
    .$if(below !== undefined, (query) => query.where('id', '<', below as number))
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute();
  const { items, ...next } = pageOf('maintenance', rows, page.limit);
  return { items: items.map((row) => entryOf(row, now)), ...next };
}

async function beginPause(
  transaction: Transaction,
  actor: Actor,
  { reason, startsAt, endsAt, configurations }: MaintenanceChange,
  now: number,
): Promise<void> {
  if (endsAt !== undefined && endsAt <= now)
    throw new DaybookError('invalid_request', undefined, {
      faults: [{ path: 'endsAt', message: 'must not have passed' }],
    });
  await refuseTooMany(transaction, now);
  const later = startsAt !== undefined && startsAt > now;
  const { id } = await insertEntry(transaction, {
    paused: 1,
    reason,
    actor: actor.label,
    // What begins at once is known by its start, which is not after it was made.
    starts_at: later ? startsAt : now,
    ends_at: endsAt ?? null,
    created_at: now,
    configurations: configurations === undefined ? null : JSON.stringify([...new Set(configurations)]),
  });
  await record(transaction, {
    at: now,
    actor: actor.label,
    action: later ? 'maintenance.schedule' : 'maintenance.pause',
    subject: `maintenance:${id}`,
    detail: {
      reason,
      ...(later && { startsAt: toIso(startsAt) }),
      ...(endsAt !== undefined && { endsAt: toIso(endsAt) }),
      ...(configurations !== undefined && { configurations }),
    },
  });
}

async function endPauses(transaction: Transaction, actor: Actor, reason: string, now: number): Promise<void> {
  const ended = await transaction.db
    .updateTable('maintenance')
    .set({ ended_at: now, ended_by: actor.label })
    .where(countsNow(now))
    .executeTakeFirst();
  const { id } = await insertEntry(transaction, {
    paused: 0,
    reason,
    actor: actor.label,
    starts_at: now,
    ends_at: null,
    created_at: now,
    configurations: null,
  });
  const detail = { reason, ended: Number(ended.numUpdatedRows) };
  const action = 'maintenance.resume';
  await record(transaction, { at: now, actor: actor.label, action, subject: `maintenance:${id}`, detail });
}

async function insertEntry(
  { db }: Transaction,
  values: Omit<Row, 'id' | 'ended_at' | 'ended_by'>,
): Promise<{ id: number }> {
  return await db
    .insertInto('maintenance')
    .values({ ...values, ended_at: null, ended_by: null })
    .returning('id')
    .executeTakeFirstOrThrow();
}

async function refuseTooMany({ db }: Transaction, now: number): Promise<void> {
  const { count } = await db
    .selectFrom('maintenance')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where((eb) => eb.or([countsNow(now)(eb), countsLater(now)(eb)]))
    .executeTakeFirstOrThrow();
  if (Number(count) >= MOST_OPEN)
    throw new DaybookError(
      'conflict',
      `${count} pauses count now or are to come: end some of them first. Nothing was changed.`,
    );
}

function entryOf(row: Row, now: number): MaintenanceEntry {
  return {
    id: row.id,
    paused: row.paused === 1,
    state: row.paused === 1 ? stateOf(row, now) : null,
    reason: row.reason,
    by: row.actor ?? 'daybook',
    startsAt: toIso(row.starts_at),
    endsAt: row.ends_at === null ? null : toIso(row.ends_at),
    configurations: tagsOf(row.configurations),
    createdAt: toIso(row.created_at),
    endedAt: row.ended_at === null ? null : toIso(row.ended_at),
    endedBy: row.ended_by,
  };
}
