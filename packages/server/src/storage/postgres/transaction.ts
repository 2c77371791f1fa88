import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import {
  type BulkRead,
  type BulkWrite,
  columnArrays,
  parametersOf,
  postgresReadSql,
  postgresWriteSql,
  type Value,
  type Varying,
} from '../bulk.ts';
import type { Database } from '../schema.ts';
import type { RowMarks, Transaction } from '../store.ts';
import { FACTS_CHANNEL } from './facts-listener.ts';

interface Write {
  readonly statement: BulkWrite;
  readonly rows: readonly (readonly Value[])[];
}

/**
 * A transaction of one client. Every statement that is waited for is a round trip, so writes are put off and sent as one:
 * before anything is read, and at the end. What is asked for together is sent together, in the order of asking.
 */
export class PostgresTransaction implements Transaction {
  readonly db: Kysely<Database>;
  readonly marks: RowMarks = { own: () => this.#ownMark(), lockJobs: (ids) => this.#lockJobs(ids) };
  readonly #client: pg.PoolClient;
  /** At most one per table: the parts of one statement do not see what the others change. */
  #writes: Write[] = [];
  #announced = false;
  #mark: string | undefined;
  #over = false;
  readonly #undone: (() => void)[] = [];

  constructor(client: pg.PoolClient) {
    this.#client = client;
    this.db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: this.#asPool() }) });
  }

  /** Goes with what is asked first: whatever keeps it from beginning keeps that from being answered, too. */
  begin(): void {
    this.#client.query('BEGIN').catch(() => undefined);
  }

  async read<Row>(statement: BulkRead, keys: readonly (readonly Value[])[]): Promise<Row[]> {
    if (keys.length === 0) return [];
    const values = columnArrays(keys);
    const { rows } = await this.#ask({ name: statement.name, text: postgresReadSql(statement), values });
    return rows as Row[];
  }

  async write(statement: BulkWrite, rows: readonly (readonly Value[])[]): Promise<void> {
    if (rows.length === 0) return;
    if (this.#writes.some((write) => write.statement.table === statement.table)) await this.#flush();
    this.#writes.push({ statement, rows });
  }

  async eventIds(count: number): Promise<number[]> {
    return (await this.#number(count)).ids;
  }

  /** Numbers of facts and the mark of this transaction: whoever needs the one needs the other. */
  async #number(count: number): Promise<{ ids: number[]; mark: string }> {
    // As one value: as many rows they would cost more to read than to make.
    const { rows } = await this.#send<{ ids: string | null; mark: string }>({
      name: 'event_ids',
      text: `SELECT json_agg(nextval('event_ids')) AS ids, pg_current_xact_id()::xid AS mark FROM generate_series(1, $1::int)`,
      values: [count],
    });
    const { ids, mark } = rows[0] as (typeof rows)[number];
    this.#mark = mark;
    return { ids: JSON.parse(ids ?? '[]'), mark };
  }

  async #ownMark(): Promise<string> {
    return this.#mark ?? (await this.#number(0)).mark;
  }

  async #lockJobs(ids: readonly number[]): Promise<Map<number, string>> {
    const { rows } = await this.#ask({
      name: 'lock_jobs',
      text: 'SELECT id, xmin AS mark FROM jobs WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE',
      values: [`{${ids.join()}}`],
    });
    return new Map(rows.map(({ id, mark }) => [id, mark]));
  }

  async together(name: string): Promise<void> {
    await this.#send({
      name: 'together',
      text: 'SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))',
      values: [name],
    });
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
    this.#over = true;
    for (const forget of this.#undone) forget();
    return await this.#client.query('ROLLBACK').then(
      () => undefined,
      (error: Error) => error,
    );
  }

  async commit(): Promise<void> {
    const notify = this.#announced ? `SELECT pg_notify('${FACTS_CHANNEL}', ''); ` : '';
    const results = [await this.#ask({ text: `${notify}COMMIT` })].flat();
    this.#over = true;
    // After a statement that failed, COMMIT rolls back without an error: whoever swallowed the first one must not go on.
    if (results.at(-1)?.command !== 'COMMIT')
      throw new Error('a statement of this write failed, so all of it was undone');
  }

  /** Sends what was put off, and this behind it, without waiting in between. */
  async #ask(query: pg.QueryConfig): Promise<pg.QueryResult> {
    const [, result] = await Promise.all([this.#flush(), this.#send(query)]);
    return result;
  }

  /** Of things asked for together one may fail, and another go on: not on a connection that is somebody else's by then. */
  async #send<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
    if (this.#over) throw new Error('this write is over');
    return await this.#client.query<Row>(query);
  }

  async #flush(): Promise<void> {
    const writes = this.#writes;
    if (writes.length === 0) return;
    this.#writes = [];
    await this.#send(written(writes, 'values') ?? (written(writes, 'arrays') as pg.QueryConfig));
  }

  /** A pool of the one client; giving it back is the transaction's business. */
  #asPool(): PostgresPool {
    const query = (text: string, values: readonly unknown[]) =>
      this.#ask({ ...preparedAs(text, values.length), text, values: [...values] });
    const held = { query, release: () => undefined } as unknown as PostgresPoolClient;
    return { connect: async () => held, end: async () => undefined } as PostgresPool;
  }
}

/** Texts that are remembered at most, and the parameters of one: lists of ids make new texts all the time. */
const TEXTS = 1_000;
const PARAMETERS = 20;
/** Texts of queries that came before, each with its number. */
const texts = new Map<string, number>();

/** A query that comes again is prepared on its connection: planning a claim costs more than a claim of few jobs. */
function preparedAs(text: string, parameters: number): { name?: string } {
  if (parameters > PARAMETERS) return {};
  const number = texts.get(text);
  if (number !== undefined) return { name: `query_${number}` };
  if (texts.size < TEXTS) texts.set(text, texts.size);
  return {};
}

/** Compiled combinations of statements. Prepared on each connection under a name that fits its 63 bytes. */
const combined = new Map<string, { readonly name: string; readonly text: string }>();
/** Combinations at most in which columns go as one value: each takes memory on every connection. */
const COMBINED = 100;

/** Several writes as one statement: all but the last as `WITH`, each with parameters of its own. */
function written(writes: readonly Write[], others: 'values' | 'arrays'): pg.QueryConfig | undefined {
  const parts = writes.map(({ statement, rows }) => ({
    statement,
    ...parametersOf(statement, rows, others),
  }));
  const key = parts.map(({ statement, varying }) => `${statement.name} ${varying}`).join();
  let made = combined.get(key);
  if (made === undefined) {
    // Those of arrays alone are few.
    if (others === 'values' && combined.size >= COMBINED) return undefined;
    made = { name: `write_${combined.size}`, text: together(parts) };
    combined.set(key, made);
  }
  return { ...made, values: parts.flatMap(({ values }) => values) };
}

function together(parts: readonly { statement: BulkWrite; varying: Varying }[]): string {
  let offset = 0;
  const texts = parts.map(({ statement, varying }) => {
    const text = postgresWriteSql(statement, varying).replace(
      /\$(\d+)/g,
      (_, n: string) => `$${offset + Number(n)}`,
    );
    offset += Object.keys(statement.columns).length;
    return text;
  });
  const last = texts.pop();
  const first = texts.map((text, i) => `part_${i} AS (${text})`).join(', ');
  return first === '' ? `${last}` : `WITH ${first} ${last}`;
}
