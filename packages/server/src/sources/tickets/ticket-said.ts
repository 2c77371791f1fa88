import {
  editOfPatch,
  type JobStatus,
  type TicketStatus,
  type TrackerFilesSettings,
  ticketStatusOfJob,
} from '@daybook/core';
import type { Transaction } from '../../storage/index.ts';
import { readItems, writeItems } from '../item-rows.ts';
import type { Care } from '../source.ts';
import { addEdit, pendingEdits, withPending } from './ticket-edits.ts';

/** Jobs that are looked at in one go. */
const MOST = 200;

/**
 * What somebody said in the diary (a retry, a cancel, how a job really ended) becomes an edit of its ticket: a job that is
 * not in the status in which the import left it. `items`: only of these.
 */
export async function noteSaid(
  care: Pick<Care<TrackerFilesSettings>, 'store' | 'sourceId' | 'clock'>,
  items?: readonly string[],
): Promise<void> {
  const { store, sourceId } = care;
  if (items?.length === 0) return;
  let query = (items === undefined ? store.bulk : store.read)
    .selectFrom('source_items')
    .innerJoin('jobs', 'jobs.id', 'source_items.job_id')
    .select('source_items.item')
    .where('source_items.source_id', '=', sourceId)
    .whereRef('jobs.status', '<>', 'source_items.status')
    .where('source_items.gone_at', 'is', null)
    .limit(MOST);
  if (items !== undefined) query = query.where('source_items.item', 'in', items);
  const said = await query.execute();
  if (said.length === 0) return;
  await store.write((transaction) =>
    noteEach(
      transaction,
      care,
      said.map(({ item }) => item),
    ),
  );
}

async function noteEach(
  transaction: Transaction,
  { store, sourceId, clock }: Pick<Care, 'store' | 'sourceId' | 'clock'>,
  items: readonly string[],
): Promise<void> {
  const { db } = transaction;
  await store.profile.oneAtATime(db, `source ${sourceId}`);
  const now = clock.now();
  const known = await readItems(transaction, sourceId, items);
  const edits = await pendingEdits(db, sourceId, items);
  for (const each of known.values()) {
    if (each.job_id === null || each.content === null) continue;
    const job = await db
      .selectFrom('jobs')
      .select('status')
      .where('id', '=', each.job_id)
      .executeTakeFirstOrThrow();
    if (job.status === each.status) continue;
    each.status = job.status;
    const wanted = ticketStatusFor(job.status as JobStatus);
    const ticket = withPending(each.content, edits.get(each.item) ?? [], now);
    if (wanted === undefined || ticket.job_management.job_status === wanted) continue;
    await addEdit(transaction, {
      ...editOfPatch(ticket, { status: wanted }),
      sourceId,
      item: each.item,
      jobId: each.job_id,
      actor: await lastSpeaker(transaction, each.job_id),
      now,
    });
  }
  await writeItems(transaction, known.values());
}

/** Undefined for what tickets have no word for, and nobody decided. */
function ticketStatusFor(status: JobStatus): Exclude<TicketStatus, ''> | undefined {
  if (status === 'unknown' || status === 'finished') return undefined;
  return ticketStatusOfJob[status];
}

/** Who brought the job to where it is. */
async function lastSpeaker({ db }: Transaction, jobId: number): Promise<string> {
  const event = await db
    .selectFrom('events')
    .select('actor')
    .where('job_id', '=', jobId)
    .where('kind', '=', 'status')
    .where('unapplied', 'is', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return event?.actor ?? 'daybook';
}
