import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ticketDate, ticketLimits } from '@daybook/core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { retryJob } from '../../jobs/edit-jobs.ts';
import type { Store } from '../../storage/index.ts';
import { forEachEngine } from '../../storage/testing/engines.ts';
import { TicketShelf, ticketOf, type Watchtower, watchtowerOn } from '../testing/watchtower.ts';

const HOUR = 3_600_000;
let names = 0;

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let tower: Watchtower;
  let shelf: TicketShelf;
  let id: number;
  let name: string;

  beforeAll(async () => {
    store = (await newDatabase()).open();
  });
  beforeEach(async () => {
    tower = watchtowerOn(store);
    shelf = new TicketShelf(tower.clock);
    name = `tickets-${names++}`;
    id = await tower.add(name, 'tracker-files', { directory: shelf.directory });
  });
  afterEach(() => shelf.remove());

  const look = async () => {
    await tower.poller.poll(id);
    tower.clock.pass(15_000);
    return await tower.jobs(name);
  };
  const factsOf = async (jobId: number) => {
    const rows = await store.read
      .selectFrom('events')
      .select(['kind', 'step', 'status', 'message', 'actor'])
      .where('job_id', '=', jobId)
      .orderBy('id')
      .execute();
    return rows.map(({ kind, step, status }) => [kind, step, status].filter(Boolean).join(' '));
  };

  test('a ticket becomes a job, and each of its changes a fact, once', async () => {
    shelf.put(ticketOf('a', { now: tower.clock.now(), context: { space: 'photos' } }));
    const first = (await look()).get('a');
    expect(first).toMatchObject({
      status: 'queued',
      name: 'create_asset',
      execution: 'reported',
      progress: 0,
      context: { space: 'photos' },
      steps: [{ tag: 'fetch' }, { tag: 'check' }, { tag: 'save' }],
    });
    const jobId = first?.id as number;

    shelf.change('a', 'running', 2);
    expect((await look()).get('a')).toMatchObject({ status: 'running', step: 'check', progress: 33.33 });
    await look();
    expect(await factsOf(jobId)).toEqual(['created queued', 'step fetch succeeded', 'step check running']);

    shelf.change('a', 'success', 3, { size: 12, space: undefined });
    expect((await look()).get('a')).toMatchObject({
      status: 'succeeded',
      progress: 100,
      context: { size: 12 },
    });
    expect(await tower.source(id)).toMatchObject({ state: 'ok', jobs: 1, problems: 0, failures: 0 });
  });

  test('parents, children and errors come along, whatever order the files have', async () => {
    const now = tower.clock.now();
    shelf.put(ticketOf('a-child', { now, parent_job_ticket_id: 'z-parent' }));
    shelf.put(ticketOf('late-child', { now, parent_job_ticket_id: 'zz-late' }));
    shelf.put(ticketOf('z-parent', { now }));
    const first = await look();
    expect(first.get('a-child')?.parentId).toBe(first.get('z-parent')?.id);
    expect(first.get('late-child')?.parentId).toBeNull();

    shelf.put(ticketOf('zz-late', { now }));
    shelf.change('a-child', 'failed', 2, {
      errors_encountered: [{ message: 'no such image', exception: 'E404' }],
    });
    const second = await look();
    expect(second.get('late-child')?.parentId).toBe(second.get('zz-late')?.id);
    expect(second.get('a-child')).toMatchObject({ status: 'failed', error: 'no such image\nE404' });
    expect(second.get('a-child')?.steps.map((step) => step.status)).toEqual([
      'succeeded',
      'failed',
      'pending',
    ]);
  });

  test('a job that is tried again begins a new attempt; one that is queued between two steps waits', async () => {
    shelf.put(ticketOf('a', { now: tower.clock.now() }));
    await look();
    shelf.change('a', 'queued', 2);
    expect((await look()).get('a')).toMatchObject({ status: 'queued', attempt: 1 });
    shelf.change('a', 'failed', 2);
    expect((await look()).get('a')).toMatchObject({ status: 'failed', attempt: 1 });
    shelf.change('a', 'running', 2);
    const again = (await look()).get('a');
    expect(again).toMatchObject({ status: 'running', attempt: 2, progress: 33.33 });
    expect(again?.steps.map((step) => step.status)).toEqual(['succeeded', 'running', 'pending']);
  });

  test('files that are no tickets are named, the rest is imported, and what was known stays', async () => {
    const now = tower.clock.now();
    shelf.put(ticketOf('good', { now }));
    shelf.put(ticketOf('breaks-later', { now }));
    await look();
    shelf.putRaw('breaks-later.json', '{"job_ticket_id": "breaks-later", "job_na');
    shelf.putRaw('empty.json', '');
    shelf.putRaw('latin.json', Buffer.from('{"job_ticket_id": "latin\xe9"}', 'latin1'));
    shelf.putRaw('other.json', JSON.stringify(ticketOf('another', { now })));
    shelf.putRaw('odd.json', JSON.stringify({ ...ticketOf('odd', { now }), context: 'none' }));
    shelf.putRaw('huge.json', Buffer.alloc(ticketLimits.bytes + 1, 0x20));
    shelf.putRaw('notes.txt', 'not ours');
    mkdirSync(join(shelf.directory, 'folder.json'));
    shelf.put(ticketOf('fine', { now }));
    const jobs = await look();
    expect([...jobs.keys()].sort()).toEqual(['breaks-later', 'fine', 'good']);
    expect(jobs.get('breaks-later')?.status).toBe('queued');
    const problems = await store.read
      .selectFrom('source_items')
      .select(['item', 'problem'])
      .where('source_id', '=', id)
      .where('problem', 'is not', null)
      .orderBy('item')
      .execute();
    expect(problems.map((row) => [row.item, JSON.parse(row.problem as string).code.slice(15)])).toEqual([
      ['breaks-later.json', 'content'],
      ['empty.json', 'empty'],
      ['folder.json', 'not_a_file'],
      ['huge.json', 'too_large'],
      ['latin.json', 'not_utf8'],
      ['odd.json', 'content'],
      ['other.json', 'wrong_name'],
    ]);
    expect(await tower.source(id)).toMatchObject({ state: 'ok', jobs: 3, problems: 7 });

    shelf.put(ticketOf('breaks-later', { now }));
    await look();
    expect((await tower.source(id)).problems).toBe(6);
  });

  test('a directory that disappears makes the source stale and changes no job; when it returns nothing is told twice', async () => {
    shelf.put(ticketOf('a', { now: tower.clock.now() }));
    shelf.change('a', 'running', 1);
    const jobId = (await look()).get('a')?.id as number;
    const facts = await factsOf(jobId);
    renameSync(shelf.directory, `${shelf.directory}-away`);
    expect((await look()).get('a')?.status).toBe('running');
    expect(await tower.source(id)).toMatchObject({
      state: 'stale',
      failures: 1,
      error: { code: 'source.error.directory' },
    });
    mkdirSync(shelf.directory);
    await look();
    expect(
      await store.read.selectFrom('source_items').select('gone_at').where('source_id', '=', id).execute(),
    ).toEqual([{ gone_at: expect.any(Number) }]);
    shelf.remove();
    renameSync(`${shelf.directory}-away`, shelf.directory);
    expect((await look()).get('a')?.status).toBe('running');
    expect(await factsOf(jobId)).toEqual(facts);
    expect(await tower.source(id)).toMatchObject({ state: 'ok', jobs: 1, failures: 0 });
  });

  test('a clock that steps back changes neither the order of facts nor who is silent', async () => {
    const now = tower.clock.now();
    shelf.put(ticketOf('a', { now }));
    await look();
    shelf.change('a', 'running', 1);
    await look();
    const ticket = shelf.get('a');
    const yesterday = ticketDate(now - 24 * HOUR);
    shelf.put({
      ...ticket,
      job_management: { ...ticket.job_management, current_step: 2 },
      last_modified_date: yesterday,
    });
    const job = (await look()).get('a');
    expect(job).toMatchObject({ status: 'running', step: 'check' });
    await look();
    expect(shelf.get('a').job_management.job_status).toBe('running');
    const at = job?.steps.map((step) => step.startedAt ?? step.endedAt ?? '') ?? [];
    expect([...at].filter(Boolean)).toEqual([...at].filter(Boolean).sort());
  });

  test('a silent job waits again until it has no tries left; a heartbeat keeps it', async () => {
    const late = tower.clock.now() - 7 * HOUR;
    const management = { ...ticketOf('x', { now: late }).job_management, job_status: 'running' as const };
    shelf.put(ticketOf('silent', { now: late, job_management: { ...management, maxNumberOfTries: 1 } }));
    shelf.put(ticketOf('alive', { now: tower.clock.now() - 5 * HOUR, job_management: management }));
    await look();
    expect(shelf.get('silent').job_management).toMatchObject({ job_status: 'queued', numberOfTries: 1 });
    expect((await look()).get('silent')).toMatchObject({ status: 'queued' });
    shelf.change('silent', 'running');
    await look();
    tower.clock.pass(5 * HOUR);
    shelf.change('alive', 'running');
    await look();
    tower.clock.pass(2 * HOUR);
    await look();
    expect(shelf.get('silent')).toMatchObject({
      job_management: { job_status: 'failed', previous_step_status: 'failed' },
      context: { errors_encountered: [{ message: expect.stringContaining('no tries left') }] },
    });
    const jobs = await look();
    expect(jobs.get('silent')).toMatchObject({ status: 'failed' });
    expect(jobs.get('alive')).toMatchObject({ status: 'running', stalled: false });
    expect(shelf.get('alive').job_management.job_status).toBe('running');
  });

  test('a number that JavaScript cannot hold stays as it is when an edit goes into its field', async () => {
    const late = tower.clock.now() - 7 * HOUR;
    const { job_management: management } = ticketOf('x', { now: late });
    const silent = ticketOf('silent', {
      now: late,
      job_management: { ...management, job_status: 'running', maxNumberOfTries: 0 },
      context: { errors_encountered: [{ code: 7 }] },
    });
    shelf.putRaw('silent.json', JSON.stringify(silent).replace('"code":7', '"code":12345678901234567890'));
    await look();
    await look();
    expect(shelf.get('silent').job_management.job_status).toBe('failed');
    expect(readFileSync(join(shelf.directory, 'silent.json'), 'utf8')).toContain('12345678901234567890');
  });

  test('a parent ends as its children did, and not while one goes on', async () => {
    const now = tower.clock.now();
    shelf.put(ticketOf('p', { now }));
    for (const child of ['c1', 'c2']) shelf.put(ticketOf(child, { now, parent_job_ticket_id: 'p' }));
    shelf.change('p', 'running', 2);
    await look();
    shelf.change('c1', 'success', 3);
    await look();
    await look();
    expect(shelf.get('p').job_management.job_status).toBe('running');
    shelf.change('c2', 'failed', 2);
    await look();
    await look();
    expect(shelf.get('p').job_management.job_status).toBe('failed');
    expect((await look()).get('p')).toMatchObject({
      status: 'failed',
      error: '1 of 2 children succeeded, 1 failed.',
    });
  });

  test('what is said in the diary is written into the file, and told once', async () => {
    shelf.put(ticketOf('a', { now: tower.clock.now() }));
    shelf.change('a', 'failed', 2);
    const job = (await look()).get('a');
    await retryJob(tower.diary.appender, tower.diary.admin, job?.id as number, undefined, tower.clock.now());
    const after = (await look()).get('a');
    expect(shelf.get('a').job_management).toMatchObject({ job_status: 'queued', current_step: 2 });
    expect(after).toMatchObject({ status: 'queued', attempt: 2 });
    expect((await look()).get('a')).toMatchObject({ status: 'queued', attempt: 2 });
    const facts = await factsOf(job?.id as number);
    expect(facts.filter((fact) => fact === 'status queued')).toHaveLength(2);
    shelf.change('a', 'success', 3);
    expect((await look()).get('a')).toMatchObject({ status: 'succeeded', attempt: 2 });
  });

  test('edits that cannot be written hold up no others, however many they are', async () => {
    shelf.put(ticketOf('a-gone', { now: tower.clock.now() }));
    shelf.put(ticketOf('b', { now: tower.clock.now() }));
    const jobs = await look();
    rmSync(join(shelf.directory, 'a-gone.json'));
    await look();
    const waiting = Array.from({ length: 600 }, (_, n) => ({
      source_id: id,
      item: 'a-gone.json',
      job_id: jobs.get('a-gone')?.id as number,
      state: 'pending' as const,
      change: `{"context.size":${n}}`,
      base: '{}',
      found: null,
      actor: 'key:ci',
      created_at: tower.clock.now(),
      settled_at: null,
    }));
    await store.write(({ db }) => db.insertInto('source_edits').values(waiting).execute());
    shelf.change('b', 'failed', 2);
    const job = (await look()).get('b');
    await retryJob(tower.diary.appender, tower.diary.admin, job?.id as number, undefined, tower.clock.now());
    await look();
    expect(shelf.get('b').job_management.job_status).toBe('queued');
  });

  test('where the file changed in the same place, the edit is a conflict and the file is left alone', async () => {
    shelf.put(ticketOf('a', { now: tower.clock.now() }));
    shelf.change('a', 'failed', 2);
    const job = (await look()).get('a');
    await retryJob(tower.diary.appender, tower.diary.admin, job?.id as number, undefined, tower.clock.now());
    shelf.change('a', 'success', 3);
    await look();
    await look();
    expect(shelf.get('a').job_management.job_status).toBe('success');
    const edits = await store.read
      .selectFrom('source_edits')
      .select(['state', 'found', 'actor'])
      .where('source_id', '=', id)
      .execute();
    expect(
      edits.map(({ state, found, actor }) => ({ state, found: found && JSON.parse(found), actor })),
    ).toEqual([
      {
        state: 'conflict',
        found: { 'job_management.job_status': 'success', 'job_management.current_step': 3 },
        actor: 'key:ci',
      },
    ]);
    expect((await tower.jobs(name)).get('a')?.status).toBe('succeeded');
  });

  test('a source that was removed and added again imports nothing twice', async () => {
    shelf.put(ticketOf('a', { now: tower.clock.now() }));
    const job = (await look()).get('a');
    const facts = await factsOf(job?.id as number);
    await store.write(({ db }) =>
      db.updateTable('sources').set({ removed_at: 1 }).where('id', '=', id).execute(),
    );
    expect(await tower.add(name, 'tracker-files', { directory: shelf.directory })).toBe(id);
    expect([...(await look()).keys()]).toEqual(['a']);
    expect(await factsOf(job?.id as number)).toEqual(facts);
  });
});
