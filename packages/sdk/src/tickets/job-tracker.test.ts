import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Ticket, templateOfConfiguration, ticketFaults } from '@daybook/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { temporaryDirectory } from '../testing/workplace.ts';
import { type TicketProblem, TicketUnwritableError } from './errors.ts';
import { JobTracker, type JobTrackerOptions } from './job-tracker.ts';
import { contentHash } from './ticket-bytes.ts';
import { compareAndReplace, readTicketFile } from './ticket-file.ts';

interface Office {
  readonly directory: string;
  readonly tracker: JobTracker;
  readonly problems: TicketProblem[];
  readonly path: (id: string) => string;
  /** The file as it is. */
  readonly text: (id: string) => string;
  now: number;
}

function openOffice(options: JobTrackerOptions = {}): Office {
  const directory = temporaryDirectory();
  const problems: TicketProblem[] = [];
  const path = (id: string) => join(directory, `${id}.json`);
  const clock: Clock = { ...systemClock, now: () => office.now };
  const onProblem = (problem: TicketProblem) => problems.push(problem);
  const office: Office = {
    directory,
    tracker: new JobTracker(directory, { clock, onProblem, ...options }),
    problems,
    path,
    text: (id) => readFileSync(path(id), 'utf8'),
    now: Date.UTC(2020, 10, 10, 22, 24),
  };
  return office;
}

describe('a new ticket', () => {
  it('is the document of the contract, field for field and in order, in its file', async () => {
    const { tracker, text, directory } = openOffice();
    const ticket = await tracker.initTrackerFile('create_asset');
    const { job_ticket_id: id } = ticket;
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-./);
    expect(id.slice(37)).toBe(hostname());
    expect(JSON.stringify(ticket)).toBe(
      JSON.stringify({
        job_ticket_id: id,
        job_name: 'create_asset',
        job_management: {
          current_step: 1,
          steps: {
            1: 'generate_mock_manifest',
            2: 'retrieve_image_from_origin',
            3: 'check_jp2_compliance',
            4: 'create_thumbnails',
            5: 'save_to_storage',
            6: 'save_data',
          },
          job_status: '',
          previous_step_status: '',
        },
        context: {},
        creation_date: '2020-11-10 22:24:00',
        last_modified_date: '2020-11-10 22:24:00',
      }),
    );
    expect(text(id)).toBe(`${JSON.stringify(ticket, null, 2)}\n`);
    expect(readdirSync(directory)).toEqual([`${id}.json`]);
  });

  it('takes its steps from a directory, a configuration file, or elsewhere, in this order', async () => {
    const templates = temporaryDirectory();
    const template = (step: string) => ({
      job_management: { steps: { 1: step, 2: 'b' } },
      skip_steps: { s: ['b'] },
    });
    writeFileSync(join(templates, 'one.json'), JSON.stringify(template('of the directory')));
    writeFileSync(join(templates, 'torn.json'), '{');
    const steps = (tag: string) => [{ name: 'A', tag, points: 1 }];
    const file = join(templates, '.configurations');
    const jobs = ['one', 'two'].map((tag) => ({ name: 'N', tag, step_configurations: steps('of_the_file') }));
    writeFileSync(file, JSON.stringify({ job_configs: jobs }));
    const elsewhere = ['two', 'three'].map((tag) =>
      templateOfConfiguration({ tag, steps: steps('of_elsewhere') }),
    );
    vi.stubEnv('JSON_TEMPLATES_DIR', templates);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const { tracker } = openOffice({ configurationsFile: file, templates: async () => elsewhere });
    const first = async (name: string) =>
      (await tracker.initTrackerFile(name, { space: 's' })).job_management.steps;
    expect(await first('one')).toEqual({ 1: 'of the directory' });
    expect(await first('two')).toEqual({ 1: 'of_the_file' });
    expect(await first('three')).toEqual({ 1: 'of_elsewhere' });
    await expect(first('four')).rejects.toThrow(
      /^no template is called "four"; there are: create_asset, one, three, two\n {2}this one cannot be used: .*torn.json: is no JSON/,
    );
  });

  it('needs a directory', () => {
    vi.stubEnv('JOB_DATA_BASEDIR', '');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    expect(() => new JobTracker()).toThrow('set JOB_DATA_BASEDIR');
    vi.stubEnv('JOB_DATA_BASEDIR', '/somewhere');
    expect(new JobTracker().directory).toBe('/somewhere');
  });
});

