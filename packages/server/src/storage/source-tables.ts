import type { Generated } from 'kysely';

/** The tables of sources (migration 9). */

/** Where jobs come from by themselves. One that was removed keeps what it knows: added again, it imports nothing twice. */
export interface SourcesTable {
  id: Generated<number>;
  provider_id: number;
  name: string;
  kind: string;
  settings: string;
  version: number;
  enabled: number;
  created_at: number;
  created_by: string;
  removed_at: number | null;
  /** When the last look began, and how long it took. */
  cycle_at: number | null;
  cycle_ms: number | null;
  /** What the last good look found. */
  cycle: string | null;
  ok_at: number | null;
  /** Looks that failed since then. */
  failures: number;
  error: string | null;
  /** Not polled before this: it failed, and is given time. */
  next_at: number;
}

/** What a source saw of a job, or of a file that should be one, last. */
export interface SourceItemsTable {
  source_id: number;
  item: string;
  /** By which its kind knows that it has not changed, without reading it. */
  mark: string;
  hash: string;
  /** Contents that were imported. */
  changes: number;
  job_id: number | null;
  external_id: string | null;
  /** External id of the parent that it names. */
  parent_id: string | null;
  /** In which the import left the job: another one now is what somebody said in the diary. */
  status: string | null;
  /** What was imported last, as it was read. */
  content: string | null;
  place: string | null;
  problem: string | null;
  seen_at: number;
  changed_at: number;
  /** When its job last gave a sign of life. */
  quiet_since: number;
  gone_at: number | null;
}

/** An edit that was made here, on its way to where the job comes from. */
export interface SourceEditsTable {
  id: Generated<number>;
  source_id: number;
  item: string;
  job_id: number;
  /** `pending`, `written`, `conflict` or `dismissed`. */
  state: string;
  change: string;
  base: string;
  found: string | null;
  actor: string;
  created_at: number;
  settled_at: number | null;
}
