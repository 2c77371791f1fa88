import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Clock, systemClock } from '../clock.ts';
import { temporaryDirectory } from '../testing/workplace.ts';
import { JobTracker } from './job-tracker.ts';
import { scanTickets, type TicketSighting } from './scan.ts';

const now = 1_600_000_000_000;
const clock: Clock = { ...systemClock, now: () => now };

/** Gives a file a time, seconds from now; by itself it is of the future, since the clock of these tests stands still. */
function date(path: string, seconds: number): void {
  utimesSync(path, now / 1_000 + seconds, now / 1_000 + seconds);
}

/** Many tickets, all of an hour ago; their ids. */
async function fill(directory: string, count: number): Promise<string[]> {
  const { job_ticket_id: first } = await new JobTracker(directory).initTrackerFile('create_asset');
  const text = readFileSync(join(directory, `${first}.json`), 'utf8');
  const ids = [first, ...Array.from({ length: count - 1 }, (_, n) => `ticket-${n}`)];
  for (const id of ids) {
    writeFileSync(join(directory, `${id}.json`), text.replace(first, id));
    date(join(directory, `${id}.json`), -3_600);
  }
  return ids;
}

async function scan(directory: string, known: Map<string, string>): Promise<TicketSighting[]> {
  const all: TicketSighting[] = [];
  for await (const sightings of scanTickets(directory, known, { clock })) {
    for (const sighting of sightings)
      if (sighting.kind === 'gone') known.delete(sighting.file);
      else if (sighting.kind !== 'unsettled') known.set(sighting.file, sighting.stamp ?? '');
    all.push(...sightings);
  }
  return all.sort((a, b) => a.file.localeCompare(b.file));
}

it('tells what is new, changed or gone, and nothing of the rest', async () => {
  const directory = temporaryDirectory();
  const tracker = new JobTracker(directory);
  const ids = await fill(directory, 150);
  const path = (id: string) => join(directory, `${id}.json`);
  const known = new Map<string, string>();
  const first = await scan(directory, known);
  expect(first.map(({ kind }) => kind)).toEqual(Array(150).fill('ticket'));
  expect(await scan(directory, known)).toEqual([]);

  const [changed = '', gone = '', touched = ''] = ids;
  await tracker.advance(changed);
  rmSync(path(gone));
  date(path(touched), -1_800);
  const next = await scan(directory, known);
  expect(Object.fromEntries(next.map((each) => [each.file.slice(0, -5), each]))).toMatchObject({
    [changed]: { kind: 'ticket', ticket: await tracker.getTrackerFile(changed) },
    [gone]: { kind: 'gone' },
    [touched]: { kind: 'ticket', hash: hashOf(first, touched), modifiedAt: now - 1_800_000 },
  });
  expect(next).toHaveLength(3);

  // It was written a moment ago: only its hash can tell whether it was written again since.
  const again = await scan(directory, known);
  expect(again).toMatchObject([{ kind: 'ticket', hash: hashOf(next, changed) }]);
  date(path(changed), -3);
  expect(await scan(directory, known)).toHaveLength(1);
  expect(await scan(directory, known)).toEqual([]);
});

function hashOf(sightings: readonly TicketSighting[], id: string): string | undefined {
  const found = sightings.find(({ file }) => file === `${id}.json`);
  return found?.kind === 'ticket' ? found.hash : undefined;
}

it('tells broken files by name, once, and those in the making as unsettled', async () => {
  const directory = temporaryDirectory();
  const known = new Map<string, string>();
  const broken = join(directory, 'broken.json');
  writeFileSync(broken, '{');
  writeFileSync(join(directory, 'making.json'), '');
  writeFileSync(join(directory, 'huge.json'), Buffer.alloc(9 * 1024 * 1024));
  mkdirSync(join(directory, 'folder.json'));
  date(broken, -3);
  date(join(directory, 'making.json'), 1);
  const reasons = (sightings: readonly TicketSighting[]) =>
    sightings.map((each) => [each.file, each.kind === 'problem' ? each.problem.reason : each.kind]);
  expect(reasons(await scan(directory, known))).toEqual([
    ['broken.json', 'content'],
    ['folder.json', 'not_a_file'],
    ['huge.json', 'too_large'],
    ['making.json', 'unsettled'],
  ]);
  expect(reasons(await scan(directory, known))).toEqual([['making.json', 'unsettled']]);
  appendFileSync(broken, '}');
  date(broken, -2.5);
  date(join(directory, 'making.json'), -2.5);
  expect(reasons(await scan(directory, known))).toEqual([
    ['broken.json', 'content'],
    ['making.json', 'empty'],
  ]);
  // A file of the future, since the clock stepped backwards, is read every time and told like any other.
  date(broken, 86_400);
  expect(reasons(await scan(directory, known))).toEqual([['broken.json', 'content']]);
  expect(reasons(await scan(directory, known))).toEqual([['broken.json', 'content']]);
});

it('says nothing is gone when the directory is', async () => {
  const directory = temporaryDirectory();
  const jobs = join(directory, 'jobs');
  mkdirSync(jobs);
  await fill(jobs, 2);
  const known = new Map<string, string>();
  expect(await scan(jobs, known)).toHaveLength(2);
  renameSync(jobs, join(directory, 'away'));
  await expect(scan(jobs, known)).rejects.toThrow('the directory of tickets is not there');
  renameSync(join(directory, 'away'), jobs);
  expect(await scan(jobs, known)).toEqual([]);
});

it('stops when it is told to', async () => {
  const directory = temporaryDirectory();
  await fill(directory, 130);
  const stop = new AbortController();
  const scanning = scanTickets(directory, new Map(), { signal: stop.signal });
  expect((await scanning.next()).value).toHaveLength(64);
  stop.abort();
  await expect(scanning.next()).rejects.toMatchObject({ name: 'AbortError' });
});
