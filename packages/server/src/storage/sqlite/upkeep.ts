import type { SqliteConnection } from './connection.ts';

/**
 * How long after a commit the log is moved, milliseconds: 1 to 3 ms of work each time under load. A longer log takes longer
 * in one go, and everybody waits who reports meanwhile.
 */
const MOVE = 200;
/** The commit that makes the log longer than that moves it all the same, pages of 4 KiB. */
const LONGEST_LOG = 25_000;
/** How long after a commit indexes are merged by one step, milliseconds. */
const MERGE = 2_000;
/** What a step writes of an index, about: some milliseconds. */
const PAGES = 50;
/** How soon it is looked again whether a transaction has ended, milliseconds. */
const BETWEEN = 1;

/** Tables of FTS5 (migration 10). */
const INDEXES = ['word_index', 'part_index'];

/**
 * What SQLite would do within commits, while callers wait for them, or not at all: done a little at a time, between the
 * transactions of the connection that writes.
 *
 * - What the write-ahead log holds is moved into the database. SQLite by itself would do it within every eighth commit or so,
 *   and a long log that is left would hold up whoever writes next.
 * - The segments by which an index of words grows are merged. A search opens each of its words in every segment, so that one
 *   with 250 words takes a third of the time in two segments as in a dozen.
 */
export class Upkeep {
  readonly #connection: SqliteConnection;
  #moving: NodeJS.Timeout | undefined;
  #merging: NodeJS.Timeout | undefined;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    connection.exec(`PRAGMA wal_autocheckpoint = ${LONGEST_LOG}`);
  }

  /** To be told of every commit. */
  committed(): void {
    this.#moving ??= setTimeout(() => this.#move(), MOVE);
    this.#merging ??= setTimeout(() => this.#merge(), MERGE);
  }

  stop(): void {
    clearTimeout(this.#moving);
    clearTimeout(this.#merging);
  }

  #move(): void {
    // SQLite would refuse.
    this.#moving = this.#connection.isTransaction ? setTimeout(() => this.#move(), BETWEEN) : undefined;
    if (this.#moving !== undefined) return;
    try {
      this.#connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // What was committed is in the log, and stays there for the next time. A disk that fails fails the next commit, too.
    }
  }

  #merge(): void {
    this.#merging = this.#connection.isTransaction ? setTimeout(() => this.#merge(), BETWEEN) : undefined;
    if (this.#merging !== undefined) return;
    try {
      // A commit like any other.
      if (INDEXES.some((name) => this.#mergedSome(name))) this.committed();
    } catch {
      // As it was before, and so it may stay: the database is older than its indexes, or its disk fails.
    }
  }

  /** Merges segments of the same level where there are two (`usermerge`, migration 15). False if there was nothing to do. */
  #mergedSome(index: string): boolean {
    const before = this.#changes();
    this.#connection.run(`INSERT INTO ${index} (${index}, rank) VALUES ('merge', ?)`, [PAGES]);
    // One is the row that we said we insert.
    return this.#changes() - before > 1;
  }

  #changes(): number {
    return this.#connection.all<{ changes: number }>('SELECT total_changes() AS changes')[0]?.changes ?? 0;
  }
}