describe('a ticket', () => {
  it('is moved, filled and failed, each time in its file and with the date of the change', async () => {
    const office = openOffice();
    const { tracker, text } = office;
    const { job_ticket_id: id } = await tracker.initTrackerFile('create_asset', { space: 'photos' });
    office.now += 1_000;
    expect(await tracker.setJobStatus('running', id)).toMatchObject({
      job_management: { job_status: 'running', previous_step_status: 'success' },
      last_modified_date: '2020-11-10 22:24:01',
    });
    expect(await tracker.getJobStatus(id)).toBe('running');
    await tracker.setJobStatus('queued', id, 'running');
    expect((await tracker.getTrackerFile(id)).job_management.previous_step_status).toBe('running');
    expect((await tracker.setCurrentStep(id, 5)).job_management.current_step).toBe(5);
    expect((await tracker.advance(id)).job_management.current_step).toBe(6);
    await expect(tracker.advance(id)).rejects.toThrow('is on its last step already (6 of 6)');
    await expect(tracker.setCurrentStep(id, 7)).rejects.toThrow('has no step 7; its steps are 1 to 6');
    await tracker.updateContextData(id, '__proto__', { a: 1 });
    await tracker.updateContextData(id, 'space', [null]);
    await tracker.appendError(id, 'looks odd', undefined, false);
    expect(await tracker.getJobStatus(id)).toBe('queued');
    await tracker.appendError(id, 'it broke', new TypeError('no pixels'));
    const ticket = JSON.parse(text(id)) as Ticket;
    expect(ticket.job_management).toMatchObject({ job_status: 'failed', previous_step_status: 'failed' });
    expect(Object.entries(ticket.context)).toEqual([
      ['space', [null]],
      ['__proto__', { a: 1 }],
      [
        'errors_encountered',
        [
          { message: 'looks odd', step: 6, date: '2020-11-10 22:24:01' },
          { message: 'it broke', exception: 'TypeError: no pixels', step: 6, date: '2020-11-10 22:24:01' },
        ],
      ],
    ]);
    expect(await tracker.getJobDirectory(id)).toBe(join(office.directory, id));
    expect(statSync(join(office.directory, id)).isDirectory()).toBe(true);
    rmdirSync(join(office.directory, id));
    writeFileSync(join(office.directory, id), 'in its way');
    await expect(tracker.getJobDirectory(id)).rejects.toThrow(TicketUnwritableError);
    rmSync(join(office.directory, id));
    expect(await tracker.getJobs({ space: 'photos' })).toEqual([]);
    expect(await tracker.getJobs({ status: 'failed', jobName: 'create_asset' })).toEqual([ticket]);
  });

  it('keeps what others wrote into it: fields, their order, numbers, rights', async () => {
    const { tracker, path, text } = openOffice();
    const { job_ticket_id: id } = await tracker.initTrackerFile('create_asset');
    const own = text(id)
      .replace('{', '{\n  "ours": true,')
      .replace('"context": {}', '"context": {\n    "size": 12345678901234567890\n  },\n  "also": null');
    writeFileSync(path(id), own);
    chmodSync(path(id), 0o660);
    await tracker.setCurrentStep(id, 2);
    await tracker.replaceTrackerFile(await tracker.getTrackerFile(id));
    expect(text(id)).toBe(own.replace('"current_step": 1', '"current_step": 2'));
    expect(statSync(path(id)).mode & 0o777).toBe(0o660);
  });

  it('has whatever date the clock says, also when it steps backwards', async () => {
    const office = openOffice();
    const { tracker } = office;
    const { job_ticket_id: id } = await tracker.initTrackerFile('create_asset');
    office.now -= 86_400_000;
    await tracker.updateTimestamp(id);
    expect(await tracker.getTimestamp(id)).toBe('2020-11-09 22:24:00');
    await tracker.updateTimestamp(id, new Date('2021-01-01T00:00:00Z'));
    expect(await tracker.getTimestamp(id)).toBe('2021-01-01 00:00:00');
  });

  it('is never written as something that is no ticket', async () => {
    const { tracker, text } = openOffice();
    const ticket = await tracker.initTrackerFile('create_asset');
    const { job_ticket_id: id } = ticket;
    const before = text(id);
    const round: unknown[] = [];
    round.push(round);
    for (const value of [1n, round])
      await expect(tracker.updateContextData(id, 'x', value)).rejects.toThrow('JSON');
    const management = { ...ticket.job_management, job_status: 'done', current_step: -1 };
    await expect(
      tracker.replaceTrackerFile({ ...ticket, job_management: management } as unknown as Ticket),
    ).rejects.toThrow(
      'this is no ticket:\n  job_management.current_step: must be at least 0\n  job_management.job_status: must be one of',
    );
    await expect(tracker.replaceTrackerFile({ ...ticket, job_ticket_id: '../x' })).rejects.toThrow(
      'job_ticket_id',
    );
    await expect(
      tracker.updateTrackerFile(id, (now) => ({ ...now, job_ticket_id: 'another' })),
    ).rejects.toThrow('another.json');
    await expect(tracker.replaceTrackerFile({ ...ticket, job_ticket_id: 'gone' })).rejects.toThrow(
      'there is no ticket gone at',
    );
    await expect(tracker.getTrackerFile('../passwd')).rejects.toThrow('"../passwd" is no id of a ticket');
    expect(text(id)).toBe(before);
  });

  it('loses no update of many at once, nor of a program that knows no locks', async () => {
    const { tracker, path, text, directory } = openOffice();
    const { job_ticket_id: id } = await tracker.initTrackerFile('create_asset');
    await Promise.all(Array.from({ length: 20 }, (_, n) => tracker.updateContextData(id, `n${n}`, n)));
    expect(Object.keys((await tracker.getTrackerFile(id)).context)).toHaveLength(20);
    let calls = 0;
    await tracker.updateTrackerFile(id, (ticket) => {
      if (++calls === 1) writeFileSync(path(id), text(id).replace('"n0": 0', '"n0": "theirs"'));
      return { ...ticket, context: { ...ticket.context, n1: 'ours' } };
    });
    expect(calls).toBe(2);
    expect((await tracker.getTrackerFile(id)).context).toMatchObject({ n0: 'theirs', n1: 'ours', n2: 2 });
    expect(readdirSync(directory)).toEqual([`${id}.json`]);
  });

  it('is compared before it is replaced', async () => {
    const { tracker, path } = openOffice();
    const { job_ticket_id: id } = await tracker.initTrackerFile('create_asset');
    const { hash, ticket } = await readTicketFile(path(id));
    const next: Ticket = { ...ticket, context: { by: 'the server' } };
    await tracker.setJobStatus('running', id);
    const refused = await compareAndReplace(path(id), hash, next);
    expect(refused).toMatchObject({ replaced: false, ticket: { job_management: { job_status: 'running' } } });
    const done = await compareAndReplace(path(id), refused.hash, next);
    expect(done).toEqual({ replaced: true, hash: contentHash(readFileSync(path(id))) });
    expect(await tracker.getTrackerFile(id)).toEqual(next);
  });
});

