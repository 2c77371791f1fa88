import type { EventReceipt } from '@daybook/core';
import type { Clock } from '../clock.ts';
import type { Store, Transaction, WriteOptions } from '../storage/index.ts';
import { appendAll, type EstimateEnd } from './append.ts';
import type { Batch, Outcome } from './batch.ts';
import { JobStates, type LoadedJob } from './job-states.ts';
import { LEASE } from './lease.ts';
import { Rounds, type Take } from './rounds.ts';
import { JobWords } from './words.ts';

/** Events that one transaction takes at most: bounds how long everybody else waits. */
const EVENTS_PER_COMMIT = 5_000;
/**
 * Where transactions go on side by side, a second one does as soon as so many events wait for it: the database would wait for
 * us otherwise while we fold, and we for it.
 */
const BESIDE = { rounds: 1, worthwhile: 250 };

/**
 * Gathers what concurrent callers report into one transaction: while one commit is going on, the next gathers. A promise that
 * resolves means that its facts are durable.
 */
export class Appender {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #estimateEnd: EstimateEnd;
  readonly #random: () => number;
  readonly #onCommit: (events: number, milliseconds: number) => void;
  readonly #states: JobStates;
  /** What jobs are found by. */
  readonly words: JobWords;
  readonly #commits: Rounds<readonly Batch[], Outcome[]>;

  constructor(parts: {
    store: Store;
    clock: Clock;
    estimateEnd: EstimateEnd;
    /** How long a worker may be silent, milliseconds. */
    leaseMs?: number;
    /** 0 ≤ n < 1: spreads when failed jobs are tried again. */
    random?: () => number;
    /** Told of every group of events that was made durable, and how long that took. */
    onCommit?: (events: number, milliseconds: number) => void;
    /** The diary's; that of the server when left out. */
    timeZone?: string;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#estimateEnd = parts.estimateEnd;
    this.#onCommit = parts.onCommit ?? (() => undefined);
    this.#random = parts.random ?? Math.random;
    this.words = new JobWords(parts.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
    this.#states = new JobStates(parts.leaseMs ?? LEASE);
    this.#commits = new Rounds((take) => this.#commit(take), {
      sizeOf: eventsOf,
      most: EVENTS_PER_COMMIT,
      ...(!parts.store.profile.soleWriter && { beside: BESIDE }),
      // Whoever reports of a job twice without waiting is read in that order.
      subjectsOf: jobIdsOf,
    });
  }

  /**
   * Writes a batch: all of it or nothing. Throws `not_found` when it names a job that its actor may not see, `lease_lost`
   * when a worker holds one of its jobs and the batch does not come from it.
   */
  async append(batch: Batch): Promise<EventReceipt[]> {
    const [outcome] = await this.appendEach([batch]);
    return receiptsOf(outcome);
  }

  /** Writes batches in one transaction; each has its own outcome. */
  appendEach(batches: readonly Batch[]): Promise<Outcome[]> {
    return this.#commits.ask(batches);
  }

  /** The same within a write that does more, such as a retry that also takes its target again. */
  async appendWithin(transaction: Transaction, batch: Batch): Promise<EventReceipt[]> {
    const [outcome] = await this.appendEachWithin(transaction, [batch]);
    return receiptsOf(outcome);
  }

  /** `loaded`: jobs of the batches that this transaction has read and locked already. */
  async appendEachWithin(
    transaction: Transaction,
    batches: readonly Batch[],
    loaded?: ReadonlyMap<number, LoadedJob>,
  ): Promise<Outcome[]> {
    const outcomes = await appendAll(transaction, batches, {
      states: this.#states,
      now: this.#clock.now(),
      estimateEnd: this.#estimateEnd,
      random: this.#random,
      words: this.words,
      loaded,
    });
    await this.#store.announceFacts(transaction);
    return outcomes;
  }

  /** Runs a write that uses {@link appendWithin}; what it folded in memory is forgotten when it fails. */
  write<T>(work: (transaction: Transaction) => Promise<T>, options?: WriteOptions): Promise<T> {
    return this.#store.write((transaction) => {
      transaction.onUndone(() => this.#states.forget());
      return work(transaction);
    }, options);
  }

  /** To be called within a write that changes what events do not: who may see a job. */
  forget(): void {
    this.#states.forget();
  }

  idle(): Promise<void> {
    return this.#commits.idle();
  }

  async #commit(take: Take<readonly Batch[]>): Promise<Outcome[][]> {
    const begin = performance.now();
    const outcomes = await this.write((transaction) => this.appendEachWithin(transaction, take().flat()));
    const group = take();
    const events = group.reduce((sum, batches) => sum + eventsOf(batches), 0);
    this.#onCommit(events, performance.now() - begin);
    let from = 0;
    return group.map(({ length }) => {
      from += length;
      return outcomes.slice(from - length, from);
    });
  }
}

function eventsOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { entries }) => sum + entries.length, 0);
}

function jobIdsOf(batches: readonly Batch[]): number[] {
  return batches.flatMap(({ entries }) => entries.map(({ jobId }) => jobId));
}

function receiptsOf(outcome: Outcome | undefined): EventReceipt[] {
  if (outcome === undefined || 'error' in outcome) throw outcome?.error;
  return outcome.receipts;
}
