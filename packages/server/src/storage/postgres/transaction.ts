import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import {
  type BulkRead,
  type BulkWrite,
  columnArrays,
  postgresReadSql,
  postgresWriteSql,
  type Value,
} from '../bulk.ts';
import type { Database } from '../schema.ts';
import type { Transaction } from '../store.ts';
import { FACTS_CHANNEL } from './facts-listener.ts';

interface Write {
  readonly statement: BulkWrite;
  readonly rows: readonly (readonly Value[])[];
}

/**
 * A transaction of one client. Every statement is a round trip, so writes are put off and sent as one: before anything
 * is read, and at the end.
 */
export class PostgresTransaction implements Transaction {
  readonly db: Kysely<Database>;
  readonly #client: pg.PoolClient;
  /** At most one per table: the parts of one statement do not see what the others change. */
  #writes: Write[] = [];
  #announced = false;
  readonly #undone: (() => void)[] = [];

  constructor(client: pg.PoolClient) {
    this.#client = client;
    this.db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: this.#asPool() }) });
  }

  async read<Row>(statement: BulkRead, keys: readonly (readonly Value[])[]): Promise<Row[]> {
    if (keys.length === 0) return [];
    await this.#flush();
    const values = columnArrays(keys, Object.keys(statement.key).length);
    const { rows } = await this.#client.query({
      name: statement.name,
      text: postgresReadSql(statement),
      values,
    });
    return rows as Row[];
  }

  async write(statement: BulkWrite, rows: readonly (readonly Value[])[]): Promise<void> {
    if (rows.length === 0) return;
    if (this.#writes.some((write) => write.statement.table === statement.table)) await this.#flush();
    this.#writes.push({ statement, rows });
  }

  async eventIds(count: number): Promise<number[]> {
    const { rows } = await this.#client.query<{ id: number }>({
      name: 'event_ids',
      text: `SELECT nextval('event_ids') AS id FROM generate_series(1, $1::int)`,
      values: [count],
    });
    return rows.map(({ id }) => id);
  }

  /** Tells everybody of the facts, with the commit. */
  announce(): void {
    this.#announced = true;
  }

  onUndone(forget: () => void): void {
    this.#undone.push(forget);
  }

  /** Answers why the connection is good for nothing any more, if so. */
  async rollback(): Promise<Error | undefined> {
    for (const forget of this.#undone) forget();
    return await this.#client.query('ROLLBACK').then(
      () => undefined,
      (error: Error) => error,
    );
  }

  async commit(): Promise<void> {
    await this.#flush();
    const notify = this.#announced ? `SELECT pg_notify('${FACTS_CHANNEL}', ''); ` : '';
    const results = [await this.#client.query(`${notify}COMMIT`)].flat();
    // After a statement that failed, COMMIT rolls back without an error: whoever swallowed the first one must not go on.
    if (results.at(-1)?.command !== 'COMMIT')
      throw new Error('a statement of this write failed, so all of it was undone');
  }

  async #flush(): Promise<void> {
    const writes = this.#writes;
    if (writes.length === 0) return;
    this.#writes = [];
    const values = writes.flatMap(({ statement, rows }) =>
      columnArrays(rows, Object.keys(statement.columns).length),
    );
    await this.#client.query({ ...together(writes.map(({ statement }) => statement)), values });
  }

  /** A pool of the one client; giving it back is the transaction's business. */
  #asPool(): PostgresPool {
    const query = async (text: string, values: readonly unknown[]) => {
      await this.#flush();
      return await this.#client.query(text, [...values]);
    };
    const held = { query, release: () => undefined } as unknown as PostgresPoolClient;
    return { connect: async () => held, end: async () => undefined } as PostgresPool;
  }
}

/** Compiled combinations of statements; there are few. Prepared on each connection under a name that fits its 63 bytes. */
const combined = new Map<string, { readonly name: string; readonly text: string }>();

/** Several statements as one: all but the last as `WITH`, each with parameters of its own. */
function together(statements: readonly BulkWrite[]): { readonly name: string; readonly text: string } {
  const names = statements.map(({ name }) => name).join();
  let made = combined.get(names);
  if (made === undefined) {
    let offset = 0;
    const parts = statements.map((statement) => {
      const text = postgresWriteSql(statement).replace(
        /\$(\d+)/g,
        (_, n: string) => `$${offset + Number(n)}`,
      );
      offset += Object.keys(statement.columns).length;
      return text;
    });
    const last = parts.pop();
    const first = parts.map((part, i) => `part_${i} AS (${part})`).join(', ');
    made = { name: `write_${combined.size}`, text: first === '' ? `${last}` : `WITH ${first} ${last}` };
    combined.set(names, made);
  }
  return made;
}
