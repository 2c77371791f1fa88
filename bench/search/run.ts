import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createKey, type openStore, systemClock } from '@daybook/server';
import { sql } from 'kysely';
import { stolenSince } from '../load/stolen.ts';
import { diary, type Engine, postgresSettings, storeOf } from './kept.ts';
import { pageAim, plainPage, type Question, questions } from './questions.ts';

/*
 * bench/search: how long people wait for a list, through HTTP, while the diary is written to.
 *
 *   npm exec -- node bench/search/run.ts [--jobs 100000] [--asked 20] [--writes 200] [--engine sqlite] [--data DIR] [--only phrase]
 *
 * The diary is written straight into the database, its words and their indexes as the product writes them; with `--data` it
 * is kept there, and the next run gets a copy of it. Then each question is asked `--asked` times, one after the
 * other and each time with other words, while `--writes` requests a second create jobs and report events. Before each of
 * them a plain page is asked for, fifty jobs by their numbers: how many times as long as that a question takes can be
 * compared between slow and quick minutes of a machine.
 */
const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '100000' },
    asked: { type: 'string', default: '20' },
    writes: { type: 'string', default: '200' },
    engine: { type: 'string' },
    data: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});
const count = Number(values.jobs);
const asked = Number(values.asked);
const writes = Number(values.writes);
const root = new URL('../../', import.meta.url).pathname;
const engines: readonly Engine[] = ['sqlite', 'postgres'];
/** Milliseconds that plain pages took with this engine. */
const plainTimes: number[] = [];

console.log(
  `bench/search  ${new Date().toISOString().slice(0, 10)}  node ${process.version}  ${cpus().length} × ${cpus()[0]?.model.trim()}`,
);
console.log(
  `settings      ${count} jobs, each question ${asked} times, ${writes} writes a second, pages of 50`,
);

for (const engine of engines) {
  if (values.engine !== undefined && values.engine !== engine) continue;
  const { data, databaseUrl, spent, remove } = await diary(engine, count, values.data);
  const store = storeOf(data, databaseUrl);
  const { key } = await createKey(store, systemClock, 'bench', { name: 'bench', role: 'admin' });
  const sizes = engine === 'postgres' ? await postgresSizes(store) : sqliteSizes(data);
  await store.close();
  console.log(`\n${engine}`);
  console.log(
    `  written in ${spent.jobs.toFixed(0)} s, words in ${spent.words.toFixed(0)} s, indexes afterwards in ${spent.indexes.toFixed(0)} s`,
  );
  console.log(`  ${sizes}`);
  if (engine === 'postgres')
    console.log(
      `  settings  ${Object.entries(postgresSettings)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}`,
    );
  const { port, stop } = await serve(data, databaseUrl);
  const writing = new AbortController();
  const writer = write(port, key, writing.signal);
  const before = loadavg()[0] ?? 0;
  const stolen = stolenSince();
  for (const question of questions(count))
    if (question.name.includes(values.only)) await ask(question, engine, port, key);
  if ('facets of everything'.includes(values.only)) await measureFacets(port, key);
  writing.abort();
  const written = await writer;
  console.log(
    `  meanwhile ${written.done} writes (${written.perSecond.toFixed(0)} a second, p95 ${written.p95.toFixed(0)} ms); load average ${before.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after, ${(stolen() * 100).toFixed(1)} % of the machine taken away`,
  );
  const plain = spread(plainTimes.splice(0));
  console.log(
    `  a plain page of 50 jobs by their numbers, meanwhile: p50 ${plain.p50.toFixed(1)}  p95 ${plain.p95.toFixed(1)}  max ${plain.max.toFixed(1)} ms`,
  );
  await stop();
  await remove();
}
process.exit();

async function ask(question: Question, engine: Engine, port: number, key: string): Promise<void> {
  const times: number[] = [];
  const plain: number[] = [];
  let found = 0;
  const stolen = stolenSince();
  for (let n = 0; n < asked; n++) {
    // Not before the very first list: that is to be as cold as it is.
    if (n > 0) plain.push((await get(port, key, plainPage(count, n))).ms);
    const { ms, body } = await get(port, key, question.path(n));
    times.push(ms);
    found += body.items?.length ?? 0;
  }
  const taken = stolen();
  const { p50, p95, max } = spread(times);
  const yard = spread(plain);
  plainTimes.push(...plain);
  const aim = question.aim ?? pageAim[engine];
  const verdict =
    p95 <= aim
      ? ''
      : `  over the aim of ${aim}${taken < 0.02 ? '' : `, ${(taken * 100).toFixed(0)} % of the machine taken away`}`;
  console.log(
    `  ${question.name.padEnd(30)} p50 ${p50.toFixed(1).padStart(7)}  p95 ${p95.toFixed(1).padStart(7)}  max ${max.toFixed(1).padStart(7)} ms  ${(p95 / yard.p95).toFixed(1).padStart(5)} × plain ${yard.p95.toFixed(1).padStart(5)}  ${(found / asked).toFixed(0).padStart(3)} rows${verdict}`,
  );
}

