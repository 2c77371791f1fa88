import type { Database } from './schema.ts';

/**
 * Hot statements: many rows of one table at once, compiled once. SQLite runs a prepared statement per row, or per
 * {@link ROWS_PER_INSERT} new rows (no network in between, so this is the fastest way); PostgreSQL gets arrays and one
 * `unnest` per statement.
 */

export type Value = string | number | null;
export type ColumnType = 'int' | 'real' | 'text' | 'json';

export interface BulkWrite {
  readonly name: string;
  readonly table: keyof Database;
  /** Column → type, in the order of the values. */
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly mode: 'insert' | 'update' | 'upsert';
  /** The columns that find the row, for update and upsert; they are among `columns`. */
  readonly key?: readonly string[];
}

export interface BulkRead {
  readonly name: string;
  readonly table: keyof Database;
  readonly columns: readonly string[];
  readonly key: Readonly<Record<string, ColumnType>>;
  readonly orderBy?: string;
  /** Locks the rows until the end of the transaction, in the order of `orderBy` (so that two writers never deadlock). */
  readonly lock?: boolean;
}

/** Statements are few and live as long as the process. */
function compiledOnce<S>(compile: (statement: S) => string): (statement: S) => string {
  const texts = new Map<S, string>();
  return (statement) => {
    let text = texts.get(statement);
    if (text === undefined) {
      text = compile(statement);
      texts.set(statement, text);
    }
    return text;
  };
}

const postgresTypes: Record<ColumnType, string> = {
  int: 'bigint',
  real: 'double precision',
  text: 'text',
  json: 'jsonb',
};

/** New rows that one statement of SQLite takes: more of them save no more time. */
export const ROWS_PER_INSERT = 20;

export const sqliteWriteSql = compiledOnce((statement: BulkWrite): string => sqliteWrite(statement, 1));

/** The same for {@link ROWS_PER_INSERT} rows; an update is of one row. */
export const sqliteInsertSql = compiledOnce((statement: BulkWrite): string =>
  sqliteWrite(statement, ROWS_PER_INSERT),
);

function sqliteWrite(statement: BulkWrite, rows: number): string {
  const columns = Object.keys(statement.columns);
  const key = statement.key ?? [];
  const rest = columns.filter((column) => !key.includes(column));
  if (statement.mode === 'update') {
    // Numbered, because the values come in the order of `columns` whatever the order of the clauses.
    const at = (column: string) => `${column} = ?${columns.indexOf(column) + 1}`;
    return `UPDATE ${statement.table} SET ${rest.map(at).join(', ')} WHERE ${key.map(at).join(' AND ')}`;
  }
  const row = `(${columns.map(() => '?').join(', ')})`;
  const insert = `INSERT INTO ${statement.table} (${columns.join(', ')}) VALUES ${Array(rows).fill(row).join(', ')}`;
  return statement.mode === 'insert' ? insert : insert + onConflict(key, rest);
}

export const postgresWriteSql = compiledOnce((statement: BulkWrite): string => {
  const columns = Object.keys(statement.columns);
  const key = statement.key ?? [];
  const rest = columns.filter((column) => !key.includes(column));
  const arrays = Object.values(statement.columns).map((type, i) => `$${i + 1}::${postgresTypes[type]}[]`);
  // One by one in the list of columns: as a table of many arrays PostgreSQL would keep each of them aside first.
  const rows = `SELECT ${arrays.map((array) => `unnest(${array})`).join(', ')}`;
  if (statement.mode === 'update') {
    const set = rest.map((column) => `${column} = new.${column}`).join(', ');
    const where = key.map((column) => `old.${column} = new.${column}`).join(' AND ');
    // Said twice: to join some hundred rows it would read a table of some thousand from its beginning to its end.
    const among = key
      .map((column) => `old.${column} = ANY (${arrays[columns.indexOf(column)]})`)
      .join(' AND ');
    return `UPDATE ${statement.table} AS old SET ${set} FROM (${rows}) AS new (${columns.join(', ')}) WHERE ${where} AND ${among}`;
  }
  const insert = `INSERT INTO ${statement.table} (${columns.join(', ')}) ${rows}`;
  return statement.mode === 'insert' ? insert : insert + onConflict(key, rest);
});

function onConflict(key: readonly string[], rest: readonly string[]): string {
  const set = rest.map((column) => `${column} = excluded.${column}`).join(', ');
  return ` ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${set}`;
}

export const sqliteReadSql = compiledOnce((statement: BulkRead): string => {
  const where = Object.keys(statement.key).map((column) => `${column} = ?`);
  const order = statement.orderBy === undefined ? '' : ` ORDER BY ${statement.orderBy}`;
  return `SELECT ${statement.columns.join(', ')} FROM ${statement.table} WHERE ${where.join(' AND ')}${order}`;
});

export const postgresReadSql = compiledOnce((statement: BulkRead): string => {
  const key = Object.entries(statement.key);
  const arrays = key.map(([, type], i) => `$${i + 1}::${postgresTypes[type]}[]`);
  const names = key.map(([column]) => column).join(', ');
  const on = key.map(([column]) => `rows.${column} = wanted.${column}`).join(' AND ');
  const columns = statement.columns.map((column) => `rows.${column}`).join(', ');
  const order = statement.orderBy === undefined ? '' : ` ORDER BY ${qualified(statement.orderBy)}`;
  const lock = statement.lock ? ' FOR NO KEY UPDATE OF rows' : '';
  // Not a join, which may read the whole table: the index finds all of them on one way through it.
  if (key.length === 1)
    return `SELECT ${columns} FROM ${statement.table} AS rows WHERE rows.${names} = ANY (${arrays[0]})${order}${lock}`;
  return `SELECT ${columns} FROM unnest(${arrays.join(', ')}) AS wanted (${names}) JOIN ${statement.table} AS rows ON ${on}${order}${lock}`;
});

function qualified(orderBy: string): string {
  return orderBy.replace(/\w+/g, (column) => `rows.${column}`);
}

/**
 * Rows to columns: what `unnest` takes, one array literal per column. Written here because the driver's own way costs
 * more than the insert itself.
 */
export function columnArrays(rows: readonly (readonly Value[])[], width: number): string[] {
  return Array.from({ length: width }, (_, column) => arrayLiteral(rows, column));
}

function arrayLiteral(rows: readonly (readonly Value[])[], column: number): string {
  let text = '{';
  let last: Value | undefined;
  let element = '';
  for (const row of rows) {
    const value = row[column] ?? null;
    // Most columns say the same of all rows.
    if (value !== last) {
      element = elementOf(value);
      last = value;
    }
    text += text.length > 1 ? `,${element}` : element;
  }
  return `${text}}`;
}

function elementOf(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  return `"${/["\\]/.test(value) ? value.replace(/["\\]/g, '\\$&') : value}"`;
}
