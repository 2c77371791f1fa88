import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate, openStore, settingsFrom } from '@daybook/server';
import { sql } from 'kysely';
import pg from 'pg';
import { createDatabase, dropDatabase, startPostgres } from '../../tests/bed/postgres.ts';
import { loadJobs, type Spent } from './load.ts';

export type Engine = 'sqlite' | 'postgres';
type Store = ReturnType<typeof openStore>;

/** What docs/operations.md recommends for a diary of a million jobs. */
export const postgresSettings = {
  shared_buffers: '1GB',
  effective_cache_size: '4GB',
  random_page_cost: '1.1',
  max_wal_size: '4GB',
} as const;

/** A diary of its own for one run. */
export interface Diary {
  /** Data directory for `daybook serve`. */
  readonly data: string;
  readonly databaseUrl: string | undefined;
  readonly spent: Spent;
  remove(): Promise<void>;
}

/**
 * Diaries that are written once and kept: a run gets a copy, because it writes into it. Without a folder they are made
 * anew for each run.
 */
export async function diary(engine: Engine, count: number, kept: string | undefined): Promise<Diary> {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'daybook-bench-search-'));
  mkdirSync(folder, { recursive: true });
  // PostgreSQL runs as somebody else where we are root.
  if (kept === undefined) chmodSync(folder, 0o755);
  const made = await (engine === 'sqlite' ? sqliteDiary(folder, count) : postgresDiary(folder, count));
  const remove = async () => {
    await made.remove();
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  };
  return { ...made, remove };
}

async function sqliteDiary(folder: string, count: number): Promise<Diary> {
  const whole = join(folder, `sqlite-${count}`);
  if (!existsSync(whole)) {
    const part = `${whole}.part`;
    rmSync(part, { recursive: true, force: true });
    await fill(part, undefined, count, part);
    renameSync(part, whole);
  }
  await bringUpToDate(whole, undefined);
  mergeIndexes(join(whole, 'daybook.sqlite'));
  const data = mkdtempSync(join(folder, 'run-'));
  // Closed cleanly, so nothing is left in a write-ahead log.
  copyFileSync(join(whole, 'daybook.sqlite'), join(data, 'daybook.sqlite'));
  return {
    data,
    databaseUrl: undefined,
    spent: readSpent(whole),
    async remove() {
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** As a server does by itself within half an hour (`Upkeep`). */
function mergeIndexes(file: string): void {
  const database = new DatabaseSync(file);
  for (const index of ['word_index', 'part_index']) {
    const merge = database.prepare(`INSERT INTO ${index} (${index}, rank) VALUES ('merge', 1000)`);
    const changes = database.prepare('SELECT total_changes() AS changes');
    for (let done = Number.POSITIVE_INFINITY; done > 1; ) {
      const before = Number(changes.get()?.changes);
      merge.run();
      done = Number(changes.get()?.changes) - before;
    }
  }
  database.close();
}

async function postgresDiary(folder: string, count: number): Promise<Diary> {
  const cluster = join(folder, 'postgres');
  const server = await startPostgres({ keptIn: cluster, settings: postgresSettings });
  const [whole, part] = [`diary_${count}`, `part_${count}`];
  const data = mkdtempSync(join(folder, 'run-'));
  const notes = join(folder, whole);
  mkdirSync(notes, { recursive: true });
  if ((await ask(server.url, `SELECT 1 FROM pg_database WHERE datname = '${whole}'`)).length === 0) {
    await dropDatabase(server.url, part);
    const partUrl = await createDatabase(server.url, part);
    // What is half written is thrown away, so that nothing has to wait for the disk.
    await ask(server.url, `ALTER DATABASE ${part} SET synchronous_commit = off`);
    await fill(data, partUrl, count, notes);
    await ask(server.url, `ALTER DATABASE ${part} RESET synchronous_commit`);
    await ask(partUrl, 'VACUUM (ANALYZE)');
    await ask(server.url, `ALTER DATABASE ${part} RENAME TO ${whole}`);
  }
  await bringUpToDate(data, addressOf(server.url, whole));
  await dropDatabase(server.url, 'run');
  // Files are copied as they are: in the write-ahead log they would be written twice.
  await ask(server.url, `CREATE DATABASE run TEMPLATE ${whole} STRATEGY FILE_COPY`);
  return {
    data,
    databaseUrl: addressOf(server.url, 'run'),
    spent: readSpent(notes),
    async remove() {
      await dropDatabase(server.url, 'run');
      await ask(server.url, 'CHECKPOINT');
      await server.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function fill(
  data: string,
  databaseUrl: string | undefined,
  count: number,
  notes: string,
): Promise<void> {
  const store = storeOf(data, databaseUrl);
  await migrate(store);
  const spent = await loadJobs(store, count);
  if (databaseUrl !== undefined)
    await store.write(({ db }) =>
      sql`SELECT setval(pg_get_serial_sequence('jobs', 'id'), ${count})`.execute(db),
    );
  await store.write(({ db }) => sql`ANALYZE`.execute(db));
  await store.close();
  writeFileSync(join(notes, 'spent.json'), JSON.stringify(spent));
}

/** A diary that an older schema was written with. */
async function bringUpToDate(data: string, databaseUrl: string | undefined): Promise<void> {
  const store = storeOf(data, databaseUrl);
  const applied = await migrate(store);
  if (applied.length > 0) await store.write(({ db }) => sql`ANALYZE`.execute(db));
  await store.close();
}

export function storeOf(data: string, databaseUrl: string | undefined): Store {
  return openStore(
    settingsFrom({ flags: { data, ...(databaseUrl !== undefined && { databaseUrl }) }, env: {} }),
  );
}

function readSpent(notes: string): Spent {
  return JSON.parse(readFileSync(join(notes, 'spent.json'), 'utf8')) as Spent;
}

function addressOf(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.href;
}

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
