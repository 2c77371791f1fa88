import { type Kysely, sql } from 'kysely';
import type { EngineName } from './migrations/migration.ts';
import type { Database } from './schema.ts';

/** Where a reader of the stream of facts stands: everything up to and including it has been read. */
export interface Position {
  /** PostgreSQL's transaction number; 0 on SQLite. */
  readonly tx: number;
  readonly id: number;
}

/** What the engines do differently, each as one named capability with its reason. */
export interface EngineProfile {
  readonly name: EngineName;
  /**
   * True if this process is the only one that writes jobs, so that what it knows of them stays true. SQLite: `serve`
   * is the only long-lived writer. PostgreSQL: any number of processes.
   */
  readonly soleWriter: boolean;
  /**
   * How far the stream of facts may be read now without ever missing one: up to here nothing new can appear. SQLite has
   * one writer, so that is the last id. PostgreSQL's sequences do not wait for commits, so a smaller id may become
   * visible after a larger one: facts are read in the order of their transactions, below the oldest that still runs.
   */
  horizon(db: Kysely<Database>): Promise<Position>;
  /**
   * Lets one transaction at a time go on with this name, until it ends. SQLite's transactions come one after the other
   * anyway; PostgreSQL's wait for each other here.
   */
  oneAtATime(db: Kysely<Database>, name: string): Promise<void>;
  /** From now on new jobs get numbers from `first` on, unless theirs are higher already. */
  startJobIds(db: Kysely<Database>, first: number): Promise<void>;
}

export const sqliteProfile: EngineProfile = {
  name: 'sqlite',
  soleWriter: true,
  async horizon(db) {
    const counter = await db
      .selectFrom('counters')
      .select('value')
      .where('name', '=', 'events')
      .executeTakeFirstOrThrow();
    return { tx: 0, id: counter.value };
  },
  async oneAtATime() {},
  async startJobIds(db, first) {
    await sql`INSERT INTO sqlite_sequence (name, seq) SELECT 'jobs', 0
      WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'jobs')`.execute(db);
    await sql`UPDATE sqlite_sequence SET seq = ${first - 1} WHERE name = 'jobs' AND seq < ${first - 1}`.execute(
      db,
    );
  },
};

export const postgresProfile: EngineProfile = {
  name: 'postgres',
  soleWriter: false,
  async horizon(db) {
    const { rows } = await sql<{ tx: number }>`
      SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1 AS tx`.execute(db);
    return { tx: rows[0]?.tx ?? 0, id: Number.MAX_SAFE_INTEGER };
  },
  async oneAtATime(db, name) {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(db);
  },
  async startJobIds(db, first) {
    await sql`SELECT setval('jobs_id_seq', ${first}::bigint, false) FROM jobs_id_seq WHERE last_value < ${first}::bigint`.execute(
      db,
    );
  },
};
