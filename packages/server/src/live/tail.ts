import type { JobSummary, Visibility } from '@daybook/core';
import type { Logger } from 'pino';
import { findSummaries } from '../jobs/find-jobs.ts';
import type { Position, Store } from '../storage/index.ts';
import { type LiveFact, readFacts } from './read-facts.ts';

/** What was committed since the last batch, in order, and the jobs as they are now. */
export interface LiveBatch {
  readonly from: Position;
  readonly upTo: Position;
  readonly facts: readonly LiveFact[];
  /** The jobs whose log lines are among the facts. */
  readonly logJobs: ReadonlySet<number>;
  readonly jobs: readonly { readonly summary: JobSummary; readonly visibility: Visibility }[];
}

/** Who follows the tail. */
export interface Follower {
  /** Jobs whose log lines it wants. */
  readonly logJobs: readonly number[];
  deliver(batch: LiveBatch): void;
}

/** Between two looks at the database, milliseconds: what arrives meanwhile is one batch. */
const PAUSE = 40;
/** After a look that failed, milliseconds. */
const RETRY = 1_000;

/**
 * Follows the end of the stream of facts, once per process, for all watchers. It reads only while somebody follows.
 */
export class Tail {
  readonly #store: Store;
  readonly #log: Logger;
  readonly #followers = new Set<Follower>();
  #position: Position | undefined;
  #stopListening: (() => void) | undefined;
  #starting: Promise<void> | undefined;
  #reading = false;
  #again = false;

  constructor(store: Store, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  get followers(): number {
    return this.#followers.size;
  }

  /** Where the tail stands; facts after it will be delivered to whoever follows now. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Starts to follow; resolves when the tail's position is known. */
  async follow(follower: Follower): Promise<void> {
    this.#followers.add(follower);
    this.#stopListening ??= this.#store.onFacts(() => this.#wake());
    if (this.#position === undefined) await (this.#starting ??= this.#start());
  }

  /** Facts that are committed while the horizon is asked for wake nobody yet, hence the look at the end. */
  async #start(): Promise<void> {
    try {
      const horizon = await this.#store.profile.horizon(this.#store.read);
      if (this.#followers.size === 0) return;
      this.#position = horizon;
      if (this.#again) this.#wake();
    } finally {
      this.#starting = undefined;
    }
  }

  leave(follower: Follower): void {
    this.#followers.delete(follower);
    if (this.#followers.size > 0) return;
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#position = undefined;
  }

  close(): void {
    for (const follower of [...this.#followers]) this.leave(follower);
  }

  #wake(): void {
    this.#again = true;
    if (!this.#reading && this.#position !== undefined) void this.#read();
  }

  async #read(): Promise<void> {
    this.#reading = true;
    while (this.#again && this.#position !== undefined) {
      this.#again = false;
      let pause = PAUSE;
      try {
        await this.#readBatch(this.#position);
      } catch (error) {
        // Nothing is lost: the position has not moved.
        this.#log.warn({ err: error }, 'the stream of facts could not be read');
        this.#again = true;
        pause = RETRY;
      }
      await new Promise((resolve) => setTimeout(resolve, pause).unref());
    }
    this.#reading = false;
  }

  async #readBatch(from: Position): Promise<void> {
    const horizon = await this.#store.profile.horizon(this.#store.read);
    const logJobs = new Set([...this.#followers].flatMap((follower) => follower.logJobs));
    const { facts, upTo } = await readFacts(this.#store.read, from, horizon, [...logJobs]);
    const jobs = await jobsOf(this.#store, facts);
    if (this.#position !== from) return; // everybody left meanwhile
    this.#position = upTo;
    if (upTo !== horizon) this.#again = true;
    const batch: LiveBatch = { from, upTo, facts, logJobs, jobs };
    for (const follower of this.#followers) follower.deliver(batch);
  }
}

/** The jobs that some facts are about, as they are now. */
export async function jobsOf(store: Store, facts: readonly LiveFact[]): Promise<LiveBatch['jobs']> {
  const visibility = new Map(facts.map((fact) => [fact.event.jobId, fact.visibility]));
  const everything = { all: true, projects: [], providerId: 0, customers: [] };
  const summaries = await findSummaries(store.read, everything, [...visibility.keys()]);
  return summaries.map((summary) => ({ summary, visibility: visibility.get(summary.id) as Visibility }));
}
