import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { findDifferences } from '../../packages/server/src/jobs/replay.ts';
import { openPostgres, openSqlite, type Store } from '../../packages/server/src/storage/index.ts';
import { RealServer } from '../bed/real-server.ts';
import { Load } from './load.ts';

/** What many rounds of `kill -9` left behind. */
export interface Verdict {
  readonly rounds: number;
  readonly acknowledged: number;
  /** Texts of acknowledged writes that do not stand in the diary exactly once: text → how often. */
  readonly wrong: readonly (readonly [string, number])[];
  /** Where rows differ from the replay of their events, in any round. */
  readonly differences: readonly unknown[];
  /** Versions of the edited job, and how many edits its events tell of. */
  readonly edits: { readonly version: number; readonly told: number };
}

/** Kills a real server that many write to, again and again, and looks at what it left. */
export async function killRounds(rounds: number, postgresUrl?: string): Promise<Verdict> {
  const server = await RealServer.open({
    ...(postgresUrl && { postgresUrl }),
    flags: ['--log-level', 'error'],
  });
  try {
    const load = new Load(server);
    await load.prepare();
    const differences: unknown[] = [];
    for (let round = 0; round < rounds; round++) {
      const running = load.run();
      // Anywhere in the work: that it is another moment each time is the point.
      await wait(100 + Math.random() * 300);
      await server.kill();
      load.stop();
      await running;
      await server.start();
      differences.push(...(await inDatabase(server, (store) => differencesOf(store, load.jobs, 200))));
      await load.resend();
    }
    return await verdictOn(rounds, server, load, differences);
  } finally {
    await server.remove();
  }
}

/** Cuts all connections of a server to its PostgreSQL while many write to it, again and again: the server itself goes on. */
export async function cutRounds(rounds: number, postgresUrl: string): Promise<Verdict> {
  const server = await RealServer.open({ postgresUrl, flags: ['--log-level', 'error'] });
  try {
    const { pid } = server;
    const load = new Load(server);
    await load.prepare();
    for (let round = 0; round < rounds; round++) {
      const running = load.run();
      await wait(100 + Math.random() * 300);
      await inDatabase(server, cutOthers);
      load.stop();
      await running;
      // One that lies idle is known to be cut at the latest when something is asked.
      await expect.poll(async () => (await server.ask('GET', '/jobs/1/events?limit=1')).status).toBe(200);
      await load.resend();
    }
    expect(server.isUp && server.pid).toBe(pid);
    return await verdictOn(rounds, server, load, []);
  } finally {
    await server.remove();
  }
}

async function cutOthers(store: Store): Promise<void> {
  const others = sql`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;
  await sql`SELECT pg_terminate_backend(pid) FROM (${others}) AS others`.execute(store.read);
}

async function verdictOn(
  rounds: number,
  server: RealServer,
  load: Load,
  differences: readonly unknown[],
): Promise<Verdict> {
  return await inDatabase(server, async (store) => ({
    rounds,
    acknowledged: load.acknowledged.length,
    wrong: await wrongMarks(store, load),
    differences: [...differences, ...(await differencesOf(store, [], Number.MAX_SAFE_INTEGER))],
    edits: await editsOf(store, load.edited.id),
  }));
}

async function inDatabase<T>({ location }: RealServer, work: (store: Store) => Promise<T>): Promise<T> {
  const store = location.startsWith('postgres:')
    ? openPostgres({ url: location })
    : openSqlite({ file: location });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Of these jobs and the newest ones. */
async function differencesOf(store: Store, jobs: readonly number[], newest: number): Promise<unknown[]> {
  const latest = await store.read
    .selectFrom('jobs')
    .select('id')
    .orderBy('id', 'desc')
    .limit(newest)
    .execute();
  const ids = [...new Set([...jobs, ...latest.map(({ id }) => id)])];
  const found: unknown[] = [];
  for (let from = 0; from < ids.length; from += 100)
    found.push(...(await store.snapshot((db) => findDifferences(db, ids.slice(from, from + 100)))));
  return found;
}

async function wrongMarks(store: Store, load: Load): Promise<[string, number][]> {
  const { rows } = await sql<{ mark: string; n: number }>`
    SELECT mark, count(*) AS n FROM (
      SELECT message AS mark FROM events WHERE message IS NOT NULL
      UNION ALL SELECT message FROM log_lines
      UNION ALL SELECT name FROM jobs
    ) AS said GROUP BY mark`.execute(store.bulk);
  const counts = new Map(rows.map(({ mark, n }) => [mark, Number(n)]));
  const marks = load.acknowledged.flatMap((sent) => sent.marks);
  return marks.map((mark): [string, number] => [mark, counts.get(mark) ?? 0]).filter(([, n]) => n !== 1);
}

async function editsOf(store: Store, id: number): Promise<Verdict['edits']> {
  const job = await store.read
    .selectFrom('jobs')
    .select('version')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const told = await store.read
    .selectFrom('events')
    .select('id')
    .where('job_id', '=', id)
    .where('kind', '=', 'annotation')
    .execute();
  return { version: job.version, told: told.length };
}
