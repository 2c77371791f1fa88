import {
  applyEvent,
  DaybookError,
  type EventInput,
  type EventReceipt,
  type Fact,
  isEnded,
  sees,
  type TransitionCause,
} from '@daybook/core';
import type { Actor } from '../actor.ts';
import type { Transaction, Value } from '../storage/index.ts';
import { insertEvents, insertKeys, insertLogLines, readKeys } from './hot-statements.ts';
import { type JobStates, jsonOrNull, type LoadedJob } from './job-states.ts';
import { releaseTargets } from './targets.ts';

/** One fact to be written. */
export interface Entry {
  readonly jobId: number;
  readonly event: EventInput | AnnotationInput;
}

/** What a person changed: `metadata` is `{field: {from, to}}`. Written by `annotate` alone. */
export interface AnnotationInput {
  readonly kind: 'annotation';
  readonly metadata: Record<string, unknown>;
}

/** What one caller writes at once: all of it or nothing. */
export interface Batch {
  readonly actor: Actor;
  readonly entries: readonly Entry[];
  /** Why statuses change; a report when left out. */
  readonly cause?: TransitionCause;
}

export type Outcome = { readonly receipts: EventReceipt[] } | { readonly error: DaybookError };

/** When the time of a running job's end is estimated anew. */
export type EstimateEnd = (job: LoadedJob, now: number) => number | null;

/**
 * The only way a fact is written: stores the events of many callers and what they make of their jobs, in the given
 * transaction. A batch that names a job its actor may not see fails whole, and the others go on.
 */
export async function appendAll(
  transaction: Transaction,
  states: JobStates,
  batches: readonly Batch[],
  now: number,
  estimateEnd: EstimateEnd,
): Promise<Outcome[]> {
  const jobs = await states.load(transaction, jobIdsOf(batches));
  const refused = batches.map((batch) => refusal(batch, jobs));
  const accepted = batches.filter((_, i) => refused[i] === undefined);
  const writing = new Writing(jobs, now, await storedKeys(transaction, accepted));
  await states.loadMetadata(transaction, jobsWithMetadata(accepted, jobs));
  const ids = await transaction.eventIds(writing.count(accepted));
  const receipts = accepted.map((batch) => writing.fold(batch, ids));
  for (const job of writing.changed) job.estimatedEndAt = estimateEnd(job, now);
  await states.save(transaction, writing.changed, now);
  if (writing.documents.size > 0) await states.saveMetadata(transaction, writing.documents);
  await transaction.write(insertEvents, writing.events);
  await transaction.write(insertLogLines, writing.logLines);
  await transaction.write(insertKeys, writing.keys);
  await releaseTargets(transaction, writing.ended, now);
  let next = 0;
  return refused.map((error) => (error === undefined ? { receipts: receipts[next++] ?? [] } : { error }));
}

