import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daybook, type TicketSyncOutcome } from '@daybook/sdk';
import { JobTracker } from '@daybook/sdk/tickets';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { command, ended } from '../cli/diary.ts';
import { ask, type Held, playScenario } from './sync-scenario.ts';

/** `daybook sync DIR` from a machine that the server does not see: exactly once, whatever is lost on the way. */

let server: RealServer;
let control: { held: Held; requests: number };

beforeAll(async () => {
  server = await RealServer.open();
  control = await playScenario(server, 'control');
}, 120_000);
afterAll(() => server.remove());

test('tells every change, and brings edits into the files', () => {
  expect(control.held).toEqual({
    'ticket 0': [
      'created queued',
      'step generate_mock_manifest running',
      'step generate_mock_manifest succeeded',
      'step retrieve_image_from_origin running',
      'step retrieve_image_from_origin succeeded',
      'status succeeded',
    ],
    'ticket 1': [
      'created queued',
      'step generate_mock_manifest failed',
      'error no such image',
      'status failed',
      'learned context.errors_encountered',
      'status queued',
    ],
    'ticket 2': ['created queued', 'learned context.size', 'learned context.note context.size'],
  });
});

// That a request is lost before the server hears of it is proved by sync.prove.ts: then nothing has happened at all.
test('whichever answer is lost after the server has committed, it tells all of it exactly once', async () => {
  expect(control.requests).toBeGreaterThan(10);
  for (let request = 1; request <= control.requests; request++) {
    const { held } = await playScenario(server, `cut-${request}`, { request, lost: 'answer' });
    expect({ request, held }).toEqual({ request, held: control.held });
  }
}, 240_000);

test('whatever is wrong with a file or its name is told, and the rest goes on', async () => {
  const { tracker, sync } = openNode('odd');
  const good = await tracker.initTrackerFile('create_asset');
  const { job_management: management } = good;
  const names = ['line\nbreak.json', `${'x'.repeat(250)}.json`, 'odd.json'];
  for (const name of names) writeFileSync(join(tracker.directory, name), '{');
  const steps = { 'a\u0000\nb': 'x', '\ud800': 7 };
  const odd = { ...good, job_ticket_id: 'odd', job_management: { ...management, steps } };
  writeFileSync(join(tracker.directory, 'odd.json'), JSON.stringify(odd));
  // A file that was broken just now may be whole the next moment.
  for (const name of names) utimesSync(join(tracker.directory, name), 1e9, 1e9);
  const told = await sync();
  expect(told.flatMap((each) => (each.kind === 'refused' ? [each.file.slice(0, 10)] : [])).sort()).toEqual([
    'line\uFFFDbreak',
    'odd.json',
    'xxxxxxxxxx',
  ]);
  expect(told).toContainEqual(expect.objectContaining({ kind: 'imported', created: true }));
});

test('what is broken but young, and what vanished while its job goes on, is told', async () => {
  const { tracker, sync } = openNode('young');
  const { job_ticket_id: id } = await tracker.initTrackerFile('create_asset');
  const young = join(tracker.directory, 'young.json');
  writeFileSync(young, '{"job_ticket_id": ');
  // Young for as long as the test runs.
  utimesSync(young, new Date(), new Date(Date.now() + 1_500));
  const first = await sync();
  const made = first.find((each) => each.kind === 'imported') as { jobId: number };
  expect(first).toContainEqual(expect.objectContaining({ kind: 'unsettled', file: 'young.json' }));
  rmSync(young);
  rmSync(join(tracker.directory, `${id}.json`));
  const second = await sync();
  expect(second).toEqual([
    { kind: 'vanished', file: `${id}.json`, jobId: made.jobId },
    { kind: 'done', seen: 0 },
  ]);
  // Elsewhere it never was.
  const directory = mkdtempSync(join(tmpdir(), 'daybook-node-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const daybook = new Daybook({ url: server.url, apiKey: server.key });
  expect(await Array.fromAsync(daybook.syncTickets({ directory, source: 'young' }))).toEqual([
    { kind: 'done', seen: 0 },
  ]);
});

test('an edit of a child touches its parent', async () => {
  const { tracker, sync } = openNode('family');
  const { job_ticket_id: parent } = await tracker.initTrackerFile('create_asset');
  const { job_ticket_id: child } = await tracker.initTrackerFile('create_asset', {}, parent);
  await tracker.updateTimestamp(parent, new Date('2026-01-31T18:00:00Z'));
  const job = (await sync()).find((each) => each.kind === 'imported' && each.file === `${child}.json`);
  await ask(server, `/jobs/${(job as { jobId: number }).jobId}/ticket`, 'PATCH', { context: { size: 13 } });
  await sync();
  expect((await tracker.getTrackerFile(child)).context).toEqual({ size: 13 });
  expect(await tracker.getTimestamp(parent)).not.toBe('2026-01-31 18:00:00');
});

test('a delivery names files of its directory, and none elsewhere', async () => {
  const { tracker } = openNode('elsewhere');
  const { job_ticket_id: id } = await tracker.initTrackerFile('create_asset');
  const text = readFileSync(join(tracker.directory, `${id}.json`), 'utf8');
  const hash = createHash('sha256').update(text).digest('hex');
  const bring = (file: string) =>
    ask(server, '/tickets', 'POST', { source: 'elsewhere', items: [{ file, hash, text }] });
  for (const path of [`../jobs/${id}.json`, `/jobs/${id}.json`, `..\\${id}.json`, `.${id}.json`])
    expect((await bring(path)).status).toBe(400);
  expect(await (await bring('other.json')).json()).toMatchObject({
    items: [{ state: 'refused', jobId: null, problem: { code: 'source.problem.wrong_name' } }],
  });
});

test('a directory that is not there is told', async () => {
  const env = { ...process.env, DAYBOOK_URL: server.url, DAYBOOK_API_KEY: server.key };
  const { code, stderr } = await ended(spawn(process.execPath, [command, 'sync', '/not/there'], { env }));
  expect({ code, stderr }).toEqual({ code: 66, stderr: 'daybook: there is no directory /not/there\n' });
});

/** A directory of tickets that is synced. */
function openNode(source: string): { tracker: JobTracker; sync: () => Promise<TicketSyncOutcome[]> } {
  const directory = mkdtempSync(join(tmpdir(), 'daybook-node-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const daybook = new Daybook({ url: server.url, apiKey: server.key });
  const sync = () => Array.fromAsync(daybook.syncTickets({ directory, source }));
  return { tracker: new JobTracker(directory), sync };
}

test('on PostgreSQL, too', async () => {
  const other = await RealServer.open({ postgresUrl: inject('postgresUrl') });
  try {
    expect((await playScenario(other, 'control')).held).toEqual(control.held);
    const { held } = await playScenario(other, 'cut', {
      request: Math.ceil(control.requests / 2),
      lost: 'answer',
    });
    expect(held).toEqual(control.held);
  } finally {
    await other.remove();
  }
}, 120_000);
