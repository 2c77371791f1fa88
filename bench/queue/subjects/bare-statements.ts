import pg from 'pg';
import {
  endQueuedJobs,
  insertEvents,
  turnQueuedJobs,
} from '../../../packages/server/src/jobs/hot-statements.ts';
import {
  type BulkWrite,
  columnsOf,
  parametersOf,
  postgresWriteSql,
  ROWS_AT_ONCE,
  sqliteManySql,
  type Value,
  varies,
  varyingOf,
} from '../../../packages/server/src/storage/bulk.ts';
import { SqliteConnection } from '../../../packages/server/src/storage/sqlite/connection.ts';
import type { Address, Application, Subject } from '../subject.ts';
import { daybookInside } from './daybook-inside.ts';

/** What our queue writes of one batch of jobs, in one transaction. */
type Write = (
  parts: readonly { statement: BulkWrite; rows: readonly (readonly Value[])[] }[],
) => Promise<void>;

/** A connection with nothing around it. */
interface Bare {
  /** Ids of the jobs that wait, and the last id of a fact. */
  begin(): Promise<{ ids: number[]; lastFact: number }>;
  readonly write: Write;
  /** Whoever writes facts next numbers them from here on. */
  end(lastFact: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * The limit of our queue: the rows and facts of claims and ends, written by the same statements to the same tables and
 * indexes, `batch` jobs a transaction and each durable before the next. Nothing is looked for, read, fenced, folded or
 * handed on, and nobody waits for anybody.
 */
export function bareStatements(engine: 'sqlite' | 'postgres', batch: number): Subject {
  const inside = daybookInside(engine, batch, 1);
  return {
    name: `limit: bare statements, ${engine}`,
    settings: `what ours writes, ${batch} jobs a transaction, on one connection of ${engine === 'sqlite' ? 'node:sqlite' : 'pg'}`,
    recovery: undefined,
    drainsOnly: true,
    prepare: (databaseUrl) => inside.prepare(databaseUrl),
    async join(address) {
      const bare = engine === 'sqlite' ? openSqlite(address) : await openPostgres(address);
      return new BareApplication(() => inside.join(address), bare, batch);
    },
  };
}

class BareApplication implements Application {
  readonly #inside: () => Promise<Application>;
  readonly #bare: Bare;
  readonly #batch: number;
  #left = 0;

  constructor(inside: () => Promise<Application>, bare: Bare, batch: number) {
    this.#inside = inside;
    this.#bare = bare;
    this.#batch = batch;
  }

  /** As ours adds them: they have a first fact, too. */
  async add(count: number, note: number): Promise<void> {
    const inside = await this.#inside();
    await inside.add(count, note);
    await inside.leave();
    this.#left += count;
  }

  async work(handle: (note: number) => Promise<void>): Promise<void> {
    const { ids, lastFact } = await this.#bare.begin();
    let fact = lastFact;
    for (let from = 0; from < ids.length; from += this.#batch) {
      const some = ids.slice(from, from + this.#batch);
      for (const turn of [claimOf, endOf]) {
        const turns = some.map((id) => turn(id, ++fact, Date.now()));
        await this.#bare.write([
          { statement: turn === claimOf ? turnQueuedJobs : endQueuedJobs, rows: turns.map(({ row }) => row) },
          { statement: insertEvents, rows: turns.map(({ event }) => event) },
        ]);
      }
      await Promise.all(some.map(() => handle(0)));
    }
    await this.#bare.end(fact);
    this.#left -= ids.length;
  }

  async left(): Promise<number> {
    return this.#left;
  }

  leave(): Promise<void> {
    return this.#bare.close();
  }
}

const token = (id: number) => `6f4c1b0e-7a52-4e43-9d6f-${String(id).padStart(12, '0')}`;

/** In the order of the statements' columns. */
function claimOf(id: number, fact: number, now: number): { row: Value[]; event: Value[] } {
  return {
    row: [
      id,
      null,
      0,
      null,
      null,
      0,
      null,
      now,
      now,
      'running',
      1,
      now,
      now + 9_000,
      token(id),
      null,
      'bench',
      now,
      0,
      0,
      null,
    ],
    event: [
      fact,
      id,
      'status',
      null,
      'running',
      null,
      null,
      '{"worker":"bench"}',
      1,
      'claim',
      null,
      'tester',
      now,
      now,
    ],
  };
}

function endOf(id: number, fact: number, now: number): { row: Value[]; event: Value[] } {
  return {
    row: [
      id,
      null,
      100,
      null,
      null,
      0,
      null,
      now,
      now,
      'succeeded',
      1,
      now,
      null,
      token(id),
      'succeeded',
      'bench',
      now,
      0,
      0,
      null,
      now,
    ],
    event: [fact, id, 'status', null, 'succeeded', null, null, null, 1, 'report', null, 'tester', now, now],
  };
}

const WAITING = `SELECT id FROM jobs WHERE status = 'queued' AND execution = 'claimed' ORDER BY priority DESC, id`;
const LAST_FACT = 'SELECT max(id) AS last FROM events';

function openSqlite({ data }: Address): Bare {
  let opened: SqliteConnection | undefined;
  return {
    async begin() {
      opened = new SqliteConnection(`${data}/daybook.sqlite`);
      // As the writing thread has it.
      opened.exec('PRAGMA wal_autocheckpoint = 25000');
      const [fact] = opened.all<{ last: number }>(LAST_FACT);
      return { ids: opened.all<{ id: number }>(WAITING).map(({ id }) => id), lastFact: fact?.last ?? 0 };
    },
    async write(parts) {
      const connection = opened as SqliteConnection;
      connection.exec('BEGIN IMMEDIATE');
      for (const { statement, rows } of parts) writeRows(connection, statement, rows);
      connection.exec('COMMIT');
    },
    async end(lastFact) {
      opened?.run(`UPDATE counters SET value = ? WHERE name = 'events'`, [lastFact]);
    },
    async close() {
      opened?.close();
    },
  };
}

/** Batches are whole multiples of what one statement takes. */
function writeRows(
  connection: SqliteConnection,
  statement: BulkWrite,
  rows: readonly (readonly Value[])[],
): void {
  const { columns } = columnsOf(rows);
  const compiled = connection.statement(sqliteManySql(statement, varyingOf(columns)));
  const shared = columns.filter((column) => !varies(column)) as Value[];
  const own = columns.flatMap((column, i) => (varies(column) ? [i] : []));
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const some = rows.slice(from, from + ROWS_AT_ONCE);
    compiled.run(...shared, ...some.flatMap((row) => own.map((i) => row[i] as Value)));
  }
}

async function openPostgres({ databaseUrl }: Address): Promise<Bare> {
  const client = new pg.Client({ connectionString: databaseUrl as string });
  await client.connect();
  return {
    async begin() {
      const { rows } = await client.query(WAITING);
      const facts = await client.query(LAST_FACT);
      return { ids: rows.map(({ id }) => Number(id)), lastFact: Number(facts.rows[0].last) };
    },
    async write(parts) {
      await client.query('BEGIN');
      for (const { statement, rows } of parts) {
        const { values, varying } = parametersOf(statement, rows, 'values');
        const text = postgresWriteSql(statement, varying);
        await client.query({ name: `${statement.name} ${varying}`, text, values: [...values] });
      }
      await client.query('COMMIT');
    },
    async end(lastFact) {
      await client.query(`SELECT setval('event_ids', $1)`, [lastFact]);
    },
    close: () => client.end(),
  };
}
