import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DaybookError } from '@daybook/core';
import { describe, expect, it } from 'vitest';
import { DaybookApiError, DaybookUsageError } from './http/errors.ts';
import { listJournals, refusedFolder } from './spool/directory.ts';
import { eventually } from './testing/eventually.ts';
import type { StoredJob } from './testing/fault-server.ts';
import { allOf, openWorkplace } from './testing/workplace.ts';

function told(job: StoredJob | undefined): string[] {
  return (job?.events ?? []).map(({ kind, step, status, percent, message }) =>
    [kind, step, status, percent, message].filter((part) => part !== undefined).join(' '),
  );
}

describe('a tracked job', () => {
  it('tells its steps, log and end by itself, in order, and leaves nothing behind', async () => {
    const { server, spool, daybook } = await openWorkplace();
    const answer = await daybook().track({ name: 'nightly' }, async (job) => {
      await job.step('fetch', (step) => {
        step.progress(50);
        step.log('half of it');
      });
      return 42;
    });
    expect(answer).toBe(42);
    expect(server.jobs[0]?.create).toMatchObject({ name: 'nightly', status: 'running' });
    expect(told(server.jobs[0])).toEqual([
      'step fetch running',
      'step fetch 50',
      'log fetch half of it',
      'step fetch succeeded',
      'status succeeded',
    ]);
    expect(readdirSync(spool)).toEqual([]);
  });

  it('fails with the step that threw, and the error goes on', async () => {
    const { server, daybook } = await openWorkplace();
    const work = daybook().track({ name: 'nightly' }, (job) =>
      job.step('fetch', () => {
        throw new RangeError('no such file');
      }),
    );
    await expect(work).rejects.toThrow(new RangeError('no such file'));
    expect(told(server.jobs[0])).toEqual([
      'step fetch running',
      'step fetch failed RangeError: no such file',
      'status failed RangeError: no such file',
    ]);
  });

  it('keeps the ending that the work itself told', async () => {
    const { server, daybook } = await openWorkplace();
    await daybook().track({ name: 'nightly' }, async (job) => {
      await job.cancel('not today');
    });
    expect(told(server.jobs[0])).toEqual(['status canceled not today']);
  });

  it('is finished, no more, when an await using block ends without a word', async () => {
    const { server, daybook } = await openWorkplace();
    {
      await using job = await daybook().createJob({ name: 'nightly' });
      expect(job.id).toBe(1);
      job.progress(10);
    }
    expect(told(server.jobs[0])).toEqual(['progress 10', 'status finished']);
  });
});

