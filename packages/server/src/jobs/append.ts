import { DaybookError, sees } from '@daybook/core';
import type { Transaction, Value } from '../storage/index.ts';
import { type Batch, isChange, type Outcome } from './batch.ts';
import { Folding, keyOf, saysFailed } from './folding.ts';
import { insertEvents, insertKeys, insertLogLines, readKeys } from './hot-statements.ts';
import type { JobStates, LoadedJob } from './job-states.ts';
import { judgeParents } from './parents.ts';
import { releaseTargets } from './targets.ts';
import type { JobWords } from './words.ts';

/** When the time of a running job's end is estimated anew. */
export type EstimateEnd = (job: LoadedJob, now: number) => number | null;

/** What appending needs to know besides the batches. */
export interface AppendParts {
  readonly states: JobStates;
  readonly now: number;
  readonly estimateEnd: EstimateEnd;
  /** 0 ≤ n < 1, for the backoff of failed jobs. */
  readonly random: () => number;
  /** What jobs are found by; follows what a person or a source has changed of them. */
  readonly words: JobWords;
  /** Jobs of the batches that were read, and locked, in this transaction. */
  readonly loaded?: ReadonlyMap<number, LoadedJob> | undefined;
}

/**
 * The only way a fact is written: stores the events of many callers and what they make of their jobs, in the given
 * transaction. A batch that names a job its actor may not see, or does not hold the lease of, fails whole, and the
 * others go on. Parents whose last child ended this way end with it.
 */
export async function appendAll(
  transaction: Transaction,
  batches: readonly Batch[],
  parts: AppendParts,
): Promise<Outcome[]> {
  const { outcomes, parents } = await write(transaction, batches, parts);
  let waiting = parents;
  while (waiting.size > 0) {
    const verdicts = await judgeParents(transaction, parts.states, waiting);
    waiting =
      verdicts.length === 0
        ? new Set()
        : (await write(transaction, verdicts, { ...parts, loaded: undefined })).parents;
  }
  return outcomes;
}

/** Answers the ids of jobs that may have to end with their children, too. */
async function write(
  transaction: Transaction,
  batches: readonly Batch[],
  { states, now, estimateEnd, random, words, loaded }: AppendParts,
): Promise<{ outcomes: Outcome[]; parents: ReadonlySet<number> }> {
  // Asked for together, in this order: whoever numbers facts of a job has locked it.
  const [jobs, ids] = await Promise.all([
    states.load(transaction, jobIdsOf(batches), loaded),
    transaction.eventIds(mostFacts(batches)),
  ]);
  const unseen = batches.map((batch) => refusal(batch, jobs));
  const seen = batches.filter((_, i) => unseen[i] === undefined);
  const known = await storedKeys(transaction, seen);
  await states.loadMetadata(transaction, jobsWithMetadata(seen, jobs));
  const folding = new Folding({ jobs, now, known, ids, random });
  const outcomes = batches.map((batch, i): Outcome => {
    const error = unseen[i];
    return error === undefined ? folding.take(batch) : { error };
  });
  for (const job of folding.changed) job.estimatedEndAt = estimateEnd(job, now);
  await states.save(transaction, folding.changed, now);
  if (folding.documents.size > 0) await states.saveMetadata(transaction, folding.documents);
  await transaction.write(insertEvents, folding.events);
  await transaction.write(insertLogLines, folding.logLines);
  await transaction.write(insertKeys, folding.keys);
  await words.rewrite(transaction, changedOtherwise(seen));
  await releaseTargets(transaction, folding.freed, now);
  return { outcomes, parents: folding.parents };
}

function jobIdsOf(batches: readonly Batch[]): Set<number> {
  const ids = new Set<number>();
  let [last, ordered] = [0, true];
  for (const { entries } of batches)
    for (const { jobId } of entries) {
      ordered &&= jobId >= last;
      last = jobId;
      ids.add(jobId);
    }
  // In order, so that two processes lock the same jobs the same way round.
  return ordered ? ids : new Set([...ids].sort((a, b) => a - b));
}

function refusal({ actor, entries }: Batch, jobs: ReadonlyMap<number, LoadedJob>): DaybookError | undefined {
  const unknown = new Set<number>();
  for (const { jobId } of entries) {
    const job = jobs.get(jobId);
    if (job === undefined || !sees(actor.scope, job.visibility)) unknown.add(jobId);
  }
  if (unknown.size === 0) return undefined;
  const names = [...unknown].slice(0, 10).join(', ');
  return new DaybookError(
    'not_found',
    `There is no job ${names}, or you may not see it. Nothing was stored.`,
  );
}

function jobsWithMetadata(batches: readonly Batch[], jobs: ReadonlyMap<number, LoadedJob>): LoadedJob[] {
  const found = new Set<LoadedJob>();
  for (const { entries } of batches)
    for (const { jobId, event } of entries)
      if (event.kind === 'metadata') found.add(jobs.get(jobId) as LoadedJob);
  return [...found];
}

/** Jobs of which more has changed than events can: their columns are written already. */
function changedOtherwise(batches: readonly Batch[]): number[] {
  const ids = new Set<number>();
  for (const { entries } of batches)
    for (const { jobId, event } of entries) if (isChange(event)) ids.add(jobId);
  return [...ids];
}

/** Keys that were stored before, as `jobId key` → event id. */
async function storedKeys(transaction: Transaction, batches: readonly Batch[]): Promise<Map<string, number>> {
  const wanted: Value[][] = [];
  for (const { entries } of batches)
    for (const { jobId, event } of entries) {
      const key = keyOf(event);
      if (key !== undefined) wanted.push([jobId, key]);
    }
  if (wanted.length === 0) return new Map();
  const rows = await transaction.read<{ job_id: number; key: string; event_id: number }>(readKeys, wanted);
  return new Map(rows.map((row) => [`${row.job_id} ${row.key}`, row.event_id]));
}

/** Every entry is one fact, a failure with tries left is two: what went wrong, and that it is tried again. */
function mostFacts(batches: readonly Batch[]): number {
  let count = 0;
  for (const { entries } of batches) for (const { event } of entries) count += saysFailed(event) ? 2 : 1;
  return count;
}
