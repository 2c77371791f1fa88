import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import type { Value } from '../bulk.ts';
import { sqliteProfile } from '../engine-profile.ts';
import type { Database } from '../schema.ts';
import type { Store } from '../store.ts';
import { SqliteConnection } from './connection.ts';
import { type RunResult, type SqliteRunner, sqliteDialect } from './dialect.ts';
import { SqliteReader } from './reader.ts';
import { Snapshots } from './snapshots.ts';
import { SqliteTransaction } from './transaction.ts';
import { WriteQueue } from './write-queue.ts';
import { SqliteWriter } from './writer.ts';

export interface SqliteOptions {
  /** Path of the database file; its folder is made. */
  file: string;
  /** How long a long read may take, milliseconds. */
  readTimeoutMs?: number;
}

/** Opens the embedded engine. The schema is brought up to date by `migrate`. */
export function openSqlite(options: SqliteOptions): Store {
  const { file } = options;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Makes the file, and says here and now what is wrong with it; closed when a reader has it open.
  const opening = new SqliteConnection(file);
  const reader = new SqliteConnection(file, { readOnly: true });
  const moment = new SqliteConnection(file, { readOnly: true });
  opening.close();
  const timeoutMs = options.readTimeoutMs ?? 15_000;
  const people = new SqliteReader(file, { timeoutMs, idleMs: 10 * 60_000 });
  const bulk = new SqliteReader(file, { timeoutMs: timeoutMs * 8, idleMs: 30_000 });
  const writer = new SqliteWriter(file);
  const queue = new WriteQueue(new SqliteTransaction(writer, reader));
  const listeners = new Set<() => void>();
  const kysely = (runner: SqliteRunner) => new Kysely<Database>({ dialect: sqliteDialect(runner) });
  const snapshots = new Snapshots(moment, kysely(runnerOf(moment)));
  let announced = false;

  return {
    profile: sqliteProfile,
    read: kysely(runnerOf(reader)),
    snapshot: (work) => snapshots.run(work),
    people: kysely(people),
    bulk: kysely(bulk),
    async write(work, options) {
      const result = await queue.run(work, options);
      if (announced) {
        announced = false;
        for (const listener of listeners) listener();
      }
      return result;
    },
    onFacts(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announceFacts() {
      announced = true;
    },
    async ping() {
      reader.all('SELECT 1');
    },
    async close() {
      await queue.idle();
      people.close();
      bulk.close();
      reader.close();
      await snapshots.close();
      await writer.close();
    },
  };
}

function runnerOf(connection: SqliteConnection): SqliteRunner {
  return { query: (sql, parameters, reads) => runOn(connection, sql, parameters as Value[], reads) };
}

function runOn(connection: SqliteConnection, sql: string, parameters: Value[], reads: boolean): RunResult {
  if (reads) return { rows: connection.all(sql, parameters) };
  return { rows: [], ...connection.run(sql, parameters) };
}
