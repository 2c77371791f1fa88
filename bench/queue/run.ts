import { cpus, getPriority, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createDatabase, dropDatabase, startPostgres } from '../../tests/bed/postgres.ts';
import { drain, latency, recovery } from './measures.ts';
import type { Site, Subject } from './subject.ts';
import { subjects as all } from './subjects/index.ts';

/*
 * bench/queue: our queue beside pg-boss, graphile-worker and BullMQ, in one run on one machine and one PostgreSQL server.
 *
 *   npm exec -- node bench/queue/run.ts [--rounds 5] [--jobs 10000] [--warm-up 10000] [--samples 100] [--cap 90]
 *     [--recoveries 1] [--only PATTERN] [--skip recovery]
 *
 * drain     one application process works off no-op jobs that wait already: jobs/s, and processor time per job; before that
 *           it has worked off others, so that what it runs is compiled
 * latency   one job is added to an idle queue: milliseconds from before that until its handler starts
 * recovery  kill -9 of a process that works on a job: seconds until another, which waits, starts it; all defaults, at most
 *           `cap` seconds, all subjects at the same time, because they only wait
 *
 * Beside the queues stand limits: what the engines take for our rows and indexes, with nothing else going on.
 *
 * Every measurement has a database (or folder) of its own. Rounds go through all subjects, so that a drifting machine hits
 * all of them.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    jobs: { type: 'string', default: '10000' },
    'warm-up': { type: 'string', default: '10000' },
    samples: { type: 'string', default: '100' },
    cap: { type: 'string', default: '90' },
    recoveries: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    skip: { type: 'string', multiple: true, default: [] },
  },
});
const [rounds, jobs, samples, cap] = [values.rounds, values.jobs, values.samples, values.cap].map(Number) as [
  number,
  number,
  number,
  number,
];
const recoveries = Number(values.recoveries);
const warmUp = Number(values['warm-up']);
const subjects = all.filter(({ name }) => new RegExp(values.only).test(name));
const measures = ['drain', 'latency', 'recovery'].filter((measure) => !values.skip.includes(measure));
const width = Math.max(...subjects.map(({ name }) => name.length));
const results = new Map<string, number[]>();
let databases = 0;

const postgres = await startPostgres();
console.log(
  `bench/queue  ${new Date().toISOString().slice(0, 10)}  node ${process.version}  ${cpus().length} × ${cpus()[0]?.model.trim()}`,
);
console.log(
  `settings     ${rounds} rounds; drain of ${jobs} jobs after ${warmUp} others, latency of ${samples} jobs, recovery (${recoveries} rounds) within ${cap} s`,
);
console.log(`             one application process; nice ${getPriority()}: others may use the machine`);
console.log('             postgres: fsync=on, synchronous_commit=on; sqlite: WAL, synchronous=FULL\n');
for (const { name, settings } of subjects) console.log(`  ${name.padEnd(width)}  ${settings}`);
console.log('');

for (let round = 1; round <= rounds; round++) {
  for (const measure of measures.filter((each) => each !== 'recovery'))
    for (const subject of subjects) await tried(round, measure, subject);
  if (measures.includes('recovery') && round <= recoveries)
    await Promise.all(subjects.map((subject) => tried(round, 'recovery', subject)));
}
summarize();
await postgres.stop();

/** What cannot be measured is said, and does not stop the others. */
async function tried(round: number, measure: string, subject: Subject): Promise<void> {
  if (measure === 'recovery' && subject.recovery === undefined) return;
  if (measure !== 'drain' && subject.drainsOnly) return;
  let words: string;
  try {
    words = await onNewSite(subject, (site, url) => measured(measure, subject, site, url));
  } catch (error) {
    words = `could not be measured: ${(error as Error).message}`;
  }
  const load = loadavg()[0]?.toFixed(1);
  console.log(
    `round ${round}  ${measure.padEnd(8)}  ${subject.name.padEnd(width)}  ${words}  (load ${load})`,
  );
}

