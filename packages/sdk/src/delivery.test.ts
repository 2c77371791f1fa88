import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { DaybookError } from '@daybook/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Misbehaviour, StoredJob } from './testing/fault-server.ts';
import { allOf, openWorkplace } from './testing/workplace.ts';

/** What the whole design is for: exactly once and in order, whatever happens to server, network and process. */

function numbers(job: StoredJob | undefined): unknown[] {
  return (job?.events ?? [])
    .filter((event) => event.kind === 'metadata')
    .map((event) => event.metadata?.['n']);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n + 1);
}

const misbehaviour: fc.Arbitrary<Misbehaviour> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Misbehaviour>('none') },
  fc.constantFrom<Misbehaviour>('drop', 'swallow', 'half', 'page'),
  fc.constant<Misbehaviour>({ error: new DaybookError('unavailable') }),
  fc.constant<Misbehaviour>({ error: new DaybookError('unauthenticated') }),
);

/** Facts and waits, in the order in which a script makes them. */
const script = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constant('fact') },
    fc.constantFrom('log', 'progress', 'flush', 'stop', 'restart'),
  ),
  { minLength: 1, maxLength: 60 },
);

describe('delivery', () => {
  it('is exactly once and in order under random faults', async () => {
    const { server, spool, daybook } = await openWorkplace();
    await fc.assert(
      fc.asyncProperty(script, fc.array(misbehaviour, { maxLength: 40 }), async (acts, faults) => {
        server.forget();
        server.misbehave = () => faults.shift() ?? 'none';
        const job = await daybook({ pace: { lastFlush: 10 } }).createJob({ name: 'x' });
        let facts = 0;
        for (const act of acts) {
          if (act === 'fact') job.metadata({ n: (facts += 1) });
          if (act === 'log') job.log('line');
          if (act === 'progress') job.progress(facts);
          if (act === 'flush') await job.flush(3);
          if (act === 'stop') await server.stop();
          if (act === 'restart') await restart(server);
        }
        await job.succeed();
        faults.length = 0;
        await restart(server);
        for await (const outcome of daybook().sync()) expect(outcome.kind).toBe('delivered');
        expect(server.jobs).toHaveLength(1);
        expect(numbers(server.jobs[0])).toEqual(upTo(facts));
        expect(server.jobs[0]?.events.at(-1)).toMatchObject({ kind: 'status', status: 'succeeded' });
        expect(server.jobs[0]?.events.filter((event) => event.kind === 'log')).toHaveLength(
          acts.filter((act) => act === 'log').length,
        );
        expect(readdirSync(spool)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('loses no fact of a process that is killed', async () => {
    const { server, spool, daybook } = await openWorkplace();
    for (let round = 0; round < 8; round++) {
      server.forget();
      // Some die before the server answered anything, some in the middle of deliveries that fail now and then.
      let requests = 0;
      server.misbehave = () => {
        requests += 1;
        if (round % 4 === 0) return 'drop';
        return requests % 3 === 0 ? 'swallow' : 'none';
      };
      const promised = await reportUntilKilled(server.url, spool, 50 + 300 * round);
      server.misbehave = () => 'none';
      const outcomes = await allOf(daybook().sync());
      expect(outcomes.map((outcome) => outcome.kind)).toEqual(['delivered']);
      expect(server.jobs).toHaveLength(1);
      const facts = server.jobs[0]?.events
        .filter((event) => event.kind === 'metadata')
        .map((event) => event.metadata?.['fact']);
      expect(facts).toEqual(upTo(facts?.length ?? 0));
      expect(facts?.length).toBeGreaterThanOrEqual(promised);
      expect(readdirSync(spool)).toEqual([]);
    }
  }, 60_000);

  it('by sixteen syncs at once is still exactly once', async () => {
    const { server, spool, daybook } = await openWorkplace();
    await server.stop();
    for (let n = 0; n < 12; n++) {
      const job = await daybook({ pace: { lastFlush: 1 } }).createJob({ name: `job ${n}` });
      for (let fact = 1; fact <= 20; fact++) job.metadata({ n: fact });
      await job.succeed();
    }
    await server.start();
    const within = Array.from({ length: 12 }, () => allOf(daybook().sync()));
    const processes = Array.from({ length: 4 }, () => syncInProcess(server.url, spool));
    const outcomes = (await Promise.all([...within, ...processes])).flat();
    expect(
      outcomes.filter((outcome) => (typeof outcome === 'string' ? outcome : outcome.kind) === 'delivered'),
    ).toHaveLength(12);
    expect(server.jobs.map((job) => job.create.name).sort()).toEqual(
      upTo(12)
        .map((n) => `job ${n - 1}`)
        .sort(),
    );
    for (const job of server.jobs) expect(numbers(job)).toEqual(upTo(20));
    expect(readdirSync(spool)).toEqual([]);
  }, 60_000);
});

async function restart(server: { stop(): Promise<void>; start(): Promise<void> }): Promise<void> {
  await server.stop();
  await server.start();
}

/** Answers the last fact that the process knew to be reported when it was killed. */
async function reportUntilKilled(url: string, spool: string, facts: number): Promise<number> {
  const path = new URL('./testing/reporting-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=source', path, url, spool], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (lastWholeNumber(printed) >= facts) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return lastWholeNumber(printed);
}

function lastWholeNumber(printed: string): number {
  return Number(printed.slice(0, printed.lastIndexOf('\n')).split('\n').at(-1));
}

async function syncInProcess(url: string, spool: string): Promise<string[]> {
  const path = new URL('./testing/syncing-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=source', path, url, spool], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  await once(child, 'close');
  return printed.split('\n');
}
