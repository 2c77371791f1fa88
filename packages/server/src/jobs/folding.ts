import {
  applyEvent,
  type EventInput,
  type EventReceipt,
  type Fact,
  isActive,
  isEnded,
  type JobStatus,
  type TransitionCause,
  toIso,
} from '@daybook/core';
import type { Value } from '../storage/index.ts';
import { type Batch, type Entry, isChange, type Outcome, type Written } from './batch.ts';
import { jsonOrNull, type LoadedJob } from './job-states.ts';
import type { LeaseEnd } from './lease.ts';
import { backoff, beginLease, endLease, fence, mayFailAgain, renewTries } from './leases.ts';

/** Folds events into their jobs and collects the rows to write. */
export class Folding {
  readonly events: Value[][] = [];
  readonly logLines: Value[][] = [];
  readonly keys: Value[][] = [];
  readonly changed = new Set<LoadedJob>();
  readonly documents = new Set<LoadedJob>();
  /** Jobs that have let their targets go. */
  readonly freed = new Set<LoadedJob>();
  /** Jobs that may have to end with their children. */
  readonly parents = new Set<number>();
  readonly #jobs: ReadonlyMap<number, LoadedJob>;
  readonly #now: number;
  readonly #known: Map<string, number>;
  readonly #ids: readonly number[];
  readonly #random: () => number;
  #next = 0;

  constructor(parts: {
    jobs: ReadonlyMap<number, LoadedJob>;
    now: number;
    known: Map<string, number>;
    ids: readonly number[];
    random: () => number;
  }) {
    this.#jobs = parts.jobs;
    this.#now = parts.now;
    this.#known = parts.known;
    this.#ids = parts.ids;
    this.#random = parts.random;
  }

  /** Batch by batch, because what one writes may end the lease of the next. */
  take(batch: Batch): Outcome {
    const written = this.#repetition(batch);
    if (written !== undefined) return written;
    const error = batch.unfenced
      ? undefined
      : fence(batch.entries, this.#jobs, (entry) => this.#isStored(entry));
    if (error !== undefined) return { error };
    const receipts = batch.entries.map((entry) => this.#entry(entry, batch));
    return { receipts, job: asLeft(this.#lastJob(batch)) };
  }

  #isStored({ jobId, event }: Entry): boolean {
    const key = keyOf(event);
    return key !== undefined && this.#known.has(`${jobId} ${key}`);
  }

  /** The answer to a batch that has ended its lease before. */
  #repetition(batch: Batch): Written | undefined {
    const event = batch.entries.at(-1)?.event;
    if (batch.ending === undefined || event === undefined || isChange(event)) return undefined;
    const job = this.#lastJob(batch);
    const { held, token, ended } = job.lease;
    const same = !held && ended === batch.ending && token !== null && token === event.leaseToken;
    return same ? { receipts: [], job: asLeft(job) } : undefined;
  }

  #lastJob({ entries }: Batch): LoadedJob {
    return this.#jobs.get(entries.at(-1)?.jobId as number) as LoadedJob;
  }

  #entry(entry: Entry, batch: Batch): EventReceipt {
    const { jobId, event } = entry;
    const job = this.#jobs.get(jobId) as LoadedJob;
    const key = keyOf(event);
    const known = key === undefined ? undefined : this.#known.get(`${jobId} ${key}`);
    if (known !== undefined) return { id: known, jobId, applied: false, duplicate: true };
    // What a person says of a job does not mean that its reporter lives.
    if (!isChange(event)) this.changed.add(job);
    const receipt = event.kind === 'log' ? this.#logLine(job, event) : this.#report(job, event, entry, batch);
    if (key !== undefined) {
      this.#known.set(`${jobId} ${key}`, receipt.id);
      this.keys.push([jobId, key, receipt.id]);
    }
    return receipt;
  }

  #logLine(job: LoadedJob, event: EventInput): EventReceipt {
    const id = this.#id();
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

