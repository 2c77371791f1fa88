import type { Kysely } from 'kysely';
import type { Database } from '../schema.ts';
import type { SqliteConnection } from './connection.ts';

/**
 * Reads of one moment. One after the other on a connection of their own (a transaction belongs to its connection); each
 * awaits nothing but SQLite in this process, so nobody waits for long.
 */
export class Snapshots {
  readonly #connection: SqliteConnection;
  readonly #db: Kysely<Database>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: SqliteConnection, db: Kysely<Database>) {
    this.#connection = connection;
    this.#db = db;
  }

  run<T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => this.#read(work));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #read<T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T> {
    this.#connection.exec('BEGIN');
    try {
      return await work(this.#db);
    } finally {
      this.#connection.exec('COMMIT');
    }
  }

  async close(): Promise<void> {
    await this.#last;
    this.#connection.close();
  }
}
