import type { EventReceipt } from '@daybook/core';
import type { Clock } from '../clock.ts';
import type { Store, Transaction, WriteOptions } from '../storage/index.ts';
import { appendAll, type EstimateEnd } from './append.ts';
import type { Batch, Outcome } from './batch.ts';
import { JobStates, type LoadedJob } from './job-states.ts';
import { LEASE } from './lease.ts';
import { JobWords } from './words.ts';

interface Waiting {
  readonly batches: readonly Batch[];
  resolve(outcomes: Outcome[]): void;
  reject(error: unknown): void;
}

/** Events that one transaction takes at most: bounds how long everybody else waits. */
const EVENTS_PER_COMMIT = 5_000;

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
  #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;

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
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batches, resolve, reject });
      this.#draining ??= this.#drain();
    });
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

  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commit();
    this.#draining = undefined;
  }

  #take(): Waiting[] {
    let events = 0;
    let count = 0;
    for (const { batches } of this.#waiting) {
      events += eventsOf(batches);
      if (count > 0 && events > EVENTS_PER_COMMIT) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(): Promise<void> {
    let group: Waiting[] | undefined;
    const begin = performance.now();
    try {
      const outcomes = await this.write((transaction) => {
        // Taken at the last moment, so that whoever came until then shares the commit.
        group ??= this.#take();
        return this.appendEachWithin(
          transaction,
          group.flatMap(({ batches }) => batches),
        );
      });
      const events = group?.reduce((sum, { batches }) => sum + eventsOf(batches), 0) ?? 0;
      this.#onCommit(events, performance.now() - begin);
      let from = 0;
      for (const { batches, resolve } of group ?? []) {
        resolve(outcomes.slice(from, from + batches.length));
        from += batches.length;
      }
    } catch (error) {
      for (const { reject } of group ?? this.#take()) reject(error);
    }
  }
}

function eventsOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { entries }) => sum + entries.length, 0);
}

function receiptsOf(outcome: Outcome | undefined): EventReceipt[] {
  if (outcome === undefined || 'error' in outcome) throw outcome?.error;
  return outcome.receipts;
}
