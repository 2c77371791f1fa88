import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Store } from '../../storage/index.ts';
import { forEachEngine } from '../../storage/testing/engines.ts';
import { schedulerKinds } from '../scheduler/kinds.ts';
import { GRACE } from '../scheduler/scheduler-source.ts';
import { FakePrograms } from '../testing/fake-programs.ts';
import { type Watchtower, watchtowerOn } from '../testing/watchtower.ts';

/** Seconds; the clock of the tests stands at 2026-03-01T12:00. */
const T = Date.parse('2026-03-01T11:00:00Z') / 1_000;

interface Row {
  id: number;
  state: string;
  tasks?: string;
}

function listOf(rows: readonly Row[]): string {
  const jobs = rows.map(({ id, state, tasks }) => {
    const when = /r|t/.test(state) ? 'JAT_start_time' : 'JB_submission_time';
    const range = tasks === undefined ? '' : `<tasks>${tasks}</tasks>`;
    return `<job_list state="x"><JB_job_number>${id}</JB_job_number><JB_name>deck.dyn</JB_name><JB_owner>doea</JB_owner><state>${state}</state><${when}>2026-03-01T11:00:0${when === 'JAT_start_time' ? 5 : 0}</${when}><queue_name></queue_name><slots>1</slots>${range}</job_list>`;
  });
  return `<?xml version='1.0'?><job_info><queue_info>${jobs.join('')}</queue_info><job_info></job_info></job_info>\n`;
}

function detailOf(ids: readonly number[]): string {
  const jobs = ids.map(
    (id) =>
      `<element><JB_job_number>${id}</JB_job_number><JB_submission_time>${T}</JB_submission_time><JB_owner>doea</JB_owner><JB_job_name>deck.dyn</JB_job_name><JB_cwd>/mnt/a_prj/3001234/run</JB_cwd></element>`,
  );
  return `<detailed_job_info><djob_info>${jobs.join('')}</djob_info><messages/></detailed_job_info>`;
}

function accounted(id: number, task: number, failed: number, exit: number, end = T + 60): string {
  const usage = Array(18).fill('0').join(':');
  return `dyn:node:g:doea:deck.dyn:${id}:sge:0:${T}:${T + 5}:${end}:${failed}:${exit}:${usage}:NONE:dep:NONE:1:${task}:0:0:0:NONE:0:NONE:0:0:0\n`;
}

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let programs: FakePrograms;
  let tower: Watchtower;
  let source: number;
  let file: string;
  let count = 0;

  beforeAll(async () => {
    store = (await newDatabase()).open();
  });
  beforeEach(async () => {
    programs = new FakePrograms();
    file = join(programs.folder, 'accounting');
    writeFileSync(file, '# Version: 8.1.9\n');
    tower = watchtowerOn(store, (clock) => schedulerKinds({ clock, programs: [programs.folder] }));
    const settings = { timeZone: 'UTC', interval: 30, accounting: file };
    source = await tower.add(`grid${++count}`, 'sge', settings);
  });
  afterEach(() => programs.remove());

  async function look(...rows: Row[]) {
    tower.clock.pass(30_000);
    programs.answersQstat(listOf(rows), detailOf(rows.map(({ id }) => id)));
    await tower.poller.poll(source);
    return await tower.jobs(`grid${count}`);
  }

  test('a job first seen while it runs, its dark window, and its end', async () => {
    let jobs = await look({ id: 7, state: 'r' });
    expect(jobs.get('7')).toMatchObject({
      status: 'running',
      submittedAt: '2026-03-01T11:00:00.000Z',
      startedAt: '2026-03-01T11:00:05.000Z',
      submitDirectory: '/mnt/a_prj/3001234/run',
      project: '3001234',
    });
    expect((await look()).get('7')?.status).toBe('running');
    appendFileSync(file, accounted(7, 0, 0, 3));
    jobs = await look();
    expect(jobs.get('7')).toMatchObject({
      status: 'failed',
      error: 'Ended with exit code 3.',
      metadata: { exitCode: 3 },
    });
    expect(programs.calls('qstat').filter((call) => call.includes('-j'))).toEqual(['-xml -j 7']);
  });

  test('an end that is none: in an error state, to be rescheduled, or of a task that still runs', async () => {
    appendFileSync(
      file,
      accounted(1, 0, 28, 0, 0) + accounted(2, 0, 25, 99) + accounted(3, 1, 0, 0, T + 3_625),
    );
    const rows = [
      { id: 1, state: 'Eqw' },
      { id: 2, state: 'Rr' },
      { id: 3, state: 'r', tasks: '1' },
      { id: 3, state: 'qw', tasks: '2-3:1' },
    ];
    let jobs = await look(...rows);
    expect(Object.fromEntries([...jobs].map(([id, { status }]) => [id, status]))).toEqual({
      1: 'queued',
      2: 'running',
      '3.1': 'running',
      '3.2': 'queued',
      '3.3': 'queued',
    });
    jobs = await look(...rows.slice(0, 2), ...rows.slice(3));
    expect([jobs.get('3.1')?.status, jobs.get('1')?.status]).toEqual(['succeeded', 'queued']);
  });

  test('killed by whom: a deletion that was seen is a cancel, one that was not ends otherwise', async () => {
    await look({ id: 4, state: 'r' }, { id: 5, state: 'r' });
    await look({ id: 4, state: 'dr' }, { id: 5, state: 'r' });
    appendFileSync(file, accounted(4, 0, 100, 137) + accounted(5, 0, 100, 137));
    const jobs = await look();
    expect([jobs.get('4')?.status, jobs.get('5')?.status]).toEqual(['canceled', 'other']);
    expect(jobs.get('5')?.error).toBe('Ended by signal 9.');
  });

  test('a list that is cut off is none, and no job is lost by it', async () => {
    await look({ id: 6, state: 'r' });
    programs.answersQstat(listOf([]).slice(0, -12), '');
    tower.clock.pass(GRACE * 2);
    await tower.poller.poll(source);
    expect(await tower.source(source)).toMatchObject({
      state: 'stale',
      error: { code: 'source.error.unreadable' },
    });
    expect((await tower.jobs(`grid${count}`)).get('6')?.status).toBe('running');
  });
});