async function onNewSite<T>(subject: Subject, use: (site: Site, url: string) => Promise<T>): Promise<T> {
  const name = `bench_${++databases}`;
  const url = await createDatabase(postgres.url, name);
  const site = await subject.prepare(url);
  try {
    return await use(site, url);
  } finally {
    await site.close();
    await dropDatabase(postgres.url, name);
  }
}

async function measured(measure: string, subject: Subject, site: Site, databaseUrl: string): Promise<string> {
  const note = (what: string, value: number) => {
    const key = `${subject.name}\t${what}`;
    results.set(key, [...(results.get(key) ?? []), value]);
    return value;
  };
  if (measure === 'drain') {
    const { perSecond, cpu } = await drain(subject, site, {
      count: jobs,
      warmUp,
      databaseUrl,
      postmaster: postgres.pid,
    });
    const total = note('cpu', cpu.application + cpu.server + cpu.database);
    return `${note('drain', perSecond).toFixed(0).padStart(6)} jobs/s  ${total.toFixed(0).padStart(5)} µs/job (application ${cpu.application.toFixed(0)}, server ${cpu.server.toFixed(0)}, database ${cpu.database.toFixed(0)})`;
  }
  if (measure === 'latency') {
    const sorted = await latency(subject, site, samples);
    const at = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
    return `p50 ${note('p50', at(0.5)).toFixed(1)} ms  p99 ${note('p99', at(0.99)).toFixed(1)} ms`;
  }
  const taken = await recovery(subject, site, cap * 1_000);
  const said = `its documentation: ${subject.recovery}`;
  if (taken === undefined) return `> ${cap} s; ${said}`;
  return `${(note('recovery', taken) / 1_000).toFixed(1)} s; ${said}`;
}

function summarize(): void {
  console.log(
    `\nmedian of the rounds\n  ${''.padEnd(width)}  drain jobs/s  µs cpu/job  p50 ms  p99 ms  recovery`,
  );
  for (const subject of subjects) {
    const { name } = subject;
    const cell = (what: string, length: number, digits: number) =>
      (median(name, what)?.toFixed(digits) ?? '-').padStart(length);
    console.log(
      `  ${name.padEnd(width)}  ${cell('drain', 12, 0)}  ${cell('cpu', 10, 0)}  ${cell('p50', 6, 1)}  ${cell('p99', 6, 1)}  ${recovered(subject)}`,
    );
  }
  const named = (begin: string) => subjects.filter(({ name }) => name.startsWith(begin));
  const others = subjects.filter(({ name, drainsOnly }) => !drainsOnly && !name.startsWith('daybook'));
  console.log('\ndrain of ours on postgres against the others, ratio of the medians');
  tellRatios(named('daybook postgres'), others);
  console.log('\ndrain of ours against the limit of its engine, ratio of the medians');
  for (const engine of ['sqlite', 'postgres'])
    tellRatios(named(`daybook ${engine}`), named(`limit: bare statements, ${engine}`));
}

function tellRatios(ours: readonly Subject[], others: readonly Subject[]): void {
  for (const our of ours)
    for (const other of others) {
      const [mine, theirs] = [median(our.name, 'drain'), median(other.name, 'drain')];
      if (mine !== undefined && theirs !== undefined)
        console.log(
          `  ${our.name.padEnd(width)}  ${other.name.padEnd(width)}  ${(mine / theirs).toFixed(2)}`,
        );
    }
}

function recovered({ name, recovery: documented, drainsOnly }: Subject): string {
  if (drainsOnly) return '-';
  if (documented === undefined) return 'no worker processes';
  if (!measures.includes('recovery')) return '-';
  const taken = median(name, 'recovery');
  if (taken === undefined) return `> ${cap} s (documented: ${documented})`;
  const missed = recoveries - (results.get(`${name}\trecovery`)?.length ?? 0);
  return `${(taken / 1_000).toFixed(1)} s${missed > 0 ? `, ${missed} of ${recoveries} over ${cap} s` : ''}`;
}

function median(name: string, what: string): number | undefined {
  const sorted = [...(results.get(`${name}\t${what}`) ?? [])].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