describe('reports', () => {
  it('make one event of the progress of a moment, and none of a percent that did not change', async () => {
    const { server, daybook } = await openWorkplace();
    const job = await daybook().createJob({ name: 'busy' });
    for (let n = 0; n <= 10_000; n++) job.progress(n / 200);
    await job.flush();
    job.progress(50.001);
    await job.succeed();
    expect(told(server.jobs[0])).toEqual(['progress 50', 'status succeeded']);
  });

  it('go in batches', async () => {
    const { server, daybook } = await openWorkplace();
    const job = await daybook().createJob({ name: 'chatty' });
    for (let n = 0; n < 5_000; n++) job.log(`line ${n}`);
    await job.succeed();
    expect(server.jobs[0]?.events).toHaveLength(5_001);
    expect(server.requests.filter((request) => request.path.endsWith('/events')).length).toBeLessThan(15);
  });

  it('never throw, whatever they are given', async () => {
    const { server, problems, daybook } = await openWorkplace();
    const job = await daybook().createJob({ name: 'a\nname\u0000 of two lines' });
    const circle: Record<string, unknown> = { big: 12n, when: new Date(0), none: undefined, not: Number.NaN };
    circle['self'] = circle;
    job.metadata(circle);
    job.metadata({ large: 'x'.repeat(300_000) });
    job.log('a\0b\uD800c' + 'y'.repeat(50_000));
    job.progress(Number.NaN);
    job.progress(1e9);
    job.startStep('a tag\n').succeed();
    job.error(new Error('went wrong'));
    await job.succeed();
    job.log('too late');
    const [first, line, percent] = server.jobs[0]?.events ?? [];
    expect(server.jobs[0]?.create.name).toBe('a name\uFFFD of two lines');
    expect(first?.metadata).toMatchObject({ big: '12', when: '1970-01-01T00:00:00.000Z', not: null });
    expect(line?.message).toMatch(/^a\uFFFDb\uFFFDcy+ … \[\d+ more characters cut\]$/);
    expect(line?.message).toHaveLength(32_768);
    expect(percent?.percent).toBe(100);
    expect(told(server.jobs[0]).slice(3)).toEqual([
      'step a tag running',
      'step a tag succeeded',
      'error went wrong',
      'status succeeded',
    ]);
    expect(problems.map((problem) => problem.kind)).toEqual(['input', 'input', 'input', 'input']);
  });

  it('are put aside one by one when the server refuses them, and the rest is delivered', async () => {
    const { server, spool, problems, daybook } = await openWorkplace();
    const job = await daybook().createJob({ name: 'half good' });
    server.misbehave = ({ body }) =>
      JSON.stringify(body).includes('bad') ? { error: new DaybookError('invalid_request') } : 'none';
    for (const line of ['one', 'bad two', 'three', 'four', 'bad five']) job.log(line);
    await job.succeed();
    expect(told(server.jobs[0])).toEqual(['log one', 'log three', 'log four', 'status succeeded']);
    expect(problems.map((problem) => problem.kind)).toEqual(['refused', 'refused']);
    expect(readdirSync(spool)).toEqual([expect.stringMatching(/\.refused$/)]);
  });

  it('send a heartbeat while a job runs and has nothing to say', async () => {
    const { server, daybook } = await openWorkplace();
    const job = await daybook({ pace: { heartbeat: 10 } }).createJob({ name: 'silent' });
    await eventually(() => expect(server.jobs[0]?.heartbeats).toBeGreaterThan(1));
    await job.succeed();
    expect(told(server.jobs[0])).toEqual(['status succeeded']);
  });
});

