import type { SourceCheck } from '@daybook/core';
import type { Listing, Seen, Understood } from './seen.ts';

/** What a scheduler is asked with. */
export interface Asking {
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly now: number;
}

export type Ends = Listing & { readonly anew?: boolean };

/** How one kind of scheduler is asked. Everything that all have in common is `SchedulerSource`. */
export interface Scheduler {
  /** Its list does not tell of all jobs when they were submitted; details do. */
  readonly needsDate: boolean;
  /** How many calls it may take yet in this minute. */
  left(now: number): number;
  /** All that it has now, in one call. @throws SourceError */
  list(asking: Asking): Promise<Listing>;
  /** What the list does not tell of new jobs, in one call for all of them; undefined if it has nothing to add. */
  detail?(asking: Asking, fresh: readonly Seen[]): Promise<(seen: Seen) => Seen>;
  /**
   * What has ended, as files tell it, since this was asked last: no call. `anew`: the files are read from their beginning,
   * and what could not be read in them before is told again, or mended. @throws SourceError
   */
  ended?(asking: Asking): Promise<Ends>;
  /** What has ended since a moment (milliseconds), in one call; `undefined` if there is no accounting. */
  history?: ((asking: Asking, since: number) => Promise<Listing | undefined>) | undefined;
  /** How a job that was known ended, where both together tell more than the end alone. */
  settle?(end: Understood, known: Seen | undefined): Understood;
  test(asking: Asking): Promise<SourceCheck[]>;
}
