import type { JobFilter, Scope } from '@daybook/core';
import type { Clock } from '../clock.ts';
import type { Store } from '../storage/index.ts';
import { type Counted, countAll, countNewest } from './facets.ts';

/** Lists whose counts are kept; the one that was asked for least recently leaves first. */
const KEPT = 200;
/** How long counts are shown again, milliseconds: at least so long, and so many times as long as counting took. */
const FRESH = 2_000;
const WORTH = 10;

/** Counts, and when they were taken. */
export interface DatedCounts extends Counted {
  /** Milliseconds. */
  readonly asOf: number;
}

interface Entry {
  counts: Promise<DatedCounts>;
  freshUntil: number;
}

/**
 * Counts of lists, kept for a while, per visibility. A long list is counted twice: its newest jobs at once, and all of
 * it behind the scenes, for whoever asks next. One list at a time is counted in full.
 */
export class FacetCache {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #stopping = new AbortController();
  #counting: Promise<void> = Promise.resolve();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async counts(scope: Scope, filter: JobFilter): Promise<DatedCounts> {
    const name = JSON.stringify([scope, filter, filter.q?.context?.me]);
    const known = this.#entries.get(name);
    this.#entries.delete(name);
    if (known !== undefined && known.freshUntil > this.#clock.now()) {
      this.#entries.set(name, known);
      return known.counts;
    }
    const last = await known?.counts.catch(() => undefined);
    // What was counted in full is shown until it has been counted again: its age is said.
    if (last?.exact && last.total > 0 && known !== undefined && isLong(last)) {
      known.freshUntil = Number.POSITIVE_INFINITY;
      this.#keep(name, known);
      this.#countFully(name, scope, filter);
      return known.counts;
    }
    const begin = this.#clock.now();
    const counts = countNewest({ profile: this.#store.profile, db: this.#store.people }, scope, filter);
    const entry: Entry = {
      counts: counts.then((each) => ({ ...each, asOf: begin })),
      freshUntil: begin + FRESH,
    };
    this.#keep(name, entry);
    const first = await entry.counts;
    entry.freshUntil = this.#freshUntil(begin);
    if (!first.exact) {
      entry.freshUntil = Number.POSITIVE_INFINITY;
      this.#countFully(name, scope, filter);
    }
    return first;
  }

  /** Ends what is being counted. */
  close(): void {
    this.#stopping.abort();
  }

  #countFully(name: string, scope: Scope, filter: JobFilter): void {
    this.#counting = this.#counting.then(async () => {
      const begin = this.#clock.now();
      const reads = { profile: this.#store.profile, db: this.#store.bulk };
      const entry = this.#entries.get(name);
      // Nobody has asked for it since.
      if (entry === undefined) return;
      try {
        const counts = { ...(await countAll(reads, scope, filter, this.#stopping.signal)), asOf: begin };
        this.#keep(name, { counts: Promise.resolve(counts), freshUntil: this.#freshUntil(begin) });
      } catch {
        // Stopped, or it took too long: whoever asks next begins anew.
        entry.freshUntil = 0;
      }
    });
  }

  #freshUntil(begin: number): number {
    const now = this.#clock.now();
    return now + Math.max(FRESH, (now - begin) * WORTH);
  }

  #keep(name: string, entry: Entry): void {
    this.#entries.set(name, entry);
    if (this.#entries.size > KEPT) this.#entries.delete(this.#entries.keys().next().value as string);
  }
}

/** Long enough that its newest jobs alone would not be all of it. */
function isLong({ total }: Counted): boolean {
  return total >= 10_000;
}
