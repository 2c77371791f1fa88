import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DaybookError } from '@daybook/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DaybookApiError, DaybookUsageError } from '../http/errors.ts';
import type { DaybookOptions } from '../settings.ts';
import { eventually } from '../testing/eventually.ts';
import { openWorkplace, type Workplace } from '../testing/workplace.ts';
import type { WorkHandler } from './attempt.ts';
import {
  JobCanceledError,
  LeaseLostError,
  PermanentError,
  TryLaterError,
  WorkerStoppingError,
} from './errors.ts';
import type { TryEnd, WorkerHandle } from './worker-handle.ts';
import type { WorkerOptions } from './worker-options.ts';

interface Worker {
  readonly handle: WorkerHandle;
  readonly ends: TryEnd[];
}

/** A worker that ends with its test, and how its tries ended. */
function startWorker(
  { daybook }: Workplace,
  handler: WorkHandler,
  options: WorkerOptions = {},
  settings: DaybookOptions = {},
): Worker {
  const handle = daybook(settings).worker(options, handler);
  const ends: TryEnd[] = [];
  handle.on('end', (_job, end) => ends.push(end));
  onTestFinished(async () => {
    await handle.stop({ grace: 0 }).catch(() => {});
  });
  return { handle, ends };
}

/** Resolves when the signal is aborted, with its reason. */
function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));
}

