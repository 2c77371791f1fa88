import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPostgres } from '../../tests/bed/postgres.ts';
import { StreamWatcher } from '../../tests/stream/watcher.ts';
import { type Subject, startDaybook, startPlain } from '../load/processes.ts';

/*
 * bench/watchers: how soon those who watch a job hear of its events, beside a server that only passes on what it is sent,
 * in the same run.
 *
 *   npm exec -- node bench/watchers/run.ts [--watchers 500] [--events 20] [--rounds 3]
 *
 * From the request that reports an event to each watcher that has it, over a connection of its own; 20 events a second.
 * The watchers are all in this one process, and its time is in every figure: hence the peer, and the line of one watcher.
 */
const { values } = parseArgs({
  options: {
    watchers: { type: 'string', default: '500' },
    events: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
  },
});
const [count, events, rounds] = [values.watchers, values.events, values.rounds].map(Number) as [
  number,
  number,
  number,
];

const postgres = await startPostgres();
const subjects = [
  await startPlain('bench/watchers/plain-server.ts', 'passes on'),
  await startDaybook(),
  await startDaybook(postgres.url),
];
console.log(
  `bench/watchers  ${new Date().toISOString().slice(0, 10)}  node ${process.version}  ${cpus().length} × ${cpus()[0]?.model.trim()}`,
);
console.log(`settings        ${rounds} rounds of ${events} events, one every 50 ms, ${count} watchers\n`);

const places = new Map<Subject, { events: string; all: StreamWatcher[] }>();
for (const subject of subjects) places.set(subject, await open(subject));
for (let round = 1; round <= rounds; round++) {
  for (const [subject, place] of places) {
    const figures = await latency(subject, place, `${round}`);
    console.log(
      `round ${round}  ${subject.name.padEnd(22)} p50 ${figures.p50.toFixed(0).padStart(4)} ms  p95 ${figures.p95.toFixed(0).padStart(4)} ms  max ${figures.max.toFixed(0).padStart(4)} ms`,
    );
  }
}
for (const { all } of places.values()) for (const watcher of all) watcher.cut();
for (const subject of subjects) await subject.stop();
await postgres.stop();

async function open(subject: Subject): Promise<{ events: string; all: StreamWatcher[] }> {
  const url = `http://127.0.0.1:${subject.port}`;
  const headers = subject.headers;
  const key = headers.authorization?.slice('Bearer '.length) ?? '';
  const made = await fetch(`${url}/api/v1/jobs`, { method: 'POST', headers, body: '{"name":"watched"}' });
  const { id } = (await made.json()) as { id?: number };
  const all = Array.from({ length: count }, () => new StreamWatcher({ url, key }, `job=${id}`));
  for (let from = 0; from < count; from += 50)
    await Promise.all(all.slice(from, from + 50).map((watcher) => watcher.open()));
  return { events: `${url}/api/v1/jobs/${id}/events`, all };
}

/** Milliseconds, over every event and every watcher. */
async function latency(
  { headers }: Subject,
  place: { events: string; all: StreamWatcher[] },
  name: string,
): Promise<{ p50: number; p95: number; max: number }> {
  const sentAt = new Map<string, number>();
  for (let i = 0; i < events; i++) {
    const message = `${name}/${i}`;
    sentAt.set(message, performance.now());
    const body = JSON.stringify({ kind: 'link', message });
    const { status } = await fetch(place.events, { method: 'POST', headers, body });
    if (status !== 201) throw new Error(`an event was answered ${status}`);
    await wait(50);
  }
  while (!place.all.every(({ said }) => said.at(-1) === `${name}/${events - 1}`)) await wait(50);
  const took = place.all
    .flatMap(({ said, heardAt }) =>
      said.flatMap((message, i) => {
        const sent = sentAt.get(message);
        return sent === undefined ? [] : [(heardAt[i] as number) - sent];
      }),
    )
    .sort((a, b) => a - b);
  if (took.length !== count * events) throw new Error('a watcher missed an event, or heard it twice');
  const at = (share: number) => took[Math.floor(share * (took.length - 1))] as number;
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}