describe('children', () => {
  it('name their parent, are counted, and touch it and its own parents', async () => {
    const office = openOffice();
    const { tracker } = office;
    const { job_ticket_id: top } = await tracker.initTrackerFile('create_asset');
    const { job_ticket_id: middle } = await tracker.initTrackerFile('create_asset', {}, top);
    office.now += 60_000;
    const child = await tracker.initTrackerFile('create_asset', { n: 1 }, middle);
    expect(Object.keys(child).at(-1)).toBe('parent_job_ticket_id');
    expect(child.parent_job_ticket_id).toBe(middle);
    expect(await tracker.getTimestamp(top)).toBe('2020-11-10 22:25:00');
    await tracker.initTrackerFile('create_asset', {}, middle);
    await tracker.setJobStatus('success', child.job_ticket_id);
    expect(await tracker.countChildJobs(middle)).toBe(2);
    expect(await tracker.countChildJobs(middle, 'success')).toBe(1);
    expect(await tracker.getChildJobs(middle, 'success')).toEqual([
      await tracker.getTrackerFile(child.job_ticket_id),
    ]);
    office.now += 60_000;
    await tracker.updateTimestamp(child.job_ticket_id, undefined, false);
    expect(await tracker.getTimestamp(middle)).toBe('2020-11-10 22:25:00');
    await expect(tracker.initTrackerFile('create_asset', {}, 'nobody')).rejects.toThrow(
      'there is no ticket nobody',
    );
  });

  it('go on when their parent is gone or broken, and do not run in circles', async () => {
    const { tracker, path, problems } = openOffice();
    const { job_ticket_id: parent } = await tracker.initTrackerFile('create_asset');
    const { job_ticket_id: child } = await tracker.initTrackerFile('create_asset', {}, parent);
    await tracker.updateTrackerFile(parent, (ticket) => ({ ...ticket, parent_job_ticket_id: child }));
    await tracker.advance(child);
    appendFileSync(path(parent), '}');
    expect((await tracker.advance(child)).job_management.current_step).toBe(3);
    expect(problems).toEqual([expect.objectContaining({ file: `${parent}.json`, reason: 'content' })]);
    rmSync(path(parent));
    expect((await tracker.advance(child)).job_management.current_step).toBe(4);
    expect(problems).toHaveLength(1);
  });
});