describe('a worker', () => {
  it('claims a job, reports under its lease, and says how it ended, after its reports', async () => {
    const place = await openWorkplace();
    const offered = place.server.offer({ name: 'import', execution: 'claimed' });
    const { ends } = startWorker(
      place,
      async (job, context) => {
        expect(job.name).toBe('import');
        expect(context.attempt).toBe(1);
        await context.step('copy', (step) => step.progress(50));
        context.log('copied');
        return { message: 'all of it', metadata: { rows: 17 } };
      },
      { configurations: ['import'], name: 'here' },
    );
    await eventually(() => expect(ends).toEqual([{ outcome: 'succeeded' }]));
    expect(place.server.queue.claims[0]).toMatchObject({
      worker: 'here',
      configurations: ['import'],
      max: 1,
    });
    expect(offered.endings).toMatchObject([
      { status: 'succeeded', message: 'all of it', metadata: { rows: 17 } },
    ]);
    expect(place.server.jobs[0]?.events.map(({ kind, status }) => [kind, status])).toEqual([
      ['step', 'running'],
      ['step', undefined],
      ['step', 'succeeded'],
      ['log', undefined],
    ]);
    const last = place.server.requests.findIndex(({ path }) => path.endsWith('/complete'));
    const events = place.server.requests.findIndex(({ path }) => path.endsWith('/events'));
    expect(events).toBeLessThan(last);
    expect(place.problems).toEqual([]);
  });

  it.each([
    ['an error', new Error('no luck'), { status: 'failed', message: 'no luck' }, 'requeued'],
    ['a permanent error', new PermanentError('bad file'), { status: 'failed', retry: false }, 'failed'],
    ['"later"', new TryLaterError('disk full', { delay: 5_000 }), { delaySeconds: 5 }, 'released'],
  ])('whose handler throws %s', async (_what, error, ending, outcome) => {
    const place = await openWorkplace();
    const offered = place.server.offer({ name: 'x' });
    const { ends } = startWorker(place, () => {
      if (offered.attempt === 1) throw error;
    });
    await eventually(() => expect(ends.length).toBeGreaterThan(0));
    expect(offered.endings[0]).toMatchObject(ending);
    expect(ends[0]).toMatchObject({ outcome, error });
  });

  it('keeps a lease alive while its handler holds up the main thread, and ends with its process', async () => {
    const { server, spool } = await openWorkplace();
    const offered = server.offer({ name: 'busy' });
    server.queue.lease = 0.6;
    const path = new URL('../testing/busy-worker-process.ts', import.meta.url).pathname;
    const words = ['--conditions=source', path, server.url, spool, '6000'];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    expect(stdout).toBe('succeeded');
    expect(offered).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(server.queue.heartbeats).toBeGreaterThanOrEqual(3);
  });

  it('works on as many at once as it may, and claims as many as it has room for', async () => {
    const place = await openWorkplace();
    for (let n = 0; n < 20; n++) place.server.offer({ name: `job ${n}` });
    let running = 0;
    let most = 0;
    const { ends } = startWorker(
      place,
      async () => {
        running += 1;
        most = Math.max(most, running);
        await wait(5);
        running -= 1;
      },
      { concurrency: 8 },
    );
    await eventually(() => expect(ends).toHaveLength(20));
    expect(most).toBe(8);
    expect(place.server.queue.claims[0]?.max).toBe(8);
    const completes = place.server.requests.filter(({ path }) => path.endsWith('/complete'));
    expect(completes.length).toBeLessThan(15);
  });

  it.each([
    ['canceled', JobCanceledError],
    ['queued', LeaseLostError],
  ] as const)(
    'aborts the signal of a job that is %s meanwhile, and says nothing of it',
    async (status, kind) => {
      const place = await openWorkplace();
      place.server.queue.lease = 0.3;
      const offered = place.server.offer({ name: 'x' });
      const reasons: unknown[] = [];
      const { ends } = startWorker(place, async (_job, { signal, attempt }) => {
        if (attempt > 1) return;
        place.server.queue.takeAway(offered.id, status);
        reasons.push(await aborted(signal));
      });
      const outcome = status === 'canceled' ? 'canceled' : 'lost';
      await eventually(() => expect(ends[0]).toEqual({ outcome }));
      expect(reasons[0]).toBeInstanceOf(kind);
      if (status === 'queued') await eventually(() => expect(ends[1]).toEqual({ outcome: 'succeeded' }));
      expect(offered.endings).toHaveLength(status === 'queued' ? 1 : 0);
    },
  );

  it('hears from a report that was refused that its lease is gone', async () => {
    const place = await openWorkplace();
    place.server.queue.lease = 90;
    const offered = place.server.offer({ name: 'x' });
    const { ends } = startWorker(place, async (_job, context) => {
      if (context.attempt > 1) return;
      place.server.queue.takeAway(offered.id, 'canceled');
      context.log('nobody reads this');
      await aborted(context.signal); // the next heartbeat is half a minute away
    });
    const asked = Date.now();
    await eventually(() => expect(ends).toEqual([{ outcome: 'canceled' }]));
    expect(Date.now() - asked).toBeLessThan(25_000);
    expect(place.server.jobs[0]?.events).toEqual([]);
    expect(place.problems).toEqual([]);
  });

  it('goes on while the server is away: says so once, keeps its job, and ends it when it is back', async () => {
    const place = await openWorkplace();
    const offered = place.server.offer({ name: 'x' });
    const words: string[] = [];
    const { handle, ends } = startWorker(
      place,
      async (job, context) => {
        if (job.name === 'next') return;
        await place.server.stop();
        context.log('one');
        await eventually(() => expect(words).toEqual(['away']));
        context.log('two');
        await place.server.start();
      },
      { concurrency: 2 },
    );
    handle.on('away', () => words.push('away')).on('back', () => words.push('back'));
    await eventually(() => expect(ends).toEqual([{ outcome: 'succeeded' }]));
    expect(place.server.jobs[0]?.events.map(({ message }) => message)).toEqual(['one', 'two']);
    expect(offered.endings).toHaveLength(1);
    place.server.offer({ name: 'next' });
    await eventually(() => expect(ends).toHaveLength(2));
    expect(words).toEqual(['away', 'back']);
  });

  it('ends a job once, though the answer to that is lost', async () => {
    const place = await openWorkplace();
    const offered = place.server.offer({ name: 'x' });
    let lost = 3;
    place.server.misbehave = ({ path }) => (path.endsWith('/complete') && lost-- > 0 ? 'swallow' : 'none');
    const { ends } = startWorker(place, () => {});
    await eventually(() => expect(ends).toEqual([{ outcome: 'succeeded' }]));
    expect(offered.endings).toHaveLength(1);
  });

  it('sends the others when one ending will never pass', async () => {
    const place = await openWorkplace();
    for (const name of ['good', 'bad', 'fine', 'well']) place.server.offer({ name });
    place.server.misbehave = ({ path, body }) =>
      path.endsWith('/complete') && JSON.stringify(body).includes('bad')
        ? { error: new DaybookError('invalid_request') }
        : 'none';
    const { ends } = startWorker(place, ({ name }) => ({ message: name }), { concurrency: 4 });
    await eventually(() => expect(ends).toHaveLength(4));
    expect(ends.map(({ outcome }) => outcome).sort()).toEqual([
      'succeeded',
      'succeeded',
      'succeeded',
      'untold',
    ]);
    expect(place.problems).toMatchObject([{ kind: 'refused' }]);
  });

  it('outlives a promise that a handler left behind, and tells whose it was', async () => {
    const place = await openWorkplace();
    place.server.offer({ name: 'leaky' });
    const leaks: unknown[] = [];
    const { handle, ends } = startWorker(place, async (_job, context) => {
      setTimeout(() => void Promise.reject(new Error('left behind')), 1);
      await eventually(() => expect(leaks).toHaveLength(1));
      context.log('still here');
    });
    handle.on('leak', (job, error) => leaks.push([job.name, String(error)]));
    await eventually(() => expect(ends).toEqual([{ outcome: 'succeeded' }]));
    expect(leaks).toEqual([['leaky', 'Error: left behind']]);
    expect(place.server.jobs[0]?.events.map(({ kind, message }) => [kind, message])).toEqual([
      ['error', 'left behind'],
      ['log', 'still here'],
    ]);
  });

  it('is not ended by a listener that throws', async () => {
    const place = await openWorkplace();
    const warnings: Error[] = [];
    const hear = (warning: Error) => warnings.push(warning);
    process.on('warning', hear);
    onTestFinished(() => void process.off('warning', hear));
    const offered = place.server.offer({ name: 'x' });
    const { handle, ends } = startWorker(place, () => {});
    handle.on('start', () => {
      throw new Error('a bad listener');
    });
    await eventually(() => expect(ends).toEqual([{ outcome: 'succeeded' }]));
    expect(offered.status).toBe('succeeded');
    await eventually(() => expect(warnings.map(String).join()).toContain('a bad listener'));
  });

  it('ends when it may not claim, with the reason', async () => {
    const place = await openWorkplace();
    place.server.misbehave = () => ({ error: new DaybookError('forbidden') });
    const { handle } = startWorker(place, () => {});
    await expect(handle.closed).rejects.toMatchObject({ code: 'forbidden' });
    await expect(handle.closed).rejects.toThrow(DaybookApiError);
  });

  it('names all faults of its options', async () => {
    const { daybook } = await openWorkplace();
    const wrong = { concurrency: 0, configurations: [] };
    expect(() => daybook().worker(wrong, () => {})).toThrow(DaybookUsageError);
    expect(() => daybook().worker(wrong, () => {})).toThrow(/configurations.*concurrency/s);
  });
});

