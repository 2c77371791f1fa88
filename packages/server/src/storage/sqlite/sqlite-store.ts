import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import { type BulkRead, type BulkWrite, sqliteReadSql, sqliteWriteSql, type Value } from '../bulk.ts';
import { sqliteProfile } from '../engine-profile.ts';
import type { Database } from '../schema.ts';
import type { Store, Transaction } from '../store.ts';
import { isBusy, SqliteConnection } from './connection.ts';
import { type RunResult, type SqliteRunner, sqliteDialect } from './dialect.ts';
import { SqliteReader } from './reader.ts';
import { Snapshots } from './snapshots.ts';
import { WriteQueue } from './write-queue.ts';

export interface SqliteOptions {
  /** Path of the database file; its folder is made. */
  file: string;
  /** How long a long read may take, milliseconds. */
  readTimeoutMs?: number;
}

/** Opens the embedded engine. The schema is brought up to date by `migrate`. */
export function openSqlite(options: SqliteOptions): Store {
  mkdirSync(dirname(options.file), { recursive: true, mode: 0o700 });
  const writer = new SqliteConnection(options.file);
  const reader = new SqliteConnection(options.file, { readOnly: true });
  const timeoutMs = options.readTimeoutMs ?? 15_000;
  const people = new SqliteReader(options.file, { timeoutMs, idleMs: 10 * 60_000 });
  const bulk = new SqliteReader(options.file, { timeoutMs: timeoutMs * 8, idleMs: 30_000 });
  const queue = new WriteQueue(writer, sqliteTransaction(writer));
  const listeners = new Set<() => void>();
  const kysely = (runner: SqliteRunner) => new Kysely<Database>({ dialect: sqliteDialect(runner) });
  const moment = new SqliteConnection(options.file, { readOnly: true });
  const snapshots = new Snapshots(moment, kysely(runnerOf(moment)));
  let announced = false;

  return {
    profile: sqliteProfile,
    read: kysely(runnerOf(reader)),
    snapshot: (work) => snapshots.run(work),
    people: kysely(people),
    bulk: kysely(bulk),
    async write(work) {
      const result = await queue.run(work);
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
      optimize(writer);
      writer.close();
    },
  };
}

/** Renews what the planner knows of the tables; another process that writes just now will do it in its turn. */
function optimize(connection: SqliteConnection): void {
  try {
    connection.exec('PRAGMA optimize');
  } catch (error) {
    if (!isBusy(error)) throw error;
  }
}

function runnerOf(connection: SqliteConnection): SqliteRunner {
  return { query: (sql, parameters, reads) => runOn(connection, sql, parameters as Value[], reads) };
}

function runOn(connection: SqliteConnection, sql: string, parameters: Value[], reads: boolean): RunResult {
  if (reads) return { rows: connection.all(sql, parameters) };
  return { rows: [], ...connection.run(sql, parameters) };
}

function sqliteTransaction(connection: SqliteConnection): Transaction {
  const sqlOf = new Map<BulkRead | BulkWrite, string>();
  const compiled = <S extends BulkRead | BulkWrite>(statement: S, toSql: (statement: S) => string) => {
    let text = sqlOf.get(statement);
    if (text === undefined) {
      text = toSql(statement);
      sqlOf.set(statement, text);
    }
    return connection.statement(text);
  };
  return {
    db: new Kysely<Database>({ dialect: sqliteDialect(runnerOf(connection)) }),
    read<Row>(statement: BulkRead, keys: readonly (readonly Value[])[]): Row[] {
      const prepared = compiled(statement, sqliteReadSql);
      return keys.flatMap((key) => prepared.all(...key) as Row[]);
    },
    write(statement, rows) {
      const prepared = compiled(statement, sqliteWriteSql);
      for (const row of rows) prepared.run(...row);
    },
    eventIds(count) {
      const [row] = connection.all<{ value: number }>(
        `UPDATE counters SET value = value + ? WHERE name = 'events' RETURNING value`,
        [count],
      );
      const last = row?.value ?? 0;
      return Array.from({ length: count }, (_, i) => last - count + 1 + i);
    },
  };
}
