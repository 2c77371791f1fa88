import { type Expression, type RawBuilder, sql } from 'kysely';
import type { EngineName } from './migrations/migration.ts';

/** What the engines do differently, each as one named capability with its reason. */
export interface EngineProfile {
  readonly name: EngineName;
  /**
   * True if this process is the only one that writes jobs, so that what it knows of them stays true. SQLite: `serve`
   * is the only long-lived writer. PostgreSQL: any number of processes.
   */
  readonly soleWriter: boolean;
  /**
   * True if a smaller event id may become visible after a larger one: PostgreSQL's sequences do not wait for commits.
   * Stream readers then advance only below the oldest running transaction.
   */
  readonly commitsOutOfOrder: boolean;
  /** Events that may be read in order for good; see {@link commitsOutOfOrder}. */
  settled(tx: Expression<number>): RawBuilder<boolean>;
}

export const sqliteProfile: EngineProfile = {
  name: 'sqlite',
  soleWriter: true,
  commitsOutOfOrder: false,
  settled: () => sql<boolean>`1 = 1`,
};

export const postgresProfile: EngineProfile = {
  name: 'postgres',
  soleWriter: false,
  commitsOutOfOrder: true,
  settled: (tx) => sql<boolean>`${tx} < pg_snapshot_xmin(pg_current_snapshot())::text::bigint`,
};
