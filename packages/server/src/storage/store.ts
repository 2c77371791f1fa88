import type { Kysely } from 'kysely';
import type { BulkRead, BulkWrite, Value } from './bulk.ts';
import type { EngineProfile } from './engine-profile.ts';
import type { Database } from './schema.ts';

/**
 * Where several processes write: rows say which transaction has written them last. Who remembers a row together with its
 * mark knows that it is as it was, and needs not read it again.
 */
export interface RowMarks {
  /** The mark that rows get from this transaction. */
  own(): Promise<string>;
  /** Locks jobs until the end of the transaction, in the order of their ids; answers the marks of those that exist. */
  lockJobs(ids: readonly number[]): Promise<ReadonlyMap<number, string>>;
}

/** A write in progress. Inside it only the database is awaited: on SQLite everybody else's write waits meanwhile. */
export interface Transaction {
  readonly db: Kysely<Database>;
  /** Undefined where nobody else writes, so that what was remembered is true. */
  readonly marks: RowMarks | undefined;
  /** Rows of the given keys, as column → value. Every key is looked up once; rows of one key keep the statement's order. */
  read<Row>(statement: BulkRead, keys: readonly (readonly Value[])[]): Promise<Row[]> | Row[];
  /** Writes many rows of one table; the values stand in the order of the statement's columns. */
  write(statement: BulkWrite, rows: readonly (readonly Value[])[]): Promise<void> | void;
  /** The first of `count` consecutive-in-order ids for events and log lines. */
  eventIds(count: number): Promise<readonly number[]> | readonly number[];
  /**
   * Lets any number of transactions go on together, but none beside one that goes `oneAtATime` with this name (see
   * engine-profile.ts). Whatever is asked for after the call is answered as of after it, awaited or not.
   */
  together(name: string): Promise<void> | void;
  /**
   * Calls this if what was written is taken back, for whatever reason, before anybody else's write goes on: whoever keeps
   * in memory what it has written must forget it then.
   */
  onUndone(forget: () => void): void;
}

export interface WriteOptions {
  /**
   * Goes before the others that share its commit: it reads much. What nobody has changed yet SQLite reads here; after
   * the first change only the thread that writes can, and rows are dear on their way between threads.
   */
  readonly first?: boolean;
}

/** The database, on either engine. Everything that is written goes through {@link Store.write}. */
export interface Store {
  readonly profile: EngineProfile;
  /** Short reads, in this process. Never sees an open write. */
  readonly read: Kysely<Database>;
  /**
   * Several short reads of one moment: what is written between them is not seen. Nothing but the database is awaited.
   */
  snapshot<T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T>;
  /** Long reads that somebody waits for; one that takes too long is stopped with `query_timeout`. */
  readonly people: Kysely<Database>;
  /** Long reads in bulk (export, statistics), kept apart from people's. */
  readonly bulk: Kysely<Database>;
  /**
   * Runs `work` in a transaction. Resolves when it is durable; whatever `work` throws undoes all of it and is thrown.
   * `work` may run again after a conflict with another process, so it must not keep state of its own.
   */
  write<T>(work: (transaction: Transaction) => Promise<T>, options?: WriteOptions): Promise<T>;
  /** Calls `listener` after facts were committed, here or in another process. Answers how to stop listening. */
  onFacts(listener: () => void): () => void;
  /** Tells everybody that facts were committed; called inside the write that commits them. */
  announceFacts(transaction: Transaction): Promise<void> | void;
  /** Throws when the database cannot be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