function jobIdsOf(batches: readonly Batch[]): Set<number> {
  const ids = new Set<number>();
  for (const { entries } of batches) for (const { jobId } of entries) ids.add(jobId);
  // In order, so that two processes lock the same jobs the same way round.
  return new Set([...ids].sort((a, b) => a - b));
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

function keyOf(event: Entry['event']): string | undefined {
  return 'key' in event ? event.key : undefined;
}

/** Folds events into their jobs and collects the rows to write. */
class Writing {
  readonly events: Value[][] = [];
  readonly logLines: Value[][] = [];
  readonly keys: Value[][] = [];
  readonly changed = new Set<LoadedJob>();
  readonly documents = new Set<LoadedJob>();
  readonly ended = new Set<LoadedJob>();
  readonly #jobs: ReadonlyMap<number, LoadedJob>;
  readonly #now: number;
  readonly #known: Map<string, number>;
  #next = 0;

  constructor(jobs: ReadonlyMap<number, LoadedJob>, now: number, known: Map<string, number>) {
    this.#jobs = jobs;
    this.#now = now;
    this.#known = known;
  }

  /** How many ids the batches need at most. */
  count(batches: readonly Batch[]): number {
    return batches.reduce((sum, { entries }) => sum + entries.length, 0);
  }

  fold(batch: Batch, ids: readonly number[]): EventReceipt[] {
    return batch.entries.map(({ jobId, event }) => {
      const key = keyOf(event);
      const known = key === undefined ? undefined : this.#known.get(`${jobId} ${key}`);
      if (known !== undefined) return { id: known, jobId, applied: false, duplicate: true };
      const id = ids[this.#next++] as number;
      if (key !== undefined) {
        this.#known.set(`${jobId} ${key}`, id);
        this.keys.push([jobId, key, id]);
      }
      const job = this.#jobs.get(jobId) as LoadedJob;
      // What a person says of a job does not mean that its reporter lives.
      if (event.kind !== 'annotation') this.changed.add(job);
      return event.kind === 'log' ? this.#logLine(id, job, event) : this.#fact(id, job, event, batch);
    });
  }

  #logLine(id: number, job: LoadedJob, event: EventInput): EventReceipt {
    const at = this.#heard(event.at);
    this.logLines.push([
      id,
      job.id,
      event.step ?? null,
      event.stream ?? null,
      event.message ?? '',
      at,
      this.#now,
    ]);
    return { id, jobId: job.id, applied: true };
  }

  #fact(id: number, job: LoadedJob, event: Entry['event'], { actor, cause }: Batch): EventReceipt {
    const fact = this.#factOf(event, cause);
    const before = job.state.status;
    const unapplied = applyEvent(job.state, fact);
    if (unapplied === null) this.#note(job, fact, before);
    this.events.push([
      id,
      job.id,
      fact.kind,
      fact.step,
      fact.status,
      fact.percent,
      fact.message,
      jsonOrNull(fact.metadata),
      job.state.attempt,
      fact.cause,
      unapplied,
      actor.label,
      fact.at,
      this.#now,
    ]);
    return unapplied === null
      ? { id, jobId: job.id, applied: true }
      : { id, jobId: job.id, applied: false, reason: unapplied };
  }

  #factOf(event: Entry['event'], cause: TransitionCause | undefined): Fact {
    if (event.kind === 'annotation')
      return { ...nothing, kind: 'annotation', metadata: event.metadata, at: this.#now };
    const { kind, step, status, percent, message, metadata, at } = event;
    return {
      kind,
      step: step ?? null,
      status: status ?? null,
      percent: percent ?? null,
      message: message ?? null,
      metadata: (metadata as Record<string, unknown> | undefined) ?? null,
      cause: causeOf(kind, cause),
      at: this.#heard(at),
    };
  }

  /** Remembers what has to be stored besides the job's row. */
  #note(job: LoadedJob, fact: Fact, before: LoadedJob['state']['status']): void {
    const { state } = job;
    if (fact.kind === 'metadata') this.documents.add(job);
    if (state.status !== before && (isEnded(state.status) || fact.cause === 'retry'))
      for (let position = 0; position < state.steps.length; position++) job.changedSteps.add(position);
    else if (fact.kind === 'step')
      job.changedSteps.add(state.steps.findIndex((step) => step.tag === fact.step));
    if (job.target !== null && !isEnded(before) && isEnded(state.status)) this.ended.add(job);
  }

  /** The reporter's time, but never later than ours: a clock that is ahead must not put the end of a job in the future. */
  #heard(at: number | undefined): number {
    return at === undefined || at > this.#now ? this.#now : at;
  }
}

/** Why a job's status changes; of a step only that it is done once more. */
function causeOf(kind: EventInput['kind'], cause: TransitionCause | undefined): TransitionCause | null {
  if (kind === 'status' || kind === 'error') return cause ?? 'report';
  return kind === 'step' && cause === 'retry' ? 'retry' : null;
}

const nothing = {
  step: null,
  status: null,
  percent: null,
  message: null,
  metadata: null,
  cause: null,
} as const;
