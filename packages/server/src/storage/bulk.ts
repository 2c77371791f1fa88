import type { Database } from './schema.ts';

/**
 * Hot statements: many rows of one table at once, compiled once. SQLite runs a prepared statement per row, or per
 * {@link ROWS_AT_ONCE} of many (no network in between, so this is the fastest way); PostgreSQL gets arrays and one
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

export const sqliteWriteSql = compiledOnce((statement: BulkWrite): string => {
  const columns = Object.keys(statement.columns);
  const key = statement.key ?? [];
  const rest = columns.filter((column) => !key.includes(column));
  if (statement.mode === 'update') {
    // Numbered, because the values come in the order of `columns` whatever the order of the clauses.
    const at = (column: string) => `${column} = ?${columns.indexOf(column) + 1}`;
    return `UPDATE ${statement.table} SET ${rest.map(at).join(', ')} WHERE ${key.map(at).join(' AND ')}`;
  }
  const insert = `INSERT INTO ${statement.table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
  return statement.mode === 'insert' ? insert : insert + onConflict(key, rest);
});

/** Which columns of some rows differ between them: the others go as one value. A `1` or a `0` for each column. */
export type Varying = string;

/** Rows that one statement of SQLite takes: more of them save no more time. */
export const ROWS_AT_ONCE = 20;

/**
 * A write of {@link ROWS_AT_ONCE} rows on SQLite. Its values are those that all rows share, in the order of the columns, and
 * then row by row those that vary: what is bound once instead of twenty times is a quarter of the write.
 */
export function sqliteManySql({ mode, table, columns, key = [] }: BulkWrite, varying: Varying): string {
  const names = Object.keys(columns);
  const shared = names.filter((_, i) => varying[i] === '0');
  const own = names.filter((_, i) => varying[i] === '1');
  const place = (row: number, name: string) => {
    const at = own.indexOf(name);
    return at < 0 ? `?${shared.indexOf(name) + 1}` : `?${shared.length + row * own.length + at + 1}`;
  };
  const rows = (of: readonly string[]) =>
    Array.from(
      { length: ROWS_AT_ONCE },
      (_, row) => `(${of.map((name) => place(row, name)).join(', ')})`,
    ).join(', ');
  const rest = names.filter((name) => !key.includes(name));
  if (mode === 'update') {
    const at = (name: string) =>
      `${name} = ${own.includes(name) ? `new.column${own.indexOf(name) + 1}` : place(0, name)}`;
    const where = key.map((name) => `${table}.${at(name)}`).join(' AND ');
    return `UPDATE ${table} SET ${rest.map(at).join(', ')} FROM (VALUES ${rows(own)}) AS new WHERE ${where}`;
  }
  const insert = `INSERT INTO ${table} (${names.join(', ')}) VALUES ${rows(names)}`;
  return mode === 'insert' ? insert : insert + onConflict(key, rest);
}

export function postgresWriteSql(statement: BulkWrite, varying: Varying): string {
  const columns = Object.keys(statement.columns);
  const key = statement.key ?? [];
  const rest = columns.filter((column) => !key.includes(column));
  const values = Object.values(statement.columns).map((type, i) =>
    varying[i] === '1' ? `$${i + 1}::${postgresTypes[type]}[]` : `$${i + 1}::${postgresTypes[type]}`,
  );
  // One by one in the list of columns: as a table of many arrays PostgreSQL would keep each of them aside first.
  const rows = `SELECT ${values.map((value, i) => (varying[i] === '1' ? `unnest(${value})` : value)).join(', ')}`;
  if (statement.mode === 'update') {
    const set = rest.map((column) => `${column} = new.${column}`).join(', ');
    const where = key.map((column) => `old.${column} = new.${column}`).join(' AND ');
    // Said twice: to join some hundred rows it would read a table of some thousand from its beginning to its end.
    const among = key
      .map((column) => `old.${column} = ANY (${values[columns.indexOf(column)]})`)
      .join(' AND ');
    return `UPDATE ${statement.table} AS old SET ${set} FROM (${rows}) AS new (${columns.join(', ')}) WHERE ${where} AND ${among}`;
  }
  const insert = `INSERT INTO ${statement.table} (${columns.join(', ')}) ${rows}`;
  return statement.mode === 'insert' ? insert : insert + onConflict(key, rest);
}

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

/** Rows by column: one value, where all rows have the same, or the values of all rows. */
export interface Columns {
  readonly count: number;
  readonly columns: readonly Column[];
}

/** Numbers stand in a typed array: threads hand it on as it is. */
export type Column = Value | readonly Value[] | Float64Array;

/** True if a column has a value for each row. */
export function varies(column: Column): column is readonly Value[] | Float64Array {
  return typeof column === 'object' && column !== null;
}

/** The columns of some rows. */
export function columnsOf(rows: readonly (readonly Value[])[]): Columns {
  const width = rows[0]?.length ?? 0;
  return { count: rows.length, columns: Array.from({ length: width }, (_, i) => columnOf(rows, i)) };
}

function columnOf(rows: readonly (readonly Value[])[], i: number): Column {
  const first = rows[0]?.[i] as Value;
  let [same, numeric] = [true, true];
  for (const row of rows) {
    const value = row[i];
    if (value !== first) same = false;
    if (typeof value !== 'number') numeric = false;
  }
  if (same) return first;
  return numeric ? Float64Array.from(rows, (row) => row[i] as number) : rows.map((row) => row[i] as Value);
}

/** Which of the columns vary. */
export function varyingOf(columns: readonly Column[]): Varying {
  return columns.map((column) => (varies(column) ? '1' : '0')).join('');
}

/** Fewer rows are as quick in arrays, and of one way to write them. */
const MANY = 20;

/**
 * What a statement of PostgreSQL takes for some rows: an array literal for each column that varies, and one value for
 * each of the others (or arrays for all).
 */
export function parametersOf(
  statement: BulkWrite,
  rows: readonly (readonly Value[])[],
  others: 'values' | 'arrays',
): { readonly values: readonly Value[]; readonly varying: Varying } {
  const { columns } = columnsOf(rows);
  const arrays = others === 'arrays' || rows.length < MANY;
  // Rows that are alike in everything would be one; what finds the rows of an update is looked for among an array.
  const listed = Object.keys(statement.columns).map(
    (name, i) => arrays || i === 0 || (statement.mode === 'update' && statement.key?.includes(name)),
  );
  const lists = columns.map((column, i) => listed[i] || varies(column));
  return {
    values: columns.map((column, i) => (lists[i] ? arrayLiteral(column, rows.length) : (column as Value))),
    varying: lists.map((list) => (list ? '1' : '0')).join(''),
  };
}

/**
 * Rows to columns: what `unnest` takes, one array literal per column. Written here because the driver's own way costs
 * more than the insert itself.
 */
export function columnArrays(rows: readonly (readonly Value[])[]): string[] {
  return columnsOf(rows).columns.map((column) => arrayLiteral(column, rows.length));
}

function arrayLiteral(column: Column, count: number): string {
  if (column instanceof Float64Array) return `{${column.join()}}`;
  if (varies(column)) return `{${column.map(elementOf).join()}}`;
  const element = elementOf(column);
  return `{${element}${`,${element}`.repeat(count - 1)}}`;
}

function elementOf(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  return `"${/["\\]/.test(value) ? value.replace(/["\\]/g, '\\$&') : value}"`;
}
