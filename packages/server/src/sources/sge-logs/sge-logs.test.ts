import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Store } from '../../storage/index.ts';
import { forEachEngine } from '../../storage/testing/engines.ts';
import { schedulerKinds } from '../scheduler/kinds.ts';
import { LogTree } from '../testing/log-tree.ts';
import { type Watchtower, watchtowerOn } from '../testing/watchtower.ts';

const submitted = Date.parse('2026-03-01T10:00:00Z');

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let tower: Watchtower;
  let tree: LogTree;
  let source: number;
  let count = 0;

  beforeAll(async () => {
    store = (await newDatabase()).open();
  });
  beforeEach(async () => {
    tree = new LogTree();
    tower = watchtowerOn(store, (clock) => schedulerKinds({ clock, programs: [], betweenTries: 1 }));
    source = await tower.add(`logs${++count}`, 'sge-logs', { directory: tree.logs, timeZone: 'UTC' });
  });
  afterEach(() => tree.remove());

  async function look() {
    tower.clock.pass(15_000);
    await tower.poller.poll(source);
    return await tower.jobs(`logs${count}`);
  }

  test('a job from its log, its folders and its README', async () => {
    tree.submit(1234567, submitted);
    tree.stand(1234567, 'pending');
    let job = (await look()).get('1234567');
    expect(job).toMatchObject({
      status: 'queued',
      name: 'i_main_deck_1234567.dyn',
      user: 'doea',
      project: '3000067',
      submittedAt: '2026-03-01T10:00:00.000Z',
      submitDirectory: tree.place(67),
      metadata: { person: 'Alice Doe', mail: 'Alice.Doe@example.com' },
    });
    tree.stand(1234567, 'running');
    job = (await look()).get('1234567');
    expect(job).toMatchObject({ status: 'running', jobDirectory: '/scratch/run/1234567' });
    tree.stand(1234567, 'finished');
    job = (await look()).get('1234567');
    expect(job).toMatchObject({
      status: 'finished',
      jobDirectory: join(tree.place(67), '1234567'),
      name: 'main_sled_1234567.key',
      user: 'roee',
      solver: 'dyna R11',
      readmeFile: 'README.i_main_deck_1234567.dyn.README',
      metadata: { person: 'Rita Roe' },
      info: 'Größer als zuvor, Türen verstärkt\n  second line',
      baseRuns: [{ externalId: '1234565' }, { externalId: '1234566' }],
    });
    expect((await tower.source(source)).problems).toBe(0);
  });

  test('a number that is the beginning of another, and folders that are none of its own', async () => {
    for (const id of [123, 1234]) tree.submit(id, submitted, { project: 1 });
    mkdirSync(join(tree.place(1), '1234'));
    writeFileSync(join(tree.place(1), '123'), 'a file, no folder');
    mkdirSync(join(tree.place(1), '123_renamed'));
    const jobs = await look();
    expect(jobs.get('123')).toMatchObject({
      status: 'finished',
      jobDirectory: join(tree.place(1), '123_renamed'),
    });
    expect(jobs.get('1234')).toMatchObject({ status: 'finished', jobDirectory: join(tree.place(1), '1234') });
  });

  test('a late README is read later, one that lacks a line drops no job, and people keep what they wrote', async () => {
    for (const id of [7, 8, 9]) {
      tree.submit(id, submitted, { project: 1 });
      tree.stand(id, 'finished', { project: 1, readme: false });
    }
    tree.readme(join(tree.place(1), '8'), 8, ['FILE: only.key', 'information :', 'half of it']);
    let jobs = await look();
    expect([...jobs.values()].map(({ status, name }) => [status, name])).toEqual([
      ['finished', 'i_main_deck_7.dyn'],
      ['finished', 'only.key'],
      ['finished', 'i_main_deck_9.dyn'],
    ]);
    expect((await tower.source(source)).problems).toBe(1);
    const nine = jobs.get('9')?.id as number;
    await store.write(({ db }) =>
      db.insertInto('annotations').values({ job_id: nine, info: 'mine', summary: '' }).execute(),
    );
    for (const id of [7, 8, 9]) tree.readme(join(tree.place(1), `${id}`), id);
    jobs = await look();
    expect([7, 8, 9].map((id) => jobs.get(`${id}`)?.name)).toEqual([
      'main_sled_7.key',
      'main_sled_8.key',
      'main_sled_9.key',
    ]);
    expect([7, 8, 9].map((id) => jobs.get(`${id}`)?.info.slice(0, 6))).toEqual(['Größer', 'Größer', 'mine']);
    expect(jobs.get('8')?.baseRuns).toMatchObject([
      { externalId: '6', id: null },
      { externalId: '7', id: jobs.get('7')?.id },
    ]);
    expect((await tower.source(source)).problems).toBe(0);
  });

  test('directories that are missing, move, deny themselves or are none at all', async () => {
    tree.submit(1, submitted, { project: 1 });
    tree.stand(1, 'running', { project: 1 });
    tree.submit(2, submitted, { project: 2 });
    tree.submit(3, submitted, { directory: join(tree.root, 'file') });
    rmSync(join(tree.root, 'file'), { recursive: true });
    writeFileSync(join(tree.root, 'file'), '');
    let jobs = await look();
    expect([...jobs.values()].map(({ status }) => status)).toEqual(['running', 'unknown', 'unknown']);
    expect((await tower.source(source)).problems).toBe(1);
    renameSync(tree.place(1), `${tree.place(1)}.moved`);
    jobs = await look();
    expect(jobs.get('1')?.status).toBe('running');
    expect((await tower.source(source)).problems).toBe(2);
    renameSync(`${tree.place(1)}.moved`, tree.place(1));
    tree.stand(1, 'renamed', { project: 1 });
    tree.stand(2, 'pending', { project: 2 });
    jobs = await look();
    expect([...jobs.values()].map(({ status }) => status)).toEqual(['finished', 'queued', 'unknown']);
    expect((await tower.source(source)).problems).toBe(1);
  });

  test('files that are being written, broken, in other encodings, or lead elsewhere', async () => {
    const file = tree.submit(5, submitted);
    const path = join(tree.logs, file);
    writeFileSync(path, 'job_num');
    writeFileSync(join(tree.logs, tree.logName(6, submitted)), Buffer.from([0xff, 0xfe, 0x00, 0x0a]));
    symlinkSync('/etc/passwd', join(tree.logs, tree.logName(7, submitted)));
    writeFileSync(join(tree.logs, 'something else.txt'), 'job_number: 9');
    expect((await look()).size).toBe(0);
    expect((await tower.source(source)).problems).toBe(3);
    appendFileSync(path, 'ber: 5\nowner: ');
    appendFileSync(path, Buffer.from('m\xfcller\n', 'latin1'));
    const place = Buffer.concat([
      Buffer.from(`${tree.root}/car_prj/3001234/`),
      Buffer.from('gr\xf6\xdfe', 'latin1'),
    ]);
    mkdirSync(Buffer.concat([place, Buffer.from('/5')]), { recursive: true });
    appendFileSync(path, Buffer.concat([Buffer.from('sge_o_workdir: '), place, Buffer.from('\n')]));
    const job = (await look()).get('5');
    expect(job).toMatchObject({
      status: 'finished',
      user: 'mller',
      project: '3001234',
      submittedAt: '2026-03-01T10:00:00.000Z',
      jobDirectory: `${tree.root}/car_prj/3001234/größe/5`,
    });
    expect((await tower.source(source)).problems).toBe(2);
  });

  test('the directory of the logs may be gone for a while, and a start tells nothing twice', async () => {
    for (let id = 1; id <= 30; id += 1) {
      tree.submit(id, submitted);
      tree.stand(id, 'finished');
    }
    await look();
    renameSync(tree.logs, `${tree.logs}.gone`);
    expect((await look()).size).toBe(30);
    expect((await tower.source(source)).state).toBe('stale');
    renameSync(`${tree.logs}.gone`, tree.logs);
    const events = await store.read.selectFrom('events').select('id').execute();
    const now = tower.clock.now();
    tower = watchtowerOn(store, (clock) => schedulerKinds({ clock, programs: [], betweenTries: 1 }));
    tower.clock.pass(now - tower.clock.now());
    expect((await look()).size).toBe(30);
    expect(await store.read.selectFrom('events').select('id').execute()).toHaveLength(events.length);
  });

  test('says what it can and cannot read', async () => {
    tree.submit(1, submitted, { project: 1 });
    tree.submit(2, submitted, { project: 2 });
    rmSync(tree.place(2), { recursive: true });
    const kind = tower.kinds.get('sge-logs');
    const settings = kind?.settings.parse({ directory: tree.logs });
    const checks = await kind?.open(settings as never).test(new AbortController().signal);
    expect(checks).toEqual([
      { ok: true, code: 'source.check.logs', count: 2 },
      { ok: true, code: 'source.check.logFiles' },
      { ok: true, code: 'source.check.submitDirectory', detail: tree.place(1) },
      { ok: false, code: 'source.check.submitDirectory', detail: expect.stringContaining('ENOENT') },
    ]);
  });
});
