import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

/** What runs a compiled query: a connection in this process, or a reader process. */
export interface SqliteRunner {
  query(sql: string, parameters: readonly unknown[], reads: boolean): Promise<RunResult> | RunResult;
}

export interface RunResult {
  rows: unknown[];
  changes?: number;
  lastInsertRowid?: number;
}

/** Kysely over a {@link SqliteRunner}. Transactions are the store's business, so Kysely's are refused. */
export function sqliteDialect(runner: SqliteRunner): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new RunnerDriver(runner),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class RunnerDriver implements Driver {
  readonly #connection: DatabaseConnection;

  constructor(runner: SqliteRunner) {
    this.#connection = new RunnerConnection(runner);
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }
  beginTransaction(): Promise<void> {
    throw new Error('use Store.write: it shares one commit between concurrent writers');
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

class RunnerConnection implements DatabaseConnection {
  readonly #runner: SqliteRunner;

  constructor(runner: SqliteRunner) {
    this.#runner = runner;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const result = await this.#runner.query(query.sql, query.parameters, answersRows(query));
    return {
      rows: result.rows as R[],
      ...(result.changes !== undefined && { numAffectedRows: BigInt(result.changes) }),
      ...(result.lastInsertRowid !== undefined && { insertId: BigInt(result.lastInsertRowid) }),
    };
  }

  // biome-ignore lint/correctness/useYield: a generator by contract; streaming is not needed, exports page by key
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('page by key instead of streaming');
  }
}

function answersRows(query: CompiledQuery): boolean {
  const { query: node, sql } = query;
  if (node.kind === 'SelectQueryNode') return true;
  if ('returning' in node && node.returning !== undefined) return true;
  return node.kind === 'RawNode' && /^\s*(select|with|pragma|explain)\b|\breturning\b/i.test(sql);
}
