import { Kysely } from 'kysely';
import {
  type BulkRead,
  type BulkWrite,
  columnsOf,
  ROWS_AT_ONCE,
  sqliteManySql,
  sqliteReadSql,
  sqliteWriteSql,
  type Value,
  varyingOf,
} from '../bulk.ts';
import type { Database } from '../schema.ts';
import type { Transaction } from '../store.ts';
import { objectsOf, type SqliteConnection } from './connection.ts';
import { type RunResult, type SqliteRunner, sqliteDialect } from './dialect.ts';
import type { Command, SqliteWriter } from './writer.ts';

/** Reads and nothing else. */
const SELECT = /^\s*select\b/i;

/** Where a task of a shared transaction begins: what {@link SqliteTransaction.undo} goes back to. */
export interface Savepoint {
  readonly command: Command;
  readonly lastId: number | undefined;
  /** How many have asked to be told before it. */
  readonly told: number;
}

/**
 * The one transaction at a time of the writing thread, as the event loop sees it. What needs no answer is put off and
 * goes with what comes next; what nobody can have changed yet is read here, without asking the thread.
 */
export class SqliteTransaction implements Transaction {
  readonly db: Kysely<Database>;
  readonly marks = undefined;
  readonly #writer: SqliteWriter;
  readonly #reader: SqliteConnection;
  /** True as soon as this transaction may have changed what the read connection sees. */
  #changed = false;
  /** The number of the last fact that is stored, and of the last one that was given out. Undefined: not asked for yet. */
  #storedId: number | undefined;
  #lastId: number | undefined;
  #undone: (() => void)[] = [];

  constructor(writer: SqliteWriter, reader: SqliteConnection) {
    this.#writer = writer;
    this.#reader = reader;
    const runner: SqliteRunner = {
      query: (sql, parameters, reads) => this.#query(sql, parameters as Value[], reads),
    };
    this.db = new Kysely<Database>({ dialect: sqliteDialect(runner) });
  }

  begin(): void {
    this.#changed = false;
    this.#storedId = undefined;
    this.#lastId = undefined;
    this.#undone = [];
    this.#writer.renew();
    this.#later('BEGIN IMMEDIATE');
  }

  savepoint(): Savepoint {
    return {
      command: this.#later('SAVEPOINT task'),
      lastId: this.#lastId,
      told: this.#undone.length,
    };
  }

  /** Waits for what was put off, so that a fault of it belongs to this task and to no other. */
  async release(): Promise<void> {
    await this.#exec('RELEASE task');
  }

  /** The same without waiting: a fault of it is thrown by what comes next. */
  releaseLater(): void {
    this.#later('RELEASE task');
  }

  async undo({ command, lastId, told }: Savepoint): Promise<void> {
    for (const forget of this.#undone.splice(told)) forget();
    this.#writer.forgetAfter(command);
    await this.#exec('ROLLBACK TO task; RELEASE task');
    // Where this task was the first to number facts, none is given out now.
    this.#lastId = lastId ?? this.#storedId;
  }

  async commit(): Promise<void> {
    if (this.#lastId !== this.#storedId) this.#storeLastId();
    await this.#exec('COMMIT');
  }

  async rollback(): Promise<void> {
    for (const forget of this.#undone) forget();
    this.#writer.forgetAfter(undefined);
    await this.#exec('ROLLBACK');
  }

  /** Transactions come one after the other. */
  together(): void {}

  onUndone(forget: () => void): void {
    this.#undone.push(forget);
  }

  async read<Row>(statement: BulkRead, keys: readonly (readonly Value[])[]): Promise<Row[]> {
    if (keys.length === 0) return [];
    const sql = sqliteReadSql(statement);
    // One process writes, and it has committed what it wrote before.
    return this.#changed ? await this.#writer.rows(sql, keys) : objectsOf(this.#reader.rows(sql, keys));
  }

  write(statement: BulkWrite, rows: readonly (readonly Value[])[]): void {
    if (rows.length === 0) return;
    this.#changed = true;
    const columns = columnsOf(rows);
    const varying = varyingOf(columns.columns);
    const isMany = rows.length >= ROWS_AT_ONCE && varying.includes('1');
    this.#writer.later({
      kind: 'write',
      sql: sqliteWriteSql(statement),
      ...(isMany && { manySql: sqliteManySql(statement, varying) }),
      rows: columns,
    });
  }

  eventIds(count: number): number[] {
    this.#storedId ??= this.#readLastId();
    const last = this.#lastId ?? this.#storedId;
    this.#lastId = last + count;
    return Array.from({ length: count }, (_, i) => last + 1 + i);
  }

  async #query(sql: string, parameters: readonly Value[], answersRows: boolean): Promise<RunResult> {
    const selects = answersRows && SELECT.test(sql);
    if (selects && !this.#changed) return { rows: this.#reader.all(sql, parameters) };
    this.#changed ||= !selects;
    if (answersRows) return { rows: await this.#writer.rows(sql, [parameters]) };
    return {
      rows: [],
      ...(await this.#writer.run<Omit<RunResult, 'rows'>>({ kind: 'run', sql, parameters })),
    };
  }

  #readLastId(): number {
    const [row] = this.#reader.all<{ value: number }>(`SELECT value FROM counters WHERE name = 'events'`);
    return row?.value ?? 0;
  }

  /** Two processes that both number facts would meet here: the column takes no NULL, so the later one fails. */
  #storeLastId(): void {
    const sql = `UPDATE counters SET value = CASE WHEN value = ? THEN ? END WHERE name = 'events'`;
    const ids = [this.#storedId as number, this.#lastId as number];
    this.#writer.later({ kind: 'write', sql, rows: columnsOf([ids]) });
  }

  #later(sql: string): Command {
    const command = { kind: 'exec', sql } as const;
    this.#writer.later(command);
    return command;
  }

  #exec(sql: string): Promise<void> {
    return this.#writer.run({ kind: 'exec', sql });
  }
}