  /** What a worker says of its job may mean more, or something else, than it says. */
  #report(job: LoadedJob, event: Entry['event'], entry: Entry, batch: Batch): EventReceipt {
    const fact = this.#factOf(event, batch.cause);
    if (batch.unfenced || !isActive(job.state.status)) return this.#fact(job, fact, entry, batch);
    if (job.lease.held && saysFailed(event) && !entry.final && mayFailAgain(job)) {
      if (fact.message !== null) this.#fact(job, { ...fact, kind: 'error', status: null }, entry, batch);
      return this.#fact(job, this.#tryAgain(job, fact.at), entry, batch, 'failed');
    }
    if (!job.endsWithChildren || !saysDone(fact)) return this.#fact(job, fact, entry, batch);
    const receipt = this.#fact(job, ownWorkDone(fact), entry, batch);
    endLease(job.lease, fact.status as JobStatus);
    this.parents.add(job.id);
    return receipt;
  }

  /** Counts a failure, and says when the job may be claimed again. */
  #tryAgain({ lease, maxAttempts }: LoadedJob, at: number): Fact {
    lease.failures += 1;
    lease.losses = 0;
    const wait = backoff(lease.failures, this.#random);
    lease.runAfter = this.#now + wait;
    return {
      ...nothing,
      kind: 'status',
      status: 'queued',
      cause: 'requeue',
      message: `${lease.failures} of ${maxAttempts} tries failed. The next begins in ${Math.ceil(wait / 1_000)} s at the earliest.`,
      metadata: { reason: 'failed', failures: lease.failures, maxAttempts, runAfter: toIso(lease.runAfter) },
      at,
    };
  }

  /** `how` its lease ends by this, where the fact does not say it. */
  #fact(job: LoadedJob, fact: Fact, entry: Entry, { actor }: Batch, how?: LeaseEnd): EventReceipt {
    const id = this.#id();
    const before = job.state.status;
    const pristine = job.state.step === null;
    const unapplied = applyEvent(job.state, fact);
    if (unapplied === null) {
      if (fact.kind === 'metadata') this.documents.add(job);
      if (job.state.status !== before) this.#turn(job, fact, entry, before, how);
      this.#noteSteps(job, fact, before, pristine);
    }
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
    if (isChange(event)) return { ...nothing, kind: event.kind, metadata: event.metadata, at: this.#now };
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

  /** Remembers which steps have to be stored. `pristine`: none of this try was reported before. */
  #noteSteps({ state, changedSteps }: LoadedJob, fact: Fact, before: JobStatus, pristine: boolean): void {
    const turned = state.status !== before && (isEnded(state.status) || beginsAnew(fact));
    if (turned && !pristine)
      for (let position = 0; position < state.steps.length; position++) changedSteps.add(position);
    else if (fact.kind === 'step') changedSteps.add(state.steps.findIndex((step) => step.tag === fact.step));
  }

  /** What another status means for the lease, the target and the parent. */
  #turn(job: LoadedJob, fact: Fact, entry: Entry, before: JobStatus, how: LeaseEnd | undefined): void {
    const { lease, state } = job;
    const after = state.status;
    if (fact.cause === 'claim' && entry.grant !== undefined) beginLease(lease, entry.grant, this.#now);
    if (after !== 'running')
      endLease(lease, entry.leaseEnd ?? how ?? (after === 'queued' ? 'released' : after));
    if (entry.leaseEnd === 'lost') lease.losses += 1;
    if (fact.cause === 'requeue' && how !== 'failed') lease.runAfter = entry.runAfter ?? null;
    if (fact.cause === 'retry') renewTries(lease);
    if (isEnded(before) || !isEnded(after)) return;
    if (job.target !== null) this.freed.add(job);
    if (job.parentId !== null) this.parents.add(job.parentId);
  }

  #id(): number {
    return this.#ids[this.#next++] as number;
  }

  /** The reporter's time, but never later than ours: a clock that is ahead must not put the end of a job in the future. */
  #heard(at: number | undefined): number {
    return at === undefined || at > this.#now ? this.#now : at;
  }
}

const nothing = {
  step: null,
  status: null,
  percent: null,
  message: null,
  metadata: null,
  cause: null,
} as const;

function asLeft({ id, state, lease }: LoadedJob): Written['job'] {
  return { id, status: state.status, runAfter: lease.runAfter };
}

/** Why a job's status changes; of a step only that it is done once more. */
function causeOf(kind: EventInput['kind'], cause: TransitionCause | undefined): TransitionCause | null {
  if (kind === 'status' || kind === 'error') return cause ?? 'report';
  return kind === 'step' && cause === 'retry' ? 'retry' : null;
}

function beginsAnew({ cause }: Fact): boolean {
  return cause === 'retry' || cause === 'claim' || cause === 'requeue';
}

function saysDone({ kind, status }: Fact): boolean {
  return kind === 'status' && (status === 'succeeded' || status === 'finished');
}

/** Whoever runs a parent has nothing more to do; its children go on. */
function ownWorkDone({ status, message, at }: Fact): Fact {
  return {
    ...nothing,
    kind: 'status',
    status: 'running',
    cause: 'report',
    message: message ?? 'Its own work is done. It ends when its last child has ended.',
    metadata: { reason: 'own_work_done', status },
    at,
  };
}

export function keyOf(event: Entry['event']): string | undefined {
  return 'key' in event ? event.key : undefined;
}

export function saysFailed(event: Entry['event']): boolean {
  return (event.kind === 'status' || event.kind === 'error') && event.status === 'failed';
}
