import type { EventReceipt } from '@daybook/core';
import type { Clock } from '../clock.ts';
import type { Store, Transaction } from '../storage/index.ts';
import { appendAll, type Batch, type EstimateEnd, type Outcome } from './append.ts';
import { JobStates } from './job-states.ts';

interface Waiting {
  readonly batch: Batch;
  resolve(receipts: EventReceipt[]): void;
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
  readonly #onCommit: (events: number, milliseconds: number) => void;
  readonly #states: JobStates;
  #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;

  constructor(parts: {
    store: Store;
    clock: Clock;
    estimateEnd: EstimateEnd;
    /** Told of every group of events that was made durable, and how long that took. */
    onCommit?: (events: number, milliseconds: number) => void;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#estimateEnd = parts.estimateEnd;
    this.#onCommit = parts.onCommit ?? (() => undefined);
    this.#states = new JobStates(parts.store.profile.soleWriter);
  }

  /** Writes a batch: all of it or nothing. Throws `not_found` when it names a job that its actor may not see. */
  append(batch: Batch): Promise<EventReceipt[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** The same within a write that does more, such as a retry that also takes its target again. */
  async appendWithin(transaction: Transaction, batch: Batch): Promise<EventReceipt[]> {
    const [outcome] = await this.#write(transaction, [batch]);
    if (outcome === undefined || 'error' in outcome) throw outcome?.error;
    return outcome.receipts;
  }

  /** Runs a write that uses {@link appendWithin}; what it folded in memory is forgotten when it fails. */
  async write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    try {
      return await this.#store.write((transaction) => this.#orForget(() => work(transaction)));
    } catch (error) {
      // The commit itself may have failed.
      this.#states.forget();
      throw error;
    }
  }

  /** Forgets at once: the next write of the same group must not see what this one has folded. */
  async #orForget<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#states.forget();
      throw error;
    }
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
    for (const { batch } of this.#waiting) {
      events += batch.entries.length;
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
        return this.#write(
          transaction,
          group.map(({ batch }) => batch),
        );
      });
      const events = group?.reduce((sum, { batch }) => sum + batch.entries.length, 0) ?? 0;
      this.#onCommit(events, performance.now() - begin);
      group?.forEach(({ resolve, reject }, i) => {
        const outcome = outcomes[i] as Outcome;
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.receipts);
      });
    } catch (error) {
      for (const { reject } of group ?? this.#take()) reject(error);
    }
  }

  async #write(transaction: Transaction, batches: readonly Batch[]): Promise<Outcome[]> {
    const outcomes = await appendAll(
      transaction,
      this.#states,
      batches,
      this.#clock.now(),
      this.#estimateEnd,
    );
    await this.#store.announceFacts(transaction);
    return outcomes;
  }
}