describe('creating a job', () => {
  it('names all faults of a wrong description before anything is sent', async () => {
    const { server, spool, daybook } = await openWorkplace();
    const wrong = { name: 'x', priority: 1.5, colour: 'red' } as never;
    await expect(daybook().createJob(wrong)).rejects.toThrow(DaybookUsageError);
    await expect(daybook().createJob(wrong)).rejects.toThrow(/priority.*colour/s);
    expect(server.requests).toEqual([]);
    expect(readdirSync(spool)).toEqual([]);
  });

  it('tells that the target is busy, and keeps nothing', async () => {
    const { server, spool, daybook } = await openWorkplace();
    server.misbehave = () => ({ error: new DaybookError('target_busy', undefined, { extra: { jobId: 7 } }) });
    const creating = daybook().createJob({ name: 'x', target: 'disk' });
    await expect(creating).rejects.toMatchObject({ code: 'target_busy', problem: { jobId: 7 } });
    await expect(creating).rejects.toThrow(DaybookApiError);
    expect(readdirSync(spool)).toEqual([]);
  });

  it('goes on without a server: one that refuses, hangs, or shows a page', async () => {
    for (const misbehaviour of ['drop', 'hang', 'page'] as const) {
      const { server, spool, daybook } = await openWorkplace();
      server.misbehave = () => misbehaviour;
      const job = await daybook({ pace: { lastFlush: 30 } }).createJob({
        name: misbehaviour,
        target: 'disk',
      });
      expect(job.id).toBeUndefined();
      const flushed = await job.succeed();
      expect(flushed).toEqual({ delivered: false, waiting: listJournals(spool)[0] });
      server.misbehave = () => 'none';
      const outcomes = await allOf(daybook().sync());
      expect(outcomes).toMatchObject([{ kind: 'delivered', name: misbehaviour, jobId: 1, events: 1 }]);
      expect(told(server.jobs[0])).toEqual(['status succeeded']);
      expect(readdirSync(spool)).toEqual([]);
    }
  });

  it('waits at its end for as long as the server takes more', async () => {
    const { server, spool, daybook } = await openWorkplace();
    const slow: typeof fetch = async (...words) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return fetch(...words);
    };
    const job = await daybook({ fetch: slow, pace: { lastFlush: 1_000 } }).createJob({ name: 'chatty' });
    for (let n = 0; n < 8_000; n++) job.log(`line ${n}`);
    expect(await job.succeed()).toEqual({ delivered: true });
    expect(server.jobs[0]?.events.at(-1)).toMatchObject({ kind: 'status', status: 'succeeded' });
    expect(readdirSync(spool)).toEqual([]);
  });

  it('by startJob asks the server only once the caller has begun its work', async () => {
    const { server, daybook } = await openWorkplace();
    let requests = 0;
    const counting: typeof fetch = (...words) => {
      requests += 1;
      return fetch(...words);
    };
    const job = daybook({ fetch: counting }).startJob({ name: 'at once' });
    await Promise.resolve();
    expect(requests).toBe(0);
    await eventually(() => expect(server.jobs).toHaveLength(1));
    await job.succeed();
  });

  it('waits no shorter than Retry-After asks', async () => {
    const { server, daybook } = await openWorkplace();
    const waits: number[] = [];
    const clock = {
      now: () => 0,
      after(ms: number, run: () => void) {
        if (ms > 1_000 && ms < 60_000) waits.push(ms);
        const timer = setTimeout(run, ms > 1_000 ? 1 : ms);
        return () => clearTimeout(timer);
      },
    };
    let failures = 3;
    server.misbehave = () =>
      failures-- > 0 ? { error: new DaybookError('rate_limited'), retryAfter: 17 } : 'none';
    const job = await daybook({ clock, pace: { lastFlush: 900 } }).createJob({ name: 'patient' });
    await eventually(() => expect(job.id).toBe(1));
    expect(waits.slice(0, 2)).toEqual([17_000, 17_000]);
    await job.succeed();
  });
});

