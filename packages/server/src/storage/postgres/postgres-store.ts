import { DaybookError } from '@daybook/core';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely';
import pg from 'pg';
import {
  type BulkRead,
  type BulkWrite,
  columnArrays,
  postgresReadSql,
  postgresWriteSql,
  type Value,
} from '../bulk.ts';
import { postgresProfile } from '../engine-profile.ts';
import type { Database } from '../schema.ts';
import type { Store, Transaction } from '../store.ts';
import { FactsListener } from './facts-listener.ts';

export interface PostgresOptions {
  url: string;
  /** For LISTEN, which connection poolers break; the same as `url` when left out. */
  directUrl?: string;
  /** How long a long read may take, milliseconds. */
  readTimeoutMs?: number;
  poolSize?: number;
}

/** Channel of NOTIFY when facts were committed. */
export const FACTS_CHANNEL = 'daybook_facts';

/** int8 as number (ids and milliseconds are far below 2^53), JSON as its text: see schema.ts. */
const types = new pg.TypeOverrides();
types.setTypeParser(20, Number);
types.setTypeParser(1700, Number);
types.setTypeParser(114, (text: string) => text);
types.setTypeParser(3802, (text: string) => text);

/** Opens PostgreSQL (15 or newer). The schema is brought up to date by `migrate`. */
export function openPostgres(options: PostgresOptions): Store {
  const timeoutMs = options.readTimeoutMs ?? 15_000;
  const size = options.poolSize ?? 8;
  const main = pool(options.url, size);
  const people = slowPool(options.url, 2, timeoutMs);
  const bulk = slowPool(options.url, 1, timeoutMs * 8);
  const kysely = (from: pg.Pool) => new Kysely<Database>({ dialect: new PostgresDialect({ pool: from }) });
  const read = kysely(main);
  const facts = new FactsListener(options.directUrl ?? options.url, FACTS_CHANNEL);

  return {
    profile: postgresProfile,
    read,
    snapshot: (work) =>
      read.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work),
    people: kysely(people.pool),
    bulk: kysely(bulk.pool),
    write: (work) => retried(() => inTransaction(main, work)),
    onFacts: (listener) => facts.add(listener),
    async announceFacts(transaction) {
      await sql`SELECT pg_notify(${FACTS_CHANNEL}, '')`.execute(transaction.db);
    },
    async ping() {
      await main.query('SELECT 1');
    },
    async close() {
      await facts.close();
      await Promise.all([main.end(), people.end(), bulk.end()]);
    },
  };
}

function pool(connectionString: string, max: number, statementTimeout?: number): pg.Pool {
  const made = new pg.Pool({
    connectionString,
    max,
    types,
    application_name: 'daybook',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    ...(statementTimeout !== undefined && { statement_timeout: statementTimeout }),
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  made.on('error', () => undefined);
  return made;
}

/** A pool of long reads. Its end does not wait for them: their `statement_timeout` ends them on the server. */
function slowPool(url: string, max: number, timeoutMs: number): { pool: pg.Pool; end(): Promise<void> } {
  const made = pool(url, max, timeoutMs);
  const clients = new Set<pg.PoolClient>();
  const stop = (client: pg.PoolClient) => void (client as unknown as pg.Client).end();
  made.on('connect', (client) => {
    clients.add(client);
    if (made.ending) stop(client);
  });
  made.on('remove', (client) => clients.delete(client));
  const end = async () => {
    const ended = made.end();
    clients.forEach(stop);
    await ended;
  };
  return { pool: made, end };
}

async function inTransaction<T>(from: pg.Pool, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const client = await connect(from);
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(postgresTransaction(client));
    const { command } = await client.query('COMMIT');
    // After a statement that failed, COMMIT rolls back without an error: whoever swallowed the first one must not go on.
    if (command !== 'COMMIT') throw new Error('a statement of this write failed, so all of it was undone');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

async function connect(from: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await from.connect();
  } catch (cause) {
    throw new DaybookError('unavailable', 'The database cannot be reached. Nothing was stored; try again.', {
      cause,
    });
  }
}

/** Serialization failure and deadlock: PostgreSQL asks for the whole transaction again. */
const RETRIED = new Set(['40001', '40P01']);

async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries >= 5 || !RETRIED.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

function postgresTransaction(client: pg.PoolClient): Transaction {
  return {
    db: new Kysely<Database>({ dialect: new PostgresDialect({ pool: only(client) }) }),
    async read<Row>(statement: BulkRead, keys: readonly (readonly Value[])[]): Promise<Row[]> {
      if (keys.length === 0) return [];
      const arrays = columnArrays(keys, Object.keys(statement.key).length);
      const result = await client.query({
        name: statement.name,
        text: textOf(statement, postgresReadSql),
        values: arrays,
      });
      return result.rows as Row[];
    },
    async write(statement, rows) {
      if (rows.length === 0) return;
      const arrays = columnArrays(rows, Object.keys(statement.columns).length);
      await client.query({ name: statement.name, text: textOf(statement, postgresWriteSql), values: arrays });
    },
    async eventIds(count) {
      const result = await client.query({
        name: 'event_ids',
        text: `SELECT nextval('event_ids') AS id FROM generate_series(1, $1::int)`,
        values: [count],
      });
      return result.rows.map((row: { id: number }) => row.id);
    },
  };
}

const texts = new Map<BulkRead | BulkWrite, string>();

function textOf<S extends BulkRead | BulkWrite>(statement: S, toSql: (statement: S) => string): string {
  let text = texts.get(statement);
  if (text === undefined) {
    text = toSql(statement);
    texts.set(statement, text);
  }
  return text;
}

/** A pool of the one client that holds the transaction; giving it back is the transaction's business. */
function only(client: pg.PoolClient): PostgresPool {
  const held = { query: client.query.bind(client), release: () => undefined } as PostgresPoolClient;
  return { connect: async () => held, end: async () => undefined } as PostgresPool;
}
