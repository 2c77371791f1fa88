import { DaybookError, type Share, shareDays, toIso } from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import { record } from '../access/audit.ts';
import { expiryOf } from '../access/expiry.ts';
import { hashSecret, newSecret } from '../access/secrets.ts';
import { type Actor, keyOf } from '../actor.ts';
import type { Clock } from '../clock.ts';
import { visibleJobs } from '../jobs/visible-jobs.ts';
import type { Database, SharesTable, Store, Transaction } from '../storage/index.ts';

/** Links of one job that are good at once. */
const AT_ONCE = 50;

/** What opens a page, and what opens a badge: whoever reads the second in a web page must not get to the first. */
export interface ShareTokens {
  readonly progress: string;
  readonly badge: string;
}

/**
 * Makes a link by which anybody follows a job that the actor sees; answers its tokens, to be shown once.
 *
 * @throws DaybookError `not_found`, `invalid_request`, `conflict` when the job has too many
 */
export async function shareJob(
  store: Store,
  clock: Clock,
  actor: Actor,
  input: { jobId: number; expiresAt?: number | undefined; note?: string | undefined },
): Promise<{ share: Share; tokens: ShareTokens }> {
  const now = clock.now();
  const { jobId } = input;
  const expiresAt = expiryOf(input.expiresAt, now, shareDays);
  const tokens = { progress: newSecret('progress'), badge: newSecret('badge') };
  const row = await store.write(async (transaction) => {
    const { db } = transaction;
    await refuseUnseen(db, actor, jobId);
    const open = await db
      .selectFrom('shares')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('job_id', '=', jobId)
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirstOrThrow();
    if (Number(open.count) >= AT_ONCE)
      throw new DaybookError(
        'conflict',
        `This job has ${AT_ONCE} links already. Take back those nobody needs.`,
      );
    const row = await db
      .insertInto('shares')
      .values({
        job_id: jobId,
        hash: hashSecret(tokens.progress),
        badge_hash: hashSecret(tokens.badge),
        note: input.note ?? null,
        created_by: actor.label,
        made_by_key: keyOf(actor),
        created_at: now,
        expires_at: expiresAt,
        revoked_at: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await record(transaction, {
      at: now,
      actor: actor.label,
      action: 'share.create',
      subject: `job:${jobId}`,
      detail: { id: row.id, expiresAt: toIso(expiresAt) },
    });
    return row;
  });
  return { share: shareOf(row), tokens };
}

/** The links of a job, the newest first. Throws `not_found` for a job that the actor does not see. */
export async function listShares(db: Kysely<Database>, actor: Actor, jobId: number): Promise<Share[]> {
  await refuseUnseen(db, actor, jobId);
  const rows = await db
    .selectFrom('shares')
    .selectAll()
    .where('job_id', '=', jobId)
    .orderBy('id', 'desc')
    .limit(500)
    .execute();
  return rows.map(shareOf);
}

/** Makes a link worthless at once; once more changes nothing. Throws `not_found`. */
export async function revokeShare(store: Store, clock: Clock, actor: Actor, id: number): Promise<void> {
  const now = clock.now();
  await store.write(async (transaction) => {
    const row = await transaction.db
      .selectFrom('shares')
      .innerJoin('jobs', 'jobs.id', 'shares.job_id')
      .select(['shares.job_id', 'shares.revoked_at'])
      .where('shares.id', '=', id)
      .where((eb) => visibleJobs(actor.scope)(eb as never))
      .executeTakeFirst();
    if (row === undefined) throw new DaybookError('not_found', `There is no link ${id}.`);
    if (row.revoked_at !== null) return;
    await transaction.db.updateTable('shares').set({ revoked_at: now }).where('id', '=', id).execute();
    await record(transaction, {
      at: now,
      actor: actor.label,
      action: 'share.revoke',
      subject: `job:${row.job_id}`,
      detail: { id },
    });
  });
}

/** The job that a token opens, and until when; undefined for one that is worth nothing (any more). */
export async function openedBy(
  db: Kysely<Database>,
  kind: keyof ShareTokens,
  token: string,
  now: number,
): Promise<{ jobId: number; expiresAt: number } | undefined> {
  const row = await db
    .selectFrom('shares')
    .select(['job_id', 'expires_at'])
    .where(kind === 'progress' ? 'hash' : 'badge_hash', '=', hashSecret(token))
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row && { jobId: row.job_id, expiresAt: row.expires_at };
}

/** Deletes the links that have been worth nothing since `before`, and with them who made them and when. */
export async function forgetShares({ db }: Transaction, before: number): Promise<void> {
  await db
    .deleteFrom('shares')
    .where((eb) => eb.or([eb('expires_at', '<', before), eb('revoked_at', '<', before)]))
    .execute();
}

async function refuseUnseen(db: Kysely<Database>, actor: Actor, jobId: number): Promise<void> {
  const seen = await db
    .selectFrom('jobs')
    .select('id')
    .where('id', '=', jobId)
    .where(visibleJobs(actor.scope))
    .executeTakeFirst();
  if (seen === undefined)
    throw new DaybookError('not_found', `There is no job ${jobId}, or you may not see it.`);
}

function shareOf(row: Selectable<SharesTable>): Share {
  return {
    id: row.id,
    jobId: row.job_id,
    note: row.note,
    createdAt: toIso(row.created_at),
    createdBy: row.created_by,
    expiresAt: toIso(row.expires_at),
    revokedAt: row.revoked_at === null ? null : toIso(row.revoked_at),
  };
}
