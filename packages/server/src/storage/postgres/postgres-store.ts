import { DaybookError } from '@daybook/core';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { postgresProfile } from '../engine-profile.ts';
import type { Database } from '../schema.ts';
import type { Store, Transaction } from '../store.ts';
import { FactsListener } from './facts-listener.ts';
import { PostgresTransaction } from './transaction.ts';

export interface PostgresOptions {
  url: string;
  /** For LISTEN, which connection poolers break; the same as `url` when left out. */
  directUrl?: string;
  /** How long a long read may take, milliseconds. */
  readTimeoutMs?: number;
  poolSize?: number;
}

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
  const main = pool(options.url, size, { pipeline: true });
  const people = slowPool(options.url, 2, timeoutMs);
  const bulk = slowPool(options.url, 1, timeoutMs * 8);
  const kysely = (from: pg.Pool) => new Kysely<Database>({ dialect: new PostgresDialect({ pool: from }) });
  const read = kysely(main);
  const facts = new FactsListener(options.directUrl ?? options.url);

  return {
    profile: postgresProfile,
    read,
    snapshot: (work) =>
      read.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work),
    people: kysely(people.pool),
    bulk: kysely(bulk.pool),
    write: (work) => retried(() => inTransaction(main, work)),
    onFacts: (listener) => facts.add(listener),
    announceFacts: (transaction) => (transaction as PostgresTransaction).announce(),
    async ping() {
      await main.query('SELECT 1');
    },
    async close() {
      await facts.close();
      await Promise.all([main.end(), people.end(), bulk.end()]);
    },
  };
}

function pool(
  connectionString: string,
  max: number,
  more: Pick<pg.PoolConfig, 'pipeline' | 'statement_timeout' | 'idleTimeoutMillis' | 'keepAlive'>,
): pg.Pool {
  const made = new pg.Pool({
    connectionString,
    max,
    types,
    application_name: 'daybook',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    // Every query here is done in less time than it takes PostgreSQL to compile one that it believes to be long.
    options: '-c jit=off',
    ...more,
  });
  // A connection that breaks is replaced by the pool, and whoever waits for an answer is told. Without listeners, of the
  // pool for idle ones and of each for the others, it would end the process.
  made.on('error', () => undefined);
  made.on('connect', (client) => client.on('error', () => undefined));
  return made;
}

/**
 * A pool of long reads. Its connections stay, though nobody asks for a while: whoever comes then would wait for a new one, and
 * for what that has to learn. Its end does not wait for them: their `statement_timeout` ends them on the server.
 */
function slowPool(url: string, max: number, timeoutMs: number): { pool: pg.Pool; end(): Promise<void> } {
  const made = pool(url, max, { statement_timeout: timeoutMs, idleTimeoutMillis: 0, keepAlive: true });
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
  const transaction = new PostgresTransaction(client);
  let broken: Error | undefined;
  try {
    transaction.begin();
    const result = await work(transaction);
    await transaction.commit();
    return result;
  } catch (error) {
    broken = await transaction.rollback();
    if (isOutdated(error)) broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
}

async function connect(from: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await from.connect();
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    // Where it is, is for the log and for who started us: an answer has no cause.
    const cause = new Error(`PostgreSQL at ${placeOf(from)} (${message || code})`, { cause: error });
    throw new DaybookError('unavailable', 'The database cannot be reached. Nothing was stored; try again.', {
      cause,
    });
  }
}

/** Host and port alone: the address has a password in it. */
function placeOf({ options: { connectionString = '' } }: pg.Pool): string {
  if (!URL.canParse(connectionString)) return 'its address';
  const { host, searchParams } = new URL(connectionString);
  return searchParams.get('host') ?? (host || 'localhost');
}

/** Serialization failure and deadlock: PostgreSQL asks for the whole transaction again. */
const RETRIED = new Set(['40001', '40P01']);
/** More than there are connections, each of which may know tables as they were. */
const TRIES = 10;

async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const again = RETRIED.has((error as { code?: string }).code ?? '') || isOutdated(error);
      if (tries >= TRIES || !again) throw error;
    }
  }
}

/** A newer Daybook has added columns meanwhile: what this connection has prepared is good for nothing any more. */
function isOutdated(error: unknown): boolean {
  const { code, routine } = error as { code?: string; routine?: string };
  return code === '0A000' && routine === 'RevalidateCachedQuery';
}