describe('the spool', () => {
  it('is sent by the next process that reaches the server', async () => {
    const { server, spool, daybook } = await openWorkplace();
    await server.stop();
    const early = await daybook({ pace: { lastFlush: 20 } }).createJob({ name: 'early' });
    await early.fail('no luck');
    await server.start();
    await daybook().track({ name: 'late' }, () => {});
    await eventually(() => expect(server.jobs.map((job) => job.create.name)).toEqual(['late', 'early']));
    await eventually(() => expect(readdirSync(spool)).toEqual([]));
    expect(told(server.jobs[1])).toEqual(['status failed no luck']);
  });

  it('drops log lines when it is full and says how many; facts never', async () => {
    const { server, problems, daybook } = await openWorkplace();
    await server.stop();
    const job = await daybook({ spoolBytes: 100_000 }).createJob({ name: 'flood' });
    for (let n = 0; n < 3_000; n++) {
      job.log(`line ${n} ${'x'.repeat(100)}`);
      if (n % 100 === 0) job.metadata({ n });
    }
    await server.start();
    await job.succeed();
    const events = server.jobs[0]?.events ?? [];
    const kept = events.filter((event) => event.kind === 'log' && event.message?.startsWith('line')).length;
    const notices = events.filter((event) => event.message?.startsWith('[daybook:'));
    const dropped = notices.reduce(
      (sum, event) => sum + Number(/(\d+) log lines/.exec(event.message ?? '')?.[1]),
      0,
    );
    expect(kept + dropped).toBe(3_000);
    expect(dropped).toBeGreaterThan(1_000);
    expect(events.filter((event) => event.kind === 'metadata').map((event) => event.metadata?.['n'])).toEqual(
      Array.from({ length: 30 }, (_, n) => n * 100),
    );
    expect(problems.filter((problem) => problem.kind === 'dropped')).toHaveLength(1);
  });

  it('may be impossible to write: the record then goes by memory', async () => {
    const { server, spool, problems, daybook } = await openWorkplace();
    const notADirectory = join(spool, 'file');
    writeFileSync(notADirectory, '');
    chmodSync(notADirectory, 0o400);
    await server.stop();
    const job = await daybook({ spoolDirectory: notADirectory }).createJob({ name: 'memory' });
    job.log('one');
    job.metadata({ two: 2 });
    await server.start();
    expect(await job.succeed()).toEqual({ delivered: true });
    expect(told(server.jobs[0])).toEqual(['log one', 'metadata', 'status succeeded']);
    expect(problems.some((problem) => problem.kind === 'disk')).toBe(true);
  });

  it('is left alone by a sync to another server, unless told', async () => {
    const { server, spool, daybook } = await openWorkplace();
    const elsewhere = daybook({ url: 'http://127.0.0.1:9', pace: { lastFlush: 20 } });
    await (await elsewhere.createJob({ name: 'for port 9' })).succeed();
    expect(await allOf(daybook().sync())).toMatchObject([
      { kind: 'elsewhere', url: 'http://127.0.0.1:9/api/v1' },
    ]);
    expect(await allOf(daybook().sync({ anyServer: true }))).toMatchObject([{ kind: 'delivered' }]);
    expect(server.jobs).toHaveLength(1);
    expect(existsSync(join(spool, 'x'))).toBe(false);
  });

  it('sets a job aside that the server refuses, says why once, and delivers it when told to', async () => {
    const { server, spool, problems, daybook } = await openWorkplace();
    const faults = [{ path: 'configuration', message: 'there is no configuration nope' }];
    server.misbehave = () => ({ error: new DaybookError('invalid_request', undefined, { faults }) });
    const job = daybook().startJob({ name: 'x', configuration: 'nope' });
    job.log('kept');
    const flushed = await job.succeed();
    const path = listJournals(refusedFolder(spool))[0];
    expect(flushed).toEqual({ delivered: false, waiting: path });
    expect(problems).toMatchObject([
      {
        kind: 'refused',
        message: 'Daybook refused the job: configuration: there is no configuration nope',
      },
    ]);
    expect(await allOf(daybook().sync())).toEqual([]);
    expect(await allOf(daybook().sync({ refused: true }))).toMatchObject([
      { kind: 'refused', path, problem: { errors: faults } },
    ]);
    server.misbehave = () => 'none';
    await daybook().track({ name: 'later' }, () => {});
    expect(problems).toHaveLength(1);
    expect(await allOf(daybook().sync({ refused: true }))).toMatchObject([{ kind: 'delivered', events: 2 }]);
    expect(readdirSync(spool)).toEqual([]);
  });

  it('warns once of a record that is refused after its process has ended', async () => {
    const { server, spool, problems, daybook } = await openWorkplace();
    await server.stop();
    await (await daybook({ pace: { lastFlush: 20 } }).createJob({ name: 'early' })).succeed();
    problems.length = 0;
    await server.start();
    server.misbehave = ({ body }) =>
      (body as { name?: string }).name === 'early' ? { error: new DaybookError('invalid_request') } : 'none';
    await daybook().track({ name: 'late' }, () => {});
    await eventually(() => expect(listJournals(refusedFolder(spool))).toHaveLength(1));
    await daybook().track({ name: 'later' }, () => {});
    expect(problems.map((problem) => problem.kind)).toEqual(['refused']);
  });

  it('notes a target that another job holds by the time that the record arrives', async () => {
    const { server, daybook } = await openWorkplace();
    await server.stop();
    await (await daybook({ pace: { lastFlush: 20 } }).createJob({ name: 'x', target: 'disk' })).succeed();
    await server.start();
    server.misbehave = ({ body }) =>
      (body as { target?: string }).target === 'disk'
        ? { error: new DaybookError('target_busy', undefined, { extra: { jobId: 7 } }) }
        : 'none';
    expect(await allOf(daybook().sync())).toMatchObject([{ kind: 'delivered' }]);
    expect(server.jobs[0]?.create.metadata).toEqual({ target: 'disk', targetHeldBy: 7 });
  });
});
