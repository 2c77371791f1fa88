import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { startPostgres } from '../../tests/bed/postgres.ts';
import { httpLoad, type Load, type LoadResult } from '../load/http-load.ts';
import { residentMegabytes, type Subject, startDaybook, startPlain } from '../load/processes.ts';
import { stolenSince } from '../load/stolen.ts';

/*
 * bench/events: how fast events become durable, beside a Fastify route that does nothing, in the same run.
 *
 *   npm exec -- node bench/events/run.ts [--seconds 5] [--rounds 3] [--connections 64]
 *
 * Single events: durable, authenticated, validated, to 64 jobs of three steps, each moving a step and the progress.
 * Batches: 500 events a request. Rounds alternate between the subjects, so that a
 * drifting machine hits all of them. Two limits are timed between them: how long the disk takes to make 4 KiB durable where
 * SQLite writes, and what SQLite does by itself with batches of lines, without HTTP, JSON, checks and a stream to follow.
 *
 * On a shared machine the host takes processor time away, at times for whole seconds: each line tells how much, and the
 * medians are told twice, of all rounds and of those in which next to nothing was taken.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const connections = Number(values.connections);

/** How often in a second, how long (milliseconds), and the share of processor time taken away meanwhile. */
type Timed = Pick<LoadResult, 'perSecond' | 'p50' | 'p99' | 'max'> & { stolen: number };
const JOBS = 64;
const BATCH = 500;
const tags = ['say_hello', 'random_number', 'say_bye'];
/** What batches are made of: the lines that a job prints, and steps that move. */
const batches = [
  [
    '500 lines',
    many((i) => ({ kind: 'log', message: `line ${i} of the output that a job prints`, stream: 'stdout' })),
  ],
  ['500 steps', many((i) => ({ kind: 'step', step: tags[i % 3], percent: i % 100, message: 'working' }))],
] as const;

const postgres = await startPostgres();
const empty = await startPlain('bench/events/empty-server.ts', 'fastify, empty route');
const daybooks = [await startDaybook(), await startDaybook(postgres.url)];

console.log(
  `bench/events  ${new Date().toISOString().slice(0, 10)}  node ${process.version}  ${cpus().length} × ${cpus()[0]?.model.trim()}`,
);
console.log(
  `settings      ${rounds} rounds of ${seconds} s, ${connections} connections, ${JOBS} jobs, batches of ${BATCH} on 8 connections, 2 s of single events at first, 1 s before each time`,
);
console.log(
  `              sqlite: WAL, synchronous=FULL; postgres ${postgres.port}: fsync=on, synchronous_commit=on; log level info\n`,
);
for (const daybook of daybooks)
  console.log(
    `idle          ${daybook.name}: ${residentMegabytes(daybook.process.pid as number).toFixed(0)} MB with its readers`,
  );
console.log('');

const jobs = new Map(await Promise.all(daybooks.map(async (each) => [each, await makeJobs(each)] as const)));
/** Of each figure what the rounds gave, and the share of processor time that was taken away meanwhile. */
const rates = new Map<string, { value: number; stolen: number }[]>();
/** Share of processor time, 0–1: a round that lost more is not calm. */
const CALM = 0.02;

// Everybody's code is compiled before it counts.
for (const each of [empty, ...daybooks]) {
  const ids = jobs.get(each);
  await httpLoad({
    port: each.port,
    connections,
    seconds: 2,
    headers: each.headers,
    next: (c, n) => ({
      path: ids === undefined ? '/empty' : `/api/v1/jobs/${ids[c % JOBS]}/events`,
      body: singleEvent(n),
    }),
  });
}

for (let round = 1; round <= rounds; round++) {
  timeDisk(round);
  const bare = timeBareSqlite(round);
  const limit = await run(
    round,
    empty,
    'empty',
    () => ({ path: '/empty', body: singleEvent(0) }),
    connections,
  );
  for (const daybook of daybooks) {
    const ids = jobs.get(daybook) as number[];
    for (const keyed of [false, true]) {
      const what = keyed ? 'single, keyed' : 'single';
      const body = (n: number, c: number) => singleEvent(n, keyed ? `${round}-${c}-${n}` : undefined);
      const next: Load['next'] = (c, n) => ({
        path: `/api/v1/jobs/${ids[c % JOBS]}/events`,
        body: body(n, c),
      });
      const single = await run(round, daybook, what, next, connections);
      note(
        `${daybook.name} ${what} / empty`,
        single.perSecond / limit.perSecond,
        Math.max(single.stolen, limit.stolen),
      );
    }
    for (const [name, body] of batches) {
      const batch = await run(
        round,
        daybook,
        name,
        (c) => ({ path: `/api/v1/jobs/${ids[c]}/events`, body }),
        8,
      );
      note(`${daybook.name} ${name} events/s`, batch.perSecond * BATCH, batch.stolen);
      if (daybook === daybooks[0])
        note(
          `${daybook.name} ${name} / sqlite by itself`,
          batch.perSecond / bare.perSecond,
          Math.max(batch.stolen, bare.stolen),
        );
    }
  }
}

