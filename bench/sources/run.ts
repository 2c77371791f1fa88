import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { daybook } from '../../packages/server/src/actor.ts';
import { systemClock as clock } from '../../packages/server/src/clock.ts';
import { findRecipe } from '../../packages/server/src/configurations/configurations.ts';
import { Appender } from '../../packages/server/src/jobs/appender.ts';
import { Importer } from '../../packages/server/src/sources/importer.ts';
import { Poller } from '../../packages/server/src/sources/poller.ts';
import { schedulerKinds } from '../../packages/server/src/sources/scheduler/kinds.ts';
import { addSource } from '../../packages/server/src/sources/source-rows.ts';
import { LogTree, type Stand } from '../../packages/server/src/sources/testing/log-tree.ts';
import { migrate, openSqlite } from '../../packages/server/src/storage/index.ts';

/*
 * bench/sources: how long a look at a directory of scheduler logs takes: the first one, one in which nothing changed, and
 * one in which a hundred jobs did. On SQLite, with every write on the disk before it counts.
 *
 *   npm exec -- node bench/sources/run.ts [--jobs 10000] [--changes 100] [--rounds 5]
 */
const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '10000' },
    changes: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '5' },
  },
});
const [jobs, changes, rounds] = [values.jobs, values.changes, values.rounds].map(Number) as [
  number,
  number,
  number,
];

console.log(
  `bench/sources  ${new Date().toISOString().slice(0, 10)}  node ${process.version}  ${cpus().length} × ${cpus()[0]?.model.trim()}  load ${loadavg()[0]?.toFixed(1)}`,
);
// Nothing else keeps it alive: the threads and processes of the store leave when nobody needs them.
const alive = setInterval(() => {}, 1_000);
const tree = new LogTree();
const folder = mkdtempSync(join(tmpdir(), 'daybook-bench-sources-'));
const store = openSqlite({ file: join(folder, 'daybook.sqlite') });
try {
  await migrate(store);
  const kinds = new Map(schedulerKinds({ clock, programs: [] }).map((kind) => [kind.kind, kind]));
  const appender = new Appender({ store, clock, estimateEnd: () => null });
  const importer = new Importer({ store, appender, clock, findRecipe });
  const poller = new Poller({ store, clock, kinds, importer, log: pino({ level: 'error' }) });
  const settings = { directory: tree.logs, timeZone: 'UTC', patience: 600 };
  const input = { name: 'logs', kind: 'sge-logs', settings, enabled: true };
  const source = await addSource({ store, clock, kinds }, daybook, input);
  // Nine in ten have ended, as on any cluster; the others wait or run.
  for (let id = 1; id <= jobs; id += 1)
    place(id, id % 10 === 0 ? 'running' : id % 10 === 5 ? 'pending' : 'finished');
  console.log(`${jobs} jobs in 100 directories, ${changes} of them change from look to look\n`);
  console.log(`first look         ${await timed(() => poller.poll(source))}`);
  for (let round = 1; round <= rounds; round += 1) {
    console.log(`nothing changed    ${await timed(() => poller.poll(source))}`);
    change(round);
    console.log(`${String(changes).padEnd(4)} changed       ${await timed(() => poller.poll(source))}`);
  }
  const { count } = await store.read
    .selectFrom('jobs')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  if (Number(count) !== jobs + (rounds * changes) / 4) throw new Error(`${count} jobs in the diary`);
} finally {
  clearInterval(alive);
  await store.close();
  tree.remove();
  rmSync(folder, { recursive: true, force: true });
}

function place(id: number, stand: Stand): void {
  tree.submit(id, Date.now() - 90_000_000 + id * 1_000);
  tree.stand(id, stand);
}

/** A quarter each: new ones, those that begin to run, those that end, and those whose directory is renamed. */
function change(round: number): void {
  const quarter = changes / 4;
  const at = (n: number) => ((round - 1) * quarter + n) * 10;
  for (let n = 0; n < quarter; n += 1) {
    place(jobs + (round - 1) * quarter + n + 1, 'pending');
    tree.stand(at(n) + 5, 'running');
    tree.stand(at(n) + 10, n % 2 === 0 ? 'finished' : 'renamed');
    tree.stand(jobs - 5 - at(n), 'finished');
  }
}

async function timed(work: () => Promise<void>): Promise<string> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - start) / 1_000;
  // On a machine that others use, too, the processor time says more.
  return `${seconds.toFixed(2).padStart(7)} s   processor ${((user + system) / 1e6).toFixed(2)} s`;
}
