import { DaybookError, type Incident, toIso, type Verification } from '@daybook/core';
import type { Selectable } from 'kysely';
import { record } from '../access/audit.ts';
import { type Actor, daybook } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Appender } from '../jobs/appender.ts';
import type { BundlesTable, IncidentsTable, Store, VerificationsTable } from '../storage/index.ts';
import type { LaneState } from '../tar/lane.ts';
import { type Difference, type VerifyParts, verifyBundle } from './verify-bundle.ts';

export interface VerificationParts extends VerifyParts {
  readonly store: Store;
  readonly appender: Appender;
  readonly clock: Clock;
  /** Bytes a second; 0 is no limit. */
  readonly rate: number;
  /** How long a bundle stays unread at most, milliseconds; 0 is for ever. */
  readonly every: number;
  /** Told of every incident that is opened. */
  onIncident(): void;
}

/** A bundle that could not be read is tried again after so long, milliseconds. */
const AGAIN = 3_600_000;

/** Asks for a bundle to be read anew; the one that waits or goes on already, if there is one. */
export async function askVerification(
  { store, clock }: Pick<VerificationParts, 'store' | 'clock'>,
  actor: Actor,
  bundleId: number,
): Promise<Verification> {
  return await store.write(async ({ db }) => {
    await store.profile.oneAtATime(db, `verify ${bundleId}`);
    const waiting = await db
      .selectFrom('verifications')
      .selectAll()
      .where('bundle_id', '=', bundleId)
      .where('result', 'is', null)
      .executeTakeFirst();
    if (waiting !== undefined) return verificationOf(waiting);
    return verificationOf(await insertVerification(db, bundleId, clock.now(), 'asked', actor.label));
  });
}

