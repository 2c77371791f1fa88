import type { EngineProfile, Transaction } from '../storage/index.ts';
import { countsNow } from './windows.ts';

/**
 * The gate between claims and pauses: after a pause was acknowledged no claim of a pausable configuration succeeds
 * anywhere (design.md §3). Claims go through together; a pause closes it, which waits for the claims under way and
 * lets later ones see it. SQLite's transactions come one after the other anyway.
 */
const GATE = 'maintenance';

/**
 * Called first thing within the transaction of every claim, before {@link pausedConfigurations}; the two may be awaited
 * together.
 *
 * @example
 * await enterGate(transaction);
 * const paused = await pausedConfigurations(transaction, clock.now());
 */
export function enterGate(transaction: Transaction): Promise<void> | void {
  return transaction.together(GATE);
}

/** Called first thing within the transaction that pauses. */
export async function closeGate(profile: EngineProfile, { db }: Transaction): Promise<void> {
  await profile.oneAtATime(db, GATE);
}

/** What must not be claimed just now. */
export interface Paused {
  /** Everything that can be paused. */
  readonly all: boolean;
  /** Tags of the configurations that are paused, if not all are. */
  readonly tags: ReadonlySet<string>;
  /** Ids of the configurations whose jobs go on whatever is paused. Empty while nothing is paused. */
  readonly unpausable: ReadonlySet<number>;
}

const nothing: Paused = { all: false, tags: new Set(), unpausable: new Set() };

/**
 * What is paused at `now` (milliseconds). A pause that was made to begin at once counts whatever the clock of the
 * asking process says; windows that were set for later begin and end by it.
 */
export async function pausedConfigurations({ db }: Pick<Transaction, 'db'>, now: number): Promise<Paused> {
  const windows = await db.selectFrom('maintenance').select('configurations').where(countsNow(now)).execute();
  if (windows.length === 0) return nothing;
  const exempt = await db.selectFrom('configurations').select('id').where('pausable', '=', 0).execute();
  return {
    all: windows.some((window) => window.configurations === null),
    tags: new Set(windows.flatMap((window) => tagsOf(window.configurations) ?? [])),
    unpausable: new Set(exempt.map((row) => row.id)),
  };
}

/** Tags that a row of `maintenance` names; null is everything. */
export function tagsOf(configurations: string | null): string[] | null {
  return configurations === null ? null : (JSON.parse(configurations) as string[]);
}

/** True if a job of this configuration must wait; jobs without one are pausable. */
export function isPaused(paused: Paused, tag: string | null, configurationId: number | null): boolean {
  if (configurationId !== null && paused.unpausable.has(configurationId)) return false;
  return paused.all || (tag !== null && paused.tags.has(tag));
}
