import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** Statements kept compiled per connection; beyond this the oldest is dropped. */
const STATEMENTS = 200;

/** How long opening waits for another process that opens the same new file, milliseconds. Nothing else runs yet. */
const OPENING = 5_000;
const OPENING_PAUSE = 20;

/** One SQLite connection with its compiled statements. */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** `busyTimeout` is how long SQLite itself waits for a lock, milliseconds: on the event loop it must not wait at all. */
  constructor(file: string, options: { readOnly?: boolean; busyTimeout?: number } = {}) {
    this.#database = new DatabaseSync(file, { readOnly: options.readOnly ?? false, timeout: OPENING });
    if (!options.readOnly) {
      this.#turnToWal();
      this.#database.exec('PRAGMA synchronous = FULL');
    }
    const busyTimeout = options.busyTimeout ?? 0;
    this.#database.exec(
      `PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; PRAGMA busy_timeout = ${busyTimeout}`,
    );
  }

  /** Of two processes that turn a new file to WAL at once, SQLite tells one `busy` without waiting: a deadlock otherwise. */
  #turnToWal(): void {
    for (let waited = 0; ; waited += OPENING_PAUSE) {
      try {
        this.#database.exec('PRAGMA journal_mode = WAL');
        return;
      } catch (error) {
        if (!isBusy(error) || waited >= OPENING) throw error;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, OPENING_PAUSE);
    }
  }

  get isTransaction(): boolean {
    return this.#database.isTransaction;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** The compiled statement; compiled on first use. */
  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
      if (this.#statements.size > STATEMENTS)
        this.#statements.delete(this.#statements.keys().next().value as string);
    }
    return statement;
  }

  all<Row>(sql: string, parameters: readonly SQLInputValue[] = []): Row[] {
    return objectsOf(this.rows(sql, [parameters]));
  }

  /** What the statement finds for each set of parameters, in their order. */
  rows(sql: string, keys: readonly (readonly SQLInputValue[])[]): Rows {
    const statement = this.statement(sql);
    statement.setReturnArrays(true);
    const values = keys.flatMap((key) => statement.all(...key) as unknown as unknown[][]);
    return { names: statement.columns().map(({ name }) => name), values };
  }

  run(sql: string, parameters: readonly SQLInputValue[] = []): { changes: number; lastInsertRowid: number } {
    const { changes, lastInsertRowid } = this.statement(sql).run(...parameters);
    return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
  }

  /** Renews what the planner knows of the tables; another process that writes just now will do it in its turn. */
  optimize(): void {
    try {
      this.#database.exec('PRAGMA optimize');
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}

/** What a statement found. As objects it would cost twice as much, and three times on the way between threads. */
export interface Rows {
  readonly names: readonly string[];
  /** Row by row, in the order of the names. */
  readonly values: readonly (readonly unknown[])[];
}

export function objectsOf<Row>({ names, values }: Rows): Row[] {
  if (values.length === 0) return [];
  const make = makerOf(names);
  return values.map((row) => make(row) as Row);
}

type Maker = (row: readonly unknown[]) => unknown;

/** Makers of objects by the names of their columns; beyond this the oldest is dropped. */
const makers = new Map<string, Maker>();

/** Compiled: an object literal is made twenty times as fast as an object whose properties are set by name. */
function makerOf(names: readonly string[]): Maker {
  const key = JSON.stringify(names);
  let make = makers.get(key);
  if (make === undefined) {
    const properties = names.map((name, i) => `${JSON.stringify(name)}: row[${i}]`);
    make = new Function('row', `return { ${properties.join(', ')} };`) as Maker;
    makers.set(key, make);
    if (makers.size > STATEMENTS) makers.delete(makers.keys().next().value as string);
  }
  return make;
}

/** SQLite's "somebody else is writing". */
export function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number } | null)?.errcode;
  return code !== undefined && ((code & 0xff) === 5 || (code & 0xff) === 6);
}