async function insertVerification(
  db: Store['read'],
  bundleId: number,
  now: number,
  reason: 'asked' | 'scheduled',
  actor: string | null,
): Promise<Selectable<VerificationsTable>> {
  return await db
    .insertInto('verifications')
    .values({ bundle_id: bundleId, started_at: now, bytes: 0, reason, actor })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The readings of a bundle, the newest first. */
export async function listVerifications(db: Store['read'], bundleId: number): Promise<Verification[]> {
  const rows = await db
    .selectFrom('verifications')
    .selectAll()
    .where('bundle_id', '=', bundleId)
    .orderBy('id', 'desc')
    .limit(500)
    .execute();
  return rows.map(verificationOf);
}

export async function listIncidents(db: Store['read'], bundleId: number): Promise<Incident[]> {
  const rows = await db
    .selectFrom('incidents')
    .selectAll()
    .where('bundle_id', '=', bundleId)
    .orderBy('id', 'desc')
    .limit(500)
    .execute();
  return rows.map(incidentOf);
}

/** Says of an incident that it is dealt with; once more changes nothing. Throws `not_found`. */
export async function closeIncident(
  { store, clock }: Pick<VerificationParts, 'store' | 'clock'>,
  actor: Actor,
  bundleId: number,
  id: number,
  note: string,
): Promise<Incident> {
  return await store.write(async (transaction) => {
    const { db } = transaction;
    const find = () =>
      db.selectFrom('incidents').selectAll().where('id', '=', id).where('bundle_id', '=', bundleId);
    const row = await find().executeTakeFirst();
    if (row === undefined) throw new DaybookError('not_found', `Bundle ${bundleId} has no incident ${id}.`);
    if (row.closed_at !== null) return incidentOf(row);
    const now = clock.now();
    await db
      .updateTable('incidents')
      .set({ closed_at: now, closed_by: actor.label, note })
      .where('id', '=', id)
      .execute();
    const deed = { at: now, actor: actor.label, action: 'incident.close', subject: `bundle:${bundleId}` };
    await record(transaction, { ...deed, detail: { id, note } });
    return incidentOf(await find().executeTakeFirstOrThrow());
  });
}

/**
 * Reads one bundle anew: one that somebody asked for, one that was interrupted, else the one that has waited longest, if it is due.
 * False if there is nothing to do.
 */
export async function verifyNext(parts: VerificationParts, signal: AbortSignal): Promise<boolean> {
  const next = (await waiting(parts)) ?? (await due(parts));
  if (next === undefined) return false;
  const { store, clock } = parts;
  const bundle = await store.read
    .selectFrom('bundles')
    .selectAll()
    .where('id', '=', next.bundle_id)
    .executeTakeFirstOrThrow();
  let result: Verification['result'] = 'ok';
  let differences: Difference[] = [];
  let detail: string | null = null;
  try {
    differences = await verifyBundle(parts, bundle, {
      signal,
      rate: parts.rate,
      from: next.detail === null ? undefined : (JSON.parse(next.detail) as LaneState),
      onBoundary: (state) => noteState(parts, next.id, state),
    });
    if (differences.length > 0) result = 'damaged';
  } catch (error) {
    // What was interrupted goes on from where it was noted.
    if (signal.aborted) return false;
    result = 'unreadable';
    detail = error instanceof Error ? error.message : String(error);
  }
  await conclude(parts, bundle, next, { result, detail, differences, at: clock.now() });
  return true;
}

async function waiting({ store }: VerificationParts) {
  return await store.read
    .selectFrom('verifications')
    .selectAll()
    .where('result', 'is', null)
    .orderBy('id')
    .executeTakeFirst();
}

async function due({ store, clock, every }: VerificationParts) {
  if (every === 0) return undefined;
  const now = clock.now();
  const bundle = await store.read
    .selectFrom('bundles')
    .select('id')
    .where('state', '=', 'published')
    .where((eb) =>
      eb.or([
        eb(eb.fn.coalesce('verified_at', 'published_at'), '<', now - every),
        // What could not be read has not been verified: the store may have been away.
        eb.and([eb('verified_state', '=', 'unreadable'), eb('verified_at', '<', now - AGAIN)]),
      ]),
    )
    .orderBy((eb) => eb.fn.coalesce('verified_at', 'published_at'))
    .executeTakeFirst();
  if (bundle === undefined) return undefined;
  return await store.write(({ db }) => insertVerification(db, bundle.id, now, 'scheduled', null));
}

async function noteState({ store }: VerificationParts, id: number, state: LaneState): Promise<void> {
  await store.write(({ db }) =>
    db
      .updateTable('verifications')
      .set({ detail: JSON.stringify(state), bytes: state.parser.position })
      .where('id', '=', id)
      .execute(),
  );
}

interface Conclusion {
  readonly result: NonNullable<Verification['result']>;
  readonly detail: string | null;
  readonly differences: readonly Difference[];
  readonly at: number;
}

/** Result, incidents, audit and the fact in the bundle's job: all of it or nothing. */
async function conclude(
  { store, appender, onIncident }: VerificationParts,
  bundle: Selectable<BundlesTable>,
  { id }: Selectable<VerificationsTable>,
  { result, detail, differences, at }: Conclusion,
): Promise<void> {
  const opened = await store.write(async (transaction) => {
    const { db } = transaction;
    await db
      .updateTable('verifications')
      .set({ ended_at: at, result, detail, bytes: result === 'unreadable' ? 0 : bundle.size })
      .where('id', '=', id)
      .execute();
    await db
      .updateTable('bundles')
      .set({ verified_at: at, verified_state: result })
      .where('id', '=', bundle.id)
      .execute();
    const fresh = await withoutKnown(db, bundle.id, differences);
    if (fresh.length === 0) return 0;
    await db
      .insertInto('incidents')
      .values(fresh.map((each) => ({ ...each, bundle_id: bundle.id, verification_id: id, opened_at: at })))
      .execute();
    const metadata = { bundleId: bundle.id, verificationId: id, differences: fresh.slice(0, 10) };
    const subject = `bundle:${bundle.id}`;
    await record(transaction, {
      at,
      actor: daybook.label,
      action: 'incident.open',
      subject,
      detail: metadata,
    });
    const message = `The archive no longer holds bundle ${bundle.id} as it came: ${differences.length} differences. Nothing was deleted.`;
    await appender.appendWithin(transaction, {
      actor: daybook,
      entries: [{ jobId: bundle.job_id, event: { kind: 'file', message, metadata: metadata as never } }],
      unfenced: true,
    });
    return fresh.length;
  });
  for (let n = 0; n < opened; n++) onIncident();
}

/** What was found before and nobody has dealt with yet is no new incident. */
async function withoutKnown(
  db: Store['read'],
  bundleId: number,
  differences: readonly Difference[],
): Promise<Difference[]> {
  const open = await db
    .selectFrom('incidents')
    .select(['kind', 'path'])
    .where('bundle_id', '=', bundleId)
    .where('closed_at', 'is', null)
    .execute();
  return differences.filter(
    ({ kind, path }) => !open.some((each) => each.kind === kind && each.path === path),
  );
}

function verificationOf(row: Selectable<VerificationsTable>): Verification {
  return {
    id: row.id,
    bundleId: row.bundle_id,
    reason: row.reason as Verification['reason'],
    actor: row.actor,
    askedAt: toIso(row.started_at),
    endedAt: row.ended_at === null ? null : toIso(row.ended_at),
    bytes: row.bytes,
    result: row.result as Verification['result'],
    // While it goes on, what is there is for whoever goes on.
    detail: row.result === null ? null : row.detail,
  };
}

function incidentOf(row: Selectable<IncidentsTable>): Incident {
  return {
    id: row.id,
    bundleId: row.bundle_id,
    verificationId: row.verification_id,
    kind: row.kind,
    path: row.path,
    expected: row.expected,
    found: row.found,
    openedAt: toIso(row.opened_at),
    closedAt: row.closed_at === null ? null : toIso(row.closed_at),
    closedBy: row.closed_by,
    note: row.note,
  };
}
