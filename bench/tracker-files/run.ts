import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { JobTracker, scanTickets } from '@daybook/sdk/tickets';
import { NaiveTracker } from './naive-tracker.ts';

/*
 * bench/tracker-files: what it costs that no update of a ticket is lost, beside the same work done naively (read, change,
 * write; no fsync, no lock); and how long it takes to look through a directory of many tickets for what has changed.
 *
 *   npm exec -- node bench/tracker-files/run.ts [--seconds 2] [--rounds 3] [--files 1000,10000,100000]
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    files: { type: 'string', default: '1000,10000,100000' },
    directory: { type: 'string', default: tmpdir() },
  },
});
const rounds = Number(values.rounds);

console.log(
  `bench/tracker-files  ${new Date().toISOString().slice(0, 10)}  node ${process.version}  ${cpus().length} × ${cpus()[0]?.model.trim()}  load ${loadavg()[0]?.toFixed(1)}`,
);
console.log(
  `settings             ${rounds} rounds of ${values.seconds} s each, one process, one after the other\n`,
);

const directory = mkdtempSync(join(values.directory, 'daybook-bench-tickets-'));
const subjects = { daybook: new JobTracker(directory), naive: new NaiveTracker(directory) };
const rates: Record<string, number[]> = {};
for (let round = 1; round <= rounds; round++)
  for (const [name, tracker] of Object.entries(subjects)) await measure(round, name, tracker);
console.log('\nmedian of the rounds, and of the naive way');
for (const work of ['init', 'update', 'read']) {
  const [own, naive] = [median(rates[`daybook ${work}`] ?? []), median(rates[`naive ${work}`] ?? [])];
  console.log(
    `  ${work.padEnd(8)} ${own.toFixed(0).padStart(6)}/s   ${naive.toFixed(0).padStart(6)}/s   ${(own / naive).toFixed(2)}`,
  );
}
rmSync(directory, { recursive: true });

console.log(
  '\nfiles     first scan   nothing changed   its processor time   100 changed   longest pause of the event loop',
);
for (const files of values.files.split(',').map(Number)) await measureScan(files);

async function measure(round: number, name: string, tracker: JobTracker | NaiveTracker): Promise<void> {
  const init = await rate(() => tracker.initTrackerFile('create_asset'));
  const { job_ticket_id: id } = await tracker.initTrackerFile('create_asset');
  let n = 0;
  const update = await rate(() => tracker.updateContextData(id, 'n', n++));
  const read = await rate(() => tracker.getTrackerFile(id));
  for (const [work, perSecond] of Object.entries({ init, update, read })) {
    (rates[`${name} ${work}`] ??= []).push(perSecond);
    console.log(`round ${round}  ${name.padEnd(8)} ${work.padEnd(7)} ${perSecond.toFixed(0).padStart(6)}/s`);
  }
}

async function rate(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < Number(values.seconds) * 1_000; count++) await work();
  return (count * 1_000) / (performance.now() - start);
}

async function measureScan(files: number): Promise<void> {
  const many = mkdtempSync(join(values.directory, 'daybook-bench-scan-'));
  const { job_ticket_id: first } = await new JobTracker(many).initTrackerFile('create_asset');
  const text = readFileSync(join(many, `${first}.json`), 'utf8');
  const path = (n: number) => join(many, `ticket-${n}.json`);
  for (let n = 1; n < files; n++) writeFileSync(path(n), text.replace(first, `ticket-${n}`));
  // Their times are too young to tell a change; nobody writes for as long as that lasts.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const known = new Map<string, string>();
  const firstScan = await timeOf(() => scan(many, known, files));
  const pauses: number[] = [];
  const unchanged: number[] = [];
  const processor: number[] = [];
  const changed: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const before = process.cpuUsage();
    unchanged.push(await timeOf(() => scan(many, known, 0)));
    const { user, system } = process.cpuUsage(before);
    processor.push((user + system) / 1e3);
    delay.disable();
    pauses.push(delay.max / 1e6);
    for (let n = 1; n <= 100; n++) writeFileSync(path(n), text.replace(first, `ticket-${n}`));
    changed.push(await timeOf(() => scan(many, new Map(known), 100)));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await scan(many, known, 100);
  }
  const ms = (value: number) => `${value.toFixed(0)} ms`.padStart(9);
  console.log(
    `${String(files).padEnd(9)} ${ms(firstScan)} ${ms(median(unchanged)).padStart(16)} ${ms(median(processor)).padStart(19)} ${ms(median(changed)).padStart(14)} ${ms(median(pauses)).padStart(20)}`,
  );
  rmSync(many, { recursive: true });
}

async function scan(path: string, known: Map<string, string>, expected: number): Promise<void> {
  let count = 0;
  for await (const sightings of scanTickets(path, known)) {
    count += sightings.length;
    for (const sighting of sightings)
      if (sighting.kind === 'ticket') known.set(sighting.file, sighting.stamp);
  }
  if (count !== expected) throw new Error(`${count} files were told, not ${expected}`);
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
