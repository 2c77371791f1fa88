import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Store } from '../../storage/index.ts';
import { forEachEngine } from '../../storage/testing/engines.ts';
import { schedulerKinds } from '../scheduler/kinds.ts';
import { GRACE } from '../scheduler/scheduler-source.ts';
import { FakePrograms } from '../testing/fake-programs.ts';
import { type Watchtower, watchtowerOn } from '../testing/watchtower.ts';

interface Row {
  id: number;
  state: string;
  reason?: string;
  submit?: number;
  start?: number | string;
  end?: number | string;
  user?: string;
  name?: string;
  directory?: string;
}

/** Seconds; the clock of the tests stands at 2026-03-01T12:00. */
const T = Date.parse('2026-03-01T11:00:00Z') / 1_000;

function queued({ id, state, reason = 'None', submit = T, ...rest }: Row): (string | number)[] {
  const {
    start = 'N/A',
    end = 'N/A',
    user = 'doea',
    name = 'deck',
    directory = '/mnt/a_prj/3001234/run',
  } = rest;
  return [id, id, 'N/A', state, reason, submit, start, end, user, 'crash', 'dyn', 1, 4, directory, name, id];
}

const header = [
  ...[
    'JobIDRaw',
    'JobID',
    'State',
    'ExitCode',
    'Submit',
    'Start',
    'End',
    'User',
    'Account',
    'Partition',
    'NNodes',
  ],
  ...['NCPUS', 'WorkDir', 'JobName', 'JobIDRaw'],
];
function accounted(id: number, state: string, exit: string, end: number, submit = T): (string | number)[] {
  const [start, directory] = [T + 10, '/mnt/a_prj/3001234/run'];
  return [id, id, state, exit, submit, start, end, 'doea', 'crash', 'dyn', 1, 4, directory, 'deck', id];
}

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let programs: FakePrograms;
  let tower: Watchtower;
  let source: number;
  let count = 0;

  beforeAll(async () => {
    store = (await newDatabase()).open();
  });
  beforeEach(async () => {
    programs = new FakePrograms();
    programs.printsRows('squeue', []);
    programs.printsRows('sacct', [], header);
    programs.prints('scontrol', '');
    restart();
    source = await tower.add(`cluster${++count}`, 'slurm', { timeZone: 'UTC', interval: 30 });
  });
  afterEach(() => programs.remove());

  /** As a new process is: it remembers nothing but what is in the database. */
  function restart(): void {
    const now = tower?.clock.now();
    tower = watchtowerOn(store, (clock) => schedulerKinds({ clock, programs: [programs.folder] }));
    if (now !== undefined) tower.clock.pass(now - tower.clock.now());
  }

  /** A look, half a minute after the one before. */
  async function look(
    ...rows: Row[]
  ): Promise<Map<string, Awaited<ReturnType<Watchtower['jobs']>> extends Map<string, infer J> ? J : never>> {
    tower.clock.pass(30_000);
    programs.printsRows('squeue', rows.map(queued));
    await tower.poller.poll(source);
    return await tower.jobs(`cluster${count}`);
  }

  test('a job waits, runs and ends, and people learn why it waits', async () => {
    let jobs = await look({ id: 7, state: 'PENDING', reason: 'Priority' });
    expect(jobs.get('7')).toMatchObject({
      status: 'queued',
      execution: 'watched',
      name: 'deck',
      user: 'doea',
      project: '3001234',
      submittedAt: '2026-03-01T11:00:00.000Z',
      metadata: { account: 'crash', partition: 'dyn', cpus: 4 },
    });
    const row = await store.read
      .selectFrom('source_items')
      .select('content')
      .where('source_id', '=', source)
      .executeTakeFirstOrThrow();
    expect(JSON.parse(row.content as string).waiting).toEqual({
      code: 'source.waiting.priority',
      detail: 'Priority',
    });
    jobs = await look({ id: 7, state: 'RUNNING', start: T + 10, end: T + 31_536_000 });
    expect(jobs.get('7')).toMatchObject({
      status: 'running',
      startedAt: '2026-03-01T11:00:10.000Z',
      endedAt: null,
    });
    jobs = await look({ id: 7, state: 'TIMEOUT', reason: 'TimeLimit', start: T + 10, end: T + 70 });
    expect(jobs.get('7')).toMatchObject({
      status: 'failed',
      error: 'Reached its time limit.',
      endedAt: '2026-03-01T11:01:10.000Z',
    });
    expect(jobs.size).toBe(1);
  });

  test('scontrol is asked once per new job, and four calls a minute are the most', async () => {
    programs.prints(
      'scontrol',
      `JobId=1 JobName=deck UserId=doea(1) GroupId=g(1) Restarts=0 BatchFlag=1 Comment=x StdErr=/e StdIn=/dev/null StdOut=/home/doea/slurm-1.out Power=\n`,
    );
    await look({ id: 1, state: 'RUNNING', start: T });
    const jobs = await look({ id: 1, state: 'RUNNING', start: T });
    expect(jobs.get('1')?.logFile).toBe('/home/doea/slurm-1.out');
    expect(programs.calls('scontrol')).toEqual(['-o show job 1']);
    for (let i = 0; i < 12; i += 1) {
      tower.clock.pass(-25_000); // a look every five seconds
      await look({ id: 1, state: 'RUNNING', start: T }, { id: 100 + i, state: 'RUNNING', start: T });
    }
    const calls = ['squeue', 'sacct', 'scontrol'].flatMap((name) => programs.calls(name));
    expect(calls.length).toBeLessThanOrEqual(4 * 2 + 4);
  });

  test('what left the queue unseen is looked up; until then it is as it was', async () => {
    await look({ id: 8, state: 'RUNNING', start: T + 10 });
    expect((await look()).get('8')?.status).toBe('running');
    programs.printsRows(
      'sacct',
      [accounted(8, 'FAILED', '3:0', T + 60), accounted(9, 'COMPLETED', '0:0', T + 61)],
      header,
    );
    const jobs = await look();
    expect(jobs.get('8')).toMatchObject({
      status: 'failed',
      error: 'Ended with exit code 3.',
      metadata: { exitCode: 3 },
    });
    // It came and went between two looks.
    expect(jobs.get('9')).toMatchObject({ status: 'succeeded', endedAt: '2026-03-01T11:01:01.000Z' });
    expect(programs.calls('sacct').every((call) => / -S now-\d+seconds /.test(call))).toBe(true);
  });

  test('nobody knows it any more: unknown, and right again when the accounting says so', async () => {
    await look({ id: 5, state: 'RUNNING', start: T + 10 });
    await look();
    tower.clock.pass(GRACE);
    expect((await look()).get('5')?.status).toBe('unknown');
    programs.printsRows('sacct', [accounted(5, 'CANCELLED by 0', '0:15', T + 60)], header);
    restart();
    expect((await look()).get('5')?.status).toBe('canceled');
  });

  test('a scheduler that is down changes no job', async () => {
    await look({ id: 3, state: 'RUNNING', start: T });
    programs.fails('squeue', 'slurm_load_jobs error: Unable to contact slurm controller');
    tower.clock.pass(GRACE * 2);
    await tower.poller.poll(source);
    expect((await tower.jobs(`cluster${count}`)).get('3')?.status).toBe('running');
    expect(await tower.source(source)).toMatchObject({
      state: 'stale',
      error: { code: 'source.error.program', detail: expect.stringContaining('Unable to contact') },
    });
    expect((await look({ id: 3, state: 'COMPLETED', start: T, end: T + 5 })).get('3')?.status).toBe(
      'succeeded',
    );
  });

  test('a requeued job is the same job, a number that comes again is not', async () => {
    await look({ id: 4, state: 'RUNNING', start: T + 10 });
    let jobs = await look({ id: 4, state: 'PENDING', submit: T + 60, reason: 'BeginTime' });
    expect(jobs.get('4')?.status).toBe('queued');
    jobs = await look({ id: 4, state: 'COMPLETED', submit: T + 60, start: T + 100, end: T + 200 });
    expect(jobs.get('4')).toMatchObject({ status: 'succeeded', submittedAt: '2026-03-01T11:00:00.000Z' });
    // Requeued after its end, by hand.
    jobs = await look({ id: 4, state: 'PENDING', submit: T + 300 });
    expect(jobs.get('4')).toMatchObject({ status: 'queued', attempt: 2 });
    restart();
    await look({ id: 4, state: 'FAILED', submit: T + 300, start: T + 400, end: T + 500 });
    expect(
      (await store.read.selectFrom('jobs').select('id').where('source', '=', `cluster${count}`).execute())
        .length,
    ).toBe(1);
    await look({ id: 4, state: 'RUNNING', submit: T + 700, user: 'roee', start: T + 710 });
    const rows = await store.read
      .selectFrom('jobs')
      .select(['status', 'user_name'])
      .where('source', '=', `cluster${count}`)
      .orderBy('id')
      .execute();
    expect(rows).toEqual([
      { status: 'failed', user_name: 'doea' },
      { status: 'running', user_name: 'roee' },
    ]);
  });

  test('after a start nothing is told twice, and ends of old runs are none', async () => {
    await look({ id: 6, state: 'RUNNING', start: T + 10 });
    const before = await store.read.selectFrom('events').select('id').execute();
    restart();
    programs.printsRows('sacct', [accounted(6, 'COMPLETED', '0:0', T + 5)], header);
    expect((await look({ id: 6, state: 'RUNNING', start: T + 10 })).get('6')?.status).toBe('running');
    expect((await look()).get('6')?.status).toBe('running');
    expect(await store.read.selectFrom('events').select('id').execute()).toHaveLength(before.length);
  });

  test('a record that cannot be read makes no job vanish', async () => {
    await look({ id: 1, state: 'RUNNING', start: T });
    tower.clock.pass(30_000);
    programs.printsRows('squeue', [['2', 'cut off']]);
    for (let i = 0; i < 3; i += 1) {
      await tower.poller.poll(source);
      tower.clock.pass(GRACE);
    }
    expect((await tower.jobs(`cluster${count}`)).get('1')?.status).toBe('running');
    expect((await tower.source(source)).problems).toBe(1);
  });

  test('a state that nobody has heard of leaves the job as it is, and is told', async () => {
    await look({ id: 1, state: 'RUNNING', start: T });
    expect((await look({ id: 1, state: 'EVAPORATED', start: T })).get('1')?.status).toBe('running');
    expect((await tower.source(source)).problems).toBe(1);
    expect((await look({ id: 1, state: 'COMPLETED', start: T, end: T + 9 })).get('1')?.status).toBe(
      'succeeded',
    );
    expect((await tower.source(source)).problems).toBe(0);
  });

  test('without accounting, the completion file tells ends; a requeue in it is none', async () => {
    const file = join(programs.folder, 'jobcomp.log');
    source = await tower.add(`cluster${++count}`, 'slurm', { timeZone: 'UTC', interval: 30, jobcomp: file });
    const line = (id: number, state: string, end: string, exit: string) =>
      `JobId=${id} UserId=doea(1) GroupId=g(1) Name=deck JobState=${state} Partition=dyn TimeLimit=1 StartTime=2026-03-01T11:00:10 EndTime=${end} NodeList=n NodeCnt=1 ProcCnt=4 WorkDir=/w ReservationName= Tres= Account=crash QOS= WcKey= Cluster=c SubmitTime=2026-03-01T11:00:00 EligibleTime=2026-03-01T11:00:00 DerivedExitCode=0:0 ExitCode=${exit} \n`;
    await look({ id: 1, state: 'RUNNING', start: T + 10 }, { id: 2, state: 'RUNNING', start: T + 10 });
    appendFileSync(
      file,
      line(1, 'FAILED', '2026-03-01T11:02:00', '0:9') + line(2, 'PENDING', '2026-03-01T11:02:00', '0:0'),
    );
    appendFileSync(file, line(2, 'COMPLETED', '2026-03-01T11:03:00', '0:0').slice(0, 90));
    let jobs = await look();
    expect(jobs.get('1')).toMatchObject({ status: 'failed', error: 'Ended by signal 9.' });
    expect(jobs.get('2')?.status).toBe('running');
    appendFileSync(file, line(2, 'COMPLETED', '2026-03-01T11:03:00', '0:0').slice(90));
    jobs = await look();
    expect(jobs.get('2')?.status).toBe('succeeded');
    // Requeued by hand, and over again before anybody looked.
    appendFileSync(file, line(2, 'FAILED', '2026-03-01T11:05:00', '2:0'));
    expect((await look()).get('2')).toMatchObject({ status: 'failed', error: 'Ended with exit code 2.' });
    restart();
    expect((await look()).get('2')?.status).toBe('failed');
    expect(programs.calls('sacct')).toEqual([]);
  });

  test('says what it can and cannot do', async () => {
    const kind = tower.kinds.get('slurm');
    programs.printsRows('squeue', [queued({ id: 1, state: 'RUNNING', start: T })]);
    programs.fails('sacct', 'Slurm accounting storage is disabled');
    const settings = kind?.settings.parse({ timeZone: 'UTC' });
    const checks = await kind?.open(settings as never).test(new AbortController().signal);
    expect(checks).toEqual([
      { ok: true, code: 'source.check.queue', count: 1 },
      { ok: false, code: 'source.check.accounting', detail: expect.stringContaining('storage is disabled') },
    ]);
  });
});