describe('files that are no tickets', () => {
  it('are told by name, and the rest is read', async () => {
    const { tracker, directory, path, text, problems } = openOffice();
    const good = await tracker.initTrackerFile('create_asset');
    const own = text(good.job_ticket_id);
    writeFileSync(path('broken'), `${own}}`);
    writeFileSync(path('empty'), '');
    writeFileSync(path('huge'), Buffer.alloc(50 * 1024 * 1024, ' '));
    writeFileSync(path('latin'), Buffer.from(own.replace('{}', '{"a": "\u00e4"}'), 'latin1'));
    symlinkSync(path(good.job_ticket_id), path('link'));
    writeFileSync(path('other'), own);
    execFileSync('mkfifo', [path('pipe')]);
    writeFileSync(path('schema'), own.replace('"context": {}', '"context": 1'));
    writeFileSync(path('truncated'), own.slice(0, 200));
    mkdirSync(path('folder'));
    writeFileSync(join(directory, '.hidden.json'), '');
    writeFileSync(join(directory, 'notes.txt'), '');
    expect(await tracker.getJobs()).toEqual([good]);
    expect(Object.fromEntries(problems.map(({ file, reason }) => [file, reason]))).toEqual({
      'broken.json': 'content',
      'empty.json': 'empty',
      'folder.json': 'not_a_file',
      'huge.json': 'too_large',
      'latin.json': 'not_utf8',
      'link.json': 'not_a_file',
      'other.json': 'wrong_name',
      'pipe.json': 'not_a_file',
      'schema.json': 'content',
      'truncated.json': 'content',
    });
    expect(problems.find(({ file }) => file === 'schema.json')?.faults.map(({ path }) => path)).toEqual([
      'context',
    ]);
    await expect(tracker.getTrackerFile('schema')).rejects.toThrow('schema.json: context: must be an object');
    await expect(tracker.advance('truncated')).rejects.toThrow('is no JSON at line');
    expect(text('truncated')).toBe(own.slice(0, 200));
    const mended = { ...good, job_ticket_id: 'truncated' };
    expect(ticketFaults(mended)).toEqual([]);
    await tracker.replaceTrackerFile(mended);
    expect(await tracker.getTrackerFile('truncated')).toEqual(mended);
  });

  it('are no reason to make a directory', async () => {
    const { directory } = openOffice();
    const away = new JobTracker(join(directory, 'away'));
    await expect(away.getJobs()).rejects.toThrow(`the directory of tickets is not there: ${directory}/away`);
    await expect(away.initTrackerFile('create_asset')).rejects.toThrow(
      'the directory of tickets is not there',
    );
    await expect(away.getJobDirectory('x')).rejects.toThrow('there is no ticket x');
    expect(existsSync(join(directory, 'away'))).toBe(false);
  });
});
