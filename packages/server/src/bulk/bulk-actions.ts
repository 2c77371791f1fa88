import type { BulkAction, BulkActionInput, BulkOutcome, BulkPreview } from '@daybook/core';
import type { Logger } from 'pino';
import { amend, record } from '../access/audit.ts';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Appender } from '../jobs/appender.ts';
import type { Batch } from '../jobs/batch.ts';
import type { Store, Transaction } from '../storage/index.ts';
import {
  type Candidate,
  type ChoosingParts,
  chooseJobs,
  lockCandidates,
  readCandidatesOf,
} from './candidates.ts';
import { chunksOf } from './chunks.ts';
import { busyTargets, holdTargets, lockTargets } from './take-targets.ts';
import { divide, Tally } from './verdicts.ts';

export interface BulkParts {
  readonly store: Store;
  readonly appender: Appender;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Says what {@link actOnMany} would do, and does nothing. */
export async function previewAction(
  parts: ChoosingParts,
  actor: Actor,
  input: BulkActionInput,
): Promise<BulkPreview> {
  const { store } = parts;
  const { ids, more } = await chooseJobs(parts, actor, input);
  let total = new Tally();
  // Across all chunks: the first retried job of a target takes it.
  const taken = new Set<string>();
  for (const chunk of chunksOf(ids)) {
    const jobs = await readCandidatesOf(store.people, actor.scope, chunk);
    for (const name of await busyTargets(store.people, jobs)) taken.add(name);
    total = total.plus(divide(input.action, jobs, { busy: taken, asked: chunk.length }).tally);
  }
  return { matches: ids.length, applicable: total.changed, skipped: total.skipped, more };
}

/**
 * Does the same to many jobs, oldest first. A chunk of them is one transaction: done whole or not at all. If it is
 * interrupted (a chunk fails, or whoever asked goes away), what was done is done, and the answer says how much. The
 * audit has one entry for all of it, true after every chunk.
 *
 * @throws whatever the first chunk throws
 */
export async function actOnMany(
  parts: BulkParts,
  actor: Actor,
  input: BulkActionInput,
  gone: AbortSignal,
): Promise<BulkOutcome> {
  const { ids, more } = await chooseJobs(parts, actor, input);
  let total = new Tally();
  let entry: number | undefined;
  let interrupted: string | undefined;
  for (const chunk of chunksOf(ids)) {
    if (gone.aborted) interrupted = 'Whoever asked has gone.';
    if (interrupted !== undefined) break;
    try {
      ({ total, entry } = await parts.appender.write(async (transaction) => {
        const sum = total.plus(await actOnChunk(parts, transaction, actor, input, chunk));
        return { total: sum, entry: await tellAudit(parts, transaction, actor, input, sum, entry) };
      }));
    } catch (error) {
      if (entry === undefined) throw error;
      parts.log.error({ err: error, changed: total.changed }, 'a bulk action was interrupted');
      interrupted = 'The database refused the next jobs. Try again for the rest.';
    }
  }
  const { changed, skipped } = total;
  return { changed, skipped, more, ...(interrupted !== undefined && { interrupted }) };
}

async function actOnChunk(
  { appender, clock }: BulkParts,
  transaction: Transaction,
  actor: Actor,
  { action, message }: BulkActionInput,
  ids: readonly number[],
): Promise<Tally> {
  const jobs = await lockCandidates(transaction, actor.scope, ids);
  const { known, busy } = await lockTargets(transaction, action === 'retry' ? jobs : []);
  const { apply, tally } = divide(action, jobs, { busy, asked: ids.length });
  if (action === 'retry') await holdTargets(transaction, actor.scope, apply, known, clock.now());
  if (apply.length > 0) await appender.appendWithin(transaction, batchOf(actor, action, apply, message));
  return tally;
}

/** What is said of each of the jobs. */
function batchOf(
  actor: Actor,
  action: BulkAction,
  jobs: readonly Candidate[],
  message: string | undefined,
): Batch {
  const said = message === undefined ? {} : { message };
  switch (action) {
    case 'retry': {
      const event = { kind: 'status', status: 'queued', ...said } as const;
      return { actor, cause: 'retry', unfenced: true, entries: jobs.map(({ id }) => ({ jobId: id, event })) };
    }
    case 'cancel': {
      const event = { kind: 'status', status: 'canceled', ...said } as const;
      return {
        actor,
        cause: 'report',
        unfenced: true,
        entries: jobs.map(({ id }) => ({ jobId: id, event })),
      };
    }
    case 'requeue': {
      const event = {
        kind: 'status',
        status: 'queued',
        message: message ?? 'It was taken from its worker and waits again.',
        metadata: { reason: 'taken_back' },
      } as const;
      const entries = jobs.map(({ id }) => ({ jobId: id, event, leaseEnd: 'released' as const }));
      return { actor, cause: 'requeue', unfenced: true, entries };
    }
  }
}

/** The one entry of the audit: written with the first chunk, amended with each further one. Answers its id. */
async function tellAudit(
  { clock }: BulkParts,
  transaction: Transaction,
  actor: Actor,
  { action, filter, ids, message }: BulkActionInput,
  { changed, skipped }: Tally,
  entry: number | undefined,
): Promise<number> {
  const detail = {
    ...(filter !== undefined && { filter }),
    ...(ids !== undefined && { ids: ids.length }),
    ...(message !== undefined && { message }),
    changed,
    skipped: Object.fromEntries(skipped.map(({ reason, count }) => [reason, count])),
  };
  if (entry === undefined)
    return await record(transaction, {
      at: clock.now(),
      actor: actor.label,
      action: `jobs.${action}`,
      subject: 'jobs',
      detail,
    });
  await amend(transaction, entry, detail);
  return entry;
}