/** The counts of the whole diary: at once, then exact, then from memory. */
async function measureFacets(port: number, key: string): Promise<void> {
  const path = '/api/v1/jobs/facets';
  const first = await get(port, key, path);
  const begin = performance.now();
  let now = first;
  while (now.body.exact !== true) {
    await pause(100);
    now = await get(port, key, path);
  }
  const exact = performance.now() - begin;
  const again = await Promise.all(Array.from({ length: asked }, () => get(port, key, path)));
  console.log(
    `  facets of everything: first ${first.ms.toFixed(0)} ms, all ${now.body.total} counted after ${(exact / 1_000).toFixed(1)} s, again p95 ${spread(again.map(({ ms }) => ms)).p95.toFixed(1)} ms`,
  );
}

interface Answer {
  readonly items?: readonly unknown[];
  readonly exact?: boolean;
  readonly total?: number;
}

async function get(port: number, key: string, path: string): Promise<{ ms: number; body: Answer }> {
  const begin = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const text = await response.text();
  const ms = performance.now() - begin;
  if (!response.ok) throw new Error(`${path}: ${text}`);
  return { ms, body: JSON.parse(text) as Answer };
}

/** One write in ten creates a job, the others report what a job does. */
async function write(port: number, key: string, signal: AbortSignal) {
  const times: number[] = [];
  const begin = performance.now();
  const running = new Set<Promise<void>>();
  for (let n = 0; !signal.aborted; n++) {
    const due = begin + (n * 1_000) / writes;
    const wait = due - performance.now();
    if (wait > 1) await pause(wait);
    const [path, body] =
      n % 10 === 0
        ? [
            '/api/v1/jobs',
            { name: `written_${n}.key`, kind: 'script', status: 'running', info: 'made meanwhile' },
          ]
        : [`/api/v1/jobs/${count - (n % 50)}/events`, { kind: 'progress', percent: n % 100 }];
    const sent = performance.now();
    const one = fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
      .then((response) => response.text())
      .then(() => void times.push(performance.now() - sent))
      .finally(() => running.delete(one));
    running.add(one);
  }
  await Promise.all(running);
  return {
    done: times.length,
    perSecond: (times.length * 1_000) / (performance.now() - begin),
    p95: spread(times).p95,
  };
}

function spread(times: readonly number[]) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}

async function serve(data: string, databaseUrl: string | undefined) {
  const child = spawn(
    process.execPath,
    [
      join(root, 'packages/cli/bin/daybook.js'),
      'serve',
      '--port',
      '0',
      '--data',
      data,
      '--log-level',
      'warn',
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...(databaseUrl !== undefined && { DAYBOOK_DATABASE_URL: databaseUrl }) },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    let told = '';
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
    child.stdout.on('data', (text: Buffer) => {
      told += text.toString();
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(told)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
  });
  return {
    port,
    async stop() {
      child.removeAllListeners('exit');
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

function sqliteSizes(data: string): string {
  const database = new DatabaseSync(join(data, 'daybook.sqlite'), { readOnly: true });
  const rows = database
    .prepare(
      `SELECT CASE WHEN name LIKE 'word_index%' THEN 'words' WHEN name LIKE 'part_index%' THEN 'parts'
        WHEN name = 'job_words' THEN 'texts' ELSE 'jobs and the rest' END AS name, sum(pgsize) AS bytes
        FROM dbstat GROUP BY 1 ORDER BY 2 DESC`,
    )
    .all() as { name: string; bytes: number }[];
  database.close();
  return rows.map(({ name, bytes }) => `${name} ${megabytes(bytes)}`).join(', ');
}

async function postgresSizes(store: ReturnType<typeof openStore>): Promise<string> {
  const { rows } = await sql<{ name: string; bytes: number }>`
    SELECT 'database' AS name, pg_database_size(current_database()) AS bytes
    UNION ALL SELECT 'texts', pg_table_size('job_words')
    UNION ALL SELECT 'words', pg_total_relation_size('word_index')
    UNION ALL SELECT 'parts', pg_relation_size('job_words_name') + pg_relation_size('job_words_path')`.execute(
    store.read,
  );
  return rows.map(({ name, bytes }) => `${name} ${megabytes(bytes)}`).join(', ');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