console.log(
  `\n${'median of the rounds'.padEnd(46)} all      calm: less than ${CALM * 100} % of the machine taken away`,
);
for (const [name, all] of rates) {
  const calm = all.filter(({ stolen }) => stolen < CALM);
  console.log(
    `  ${name.padEnd(44)} ${median(all).padEnd(8)} ${calm.length === 0 ? 'none' : median(calm)} (${calm.length} of ${all.length})`,
  );
}
for (const each of [empty, ...daybooks]) await each.stop();
await postgres.stop();

function median(measured: readonly { value: number }[]): string {
  const sorted = measured.map(({ value }) => value).sort((a, b) => a - b);
  const value = sorted[Math.floor(sorted.length / 2)] as number;
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}

async function run(
  round: number,
  subject: Subject,
  what: string,
  next: Load['next'],
  width: number,
): Promise<Timed> {
  const load = { port: subject.port, connections: width, headers: subject.headers };
  // The others had their turn for half a minute; Node gives back what an idle process does not need. Not the same bodies
  // again: an event whose key is stored already would cost less.
  await httpLoad({ ...load, seconds: 1, next: (c, n) => next(c, n + 1_000_000) });
  const stolen = stolenSince();
  const result = { ...(await httpLoad({ ...load, seconds, next })), stolen: stolen() };
  tell(round, subject.name, what, result);
  return result;
}

/** Appends and fdatasyncs, one after the other, with nothing else going on. */
function timeDisk(round: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-bench-'));
  const file = openSync(join(folder, 'disk'), 'w');
  const page = Buffer.alloc(4096, 1);
  timeAlone(round, 'disk', '4 KiB, fdatasync', () => {
    writeSync(file, page);
    const before = performance.now();
    fdatasyncSync(file);
    return performance.now() - before;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
}

/** Inserts and commits batches of lines, with nothing else going on. */
function timeBareSqlite(round: number): Timed {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-bench-'));
  const database = new DatabaseSync(join(folder, 'lines.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec(
    'CREATE TABLE lines (job_id INTEGER, id INTEGER, stream TEXT, message TEXT, at INTEGER, PRIMARY KEY (job_id, id)) WITHOUT ROWID',
  );
  const insert = database.prepare('INSERT INTO lines VALUES (?, ?, ?, ?, ?)');
  let id = 0;
  const timed = timeAlone(round, 'sqlite by itself', '500 lines', () => {
    const before = performance.now();
    database.exec('BEGIN');
    for (let i = 0; i < BATCH; i++)
      insert.run(
        Math.floor(id / BATCH) % JOBS,
        ++id,
        'stdout',
        `line ${i} of the output that a job prints`,
        1_700_000_000_000,
      );
    database.exec('COMMIT');
    return performance.now() - before;
  });
  database.close();
  rmSync(folder, { recursive: true });
  return timed;
}

/** Does something for a second, one after the other; it answers how long each time took, milliseconds. */
function timeAlone(round: number, subject: string, what: string, once: () => number): Timed {
  const times: number[] = [];
  const stolen = stolenSince();
  const start = performance.now();
  while (performance.now() - start < 1_000) times.push(once());
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))] as number;
  const timed = { perSecond: times.length, p50: at(0.5), p99: at(0.99), max: at(1), stolen: stolen() };
  tell(round, subject, what, timed);
  return timed;
}

function tell(
  round: number,
  subject: string,
  what: string,
  { perSecond, p50, p99, max, stolen }: Timed,
): void {
  const times = `p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms  max ${max.toFixed(0)} ms  stolen ${(stolen * 100).toFixed(1)} %`;
  console.log(
    `round ${round}  ${subject.padEnd(22)} ${what.padEnd(16)} ${perSecond.toFixed(0).padStart(7)}/s  ${times}`,
  );
  note(`${subject} ${what} p99 ms`, p99, stolen);
}

function many(event: (i: number) => unknown): string {
  return JSON.stringify({ events: Array.from({ length: BATCH }, (_, i) => event(i)) });
}

function note(name: string, value: number, stolen: number): void {
  rates.set(name, [...(rates.get(name) ?? []), { value, stolen }]);
}

/** With a key the event is idempotent, as the sdk sends it; that costs one more row. */
function singleEvent(sequence: number, key?: string): string {
  const step = tags[sequence % tags.length];
  const end = key === undefined ? '}' : `,"key":"${key}"}`;
  return `{"kind":"step","step":"${step}","percent":${sequence % 100},"message":"working"${end}`;
}

async function makeJobs(daybook: Subject): Promise<number[]> {
  const post = async (path: string, body: unknown) => {
    const url = `http://127.0.0.1:${daybook.port}/api/v1/${path}`;
    const response = await fetch(url, {
      method: 'POST',
      headers: daybook.headers,
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
  const steps = tags.map((tag, i) => ({ tag, name: tag, points: [10, 15, 10][i] }));
  await post('configurations', { tag: 'my_job', name: 'My Job', version: '1.0.0', steps });
  const made = (await post('jobs', {
    jobs: Array.from({ length: JOBS }, () => ({ configuration: 'my_job' })),
  })) as {
    items: { id: number }[];
  };
  return made.items.map((job) => job.id);
}