describe('stopping', () => {
  it('claims nothing more and lets what runs end', async () => {
    const place = await openWorkplace();
    const first = place.server.offer({ name: 'first' });
    const { handle, ends } = startWorker(place, async () => {
      void handle.stop();
      place.server.offer({ name: 'second' });
      await wait(20);
    });
    await handle.closed;
    expect(ends).toEqual([{ outcome: 'succeeded' }]);
    expect(first.status).toBe('succeeded');
    expect(place.server.queue.jobs.get(2)?.attempt).toBe(0);
  });

  it('ends a claim that waits at once', async () => {
    const place = await openWorkplace();
    const { handle } = startWorker(place, () => {});
    await eventually(() => expect(place.server.queue.claims).toHaveLength(1));
    const asked = Date.now();
    await handle.stop();
    expect(Date.now() - asked).toBeLessThan(20_000);
  });

  it('aborts after its grace, and gives the jobs back with what they reported', async () => {
    const place = await openWorkplace();
    const offered = place.server.offer({ name: 'long' });
    const { handle, ends } = startWorker(place, async (_job, context) => {
      context.log('so far');
      void handle.stop({ grace: 20 });
      throw await aborted(context.signal);
    });
    await handle.closed;
    expect(ends[0]).toMatchObject({ outcome: 'released', error: expect.any(WorkerStoppingError) });
    expect(offered.status).toBe('queued');
    expect(offered.endings[0]).toMatchObject({ message: 'The worker stopped before it was done' });
    expect(place.server.jobs[0]?.events).toMatchObject([{ kind: 'log', message: 'so far' }]);
  });

  it('counts work that was done all the same', async () => {
    const place = await openWorkplace();
    const offered = place.server.offer({ name: 'nearly done' });
    const { handle, ends } = startWorker(place, async (_job, context) => {
      void handle.stop({ grace: 0 });
      await aborted(context.signal);
      context.log('quickly now');
    });
    await handle.closed;
    expect(ends).toEqual([{ outcome: 'succeeded' }]);
    expect(offered.status).toBe('succeeded');
    expect(place.server.jobs[0]?.events).toHaveLength(1);
  });

  it('gives back the job of a handler that does not listen', async () => {
    const place = await openWorkplace();
    const offered = place.server.offer({ name: 'deaf' });
    // Seconds of this clock are milliseconds.
    const clock = {
      now: () => Date.now(),
      after(ms: number, run: () => void) {
        const timer = setTimeout(run, ms / 100);
        return () => clearTimeout(timer);
      },
    };
    const { handle, ends } = startWorker(place, () => new Promise<void>(() => {}), {}, { clock });
    await eventually(() => expect(handle.jobs).toHaveLength(1));
    await handle.stop({ grace: 1_000 });
    expect(ends).toMatchObject([{ outcome: 'released' }]);
    expect(offered.status).toBe('queued');
  });
});
