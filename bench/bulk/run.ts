import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { startPostgres } from '../../tests/bed/postgres.ts';
import { type Subject, startDaybook } from '../load/processes.ts';

/*
 * bench/bulk: how long one deed on many jobs takes, over HTTP, on both engines. The aims: 10,000 jobs retried by filter
 * within 10 s; 500 assessed, and this undone, within 2 s each.
 *
 *   npm exec -- node bench/bulk/run.ts [--jobs 10000] [--rounds 3]
 *
 * Every second job has a target of its own; each has two steps. A round retries all of them, then cancels them, then
 * assesses 500 and takes it back.
 */
const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '10000' }, rounds: { type: 'string', default: '3' } },
});
const jobs = Number(values.jobs);
const rounds = Number(values.rounds);
const PER_REQUEST = 1_000;
const ASSESSED = 500;

const postgres = await startPostgres();
const daybooks = [await startDaybook(), await startDaybook(postgres.url)];
console.log(
  `bench/bulk  ${new Date().toISOString().slice(0, 10)}  node ${process.version}  ${cpus().length} × ${cpus()[0]?.model.trim()}`,
);
console.log(`settings    ${jobs} jobs, half of them with targets, ${rounds} rounds\n`);
for (const daybook of daybooks) await measure(daybook);
for (const daybook of daybooks) await daybook.stop();
await postgres.stop();

async function measure(daybook: Subject): Promise<void> {
  const ids: number[] = [];
  for (let from = 0; from < jobs; from += PER_REQUEST) {
    const { items } = await post(daybook, '/jobs', {
      jobs: Array.from({ length: PER_REQUEST }, (_, n) => job(from + n)),
    });
    ids.push(...(items as { id: number }[]).map(({ id }) => id));
  }
  for (let round = 1; round <= rounds; round++) {
    const filter = { kind: 'import' };
    const preview = await timed(() => post(daybook, '/jobs/bulk', { action: 'retry', filter, dryRun: true }));
    const retry = await timed(() => post(daybook, '/jobs/bulk', { action: 'retry', filter }));
    const cancel = await timed(() => post(daybook, '/jobs/bulk', { action: 'cancel', filter }));
    const changes = { analysisStatus: 'done', assessment: 'ok', addTags: ['judged'] };
    const some = ids.slice(0, ASSESSED);
    const assess = await timed(() => post(daybook, '/jobs/bulk-edit', { ids: some, changes }));
    const undo = await timed(() => post(daybook, `/jobs/bulk-edit/${assess.answer['edit']}/undo`));
    console.log(
      `round ${round}  ${daybook.name.padEnd(18)} dry run ${preview.seconds} s  retry ${retry.answer['changed']} in ${retry.seconds} s  cancel ${cancel.answer['changed']} in ${cancel.seconds} s  assess ${assess.answer['changed']} in ${assess.seconds} s  undo ${undo.answer['restored']} in ${undo.seconds} s`,
    );
  }
}

function job(n: number): object {
  const steps = [{ tag: 'fetch' }, { tag: 'store' }];
  const target = n % 2 === 0 ? { target: `DATASET_${n}`, operation: 'ADD' } : {};
  return { name: `import ${n}`, kind: 'import', execution: 'claimed', status: 'failed', steps, ...target };
}

async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; seconds: string }> {
  const begin = performance.now();
  const answer = await work();
  return { answer, seconds: ((performance.now() - begin) / 1_000).toFixed(2) };
}

async function post(
  { port, headers }: Subject,
  path: string,
  body: unknown = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}
