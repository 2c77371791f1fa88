import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { StreamWatcher } from './watcher.ts';

/** Watchers of one server, each a connection of its own (issue 2). */
const WATCHERS = 500;
/** From the request that reports an event to the watcher that hears of it, milliseconds, 95 of 100. */
const BOUND = 250;

describe.each(['sqlite', 'postgres'] as const)('%s', (engine) => {
  let server: RealServer;
  let job: number;
  const watchers: StreamWatcher[] = [];
  beforeAll(async () => {
    server = await RealServer.open({
      ...(engine === 'postgres' && { postgresUrl: inject('postgresUrl') }),
      flags: ['--log-level', 'error'],
    });
    job = ((await server.ask('POST', '/jobs', { name: 'watched' })).body as { id: number }).id;
  });
  afterAll(async () => {
    for (const watcher of watchers) watcher.cut();
    await server.remove();
  });

  const open = async (count: number) => {
    const opened = Array.from({ length: count }, () => new StreamWatcher(server, `job=${job}`));
    for (let from = 0; from < count; from += 50)
      await Promise.all(opened.slice(from, from + 50).map((watcher) => watcher.open()));
    watchers.push(...opened);
    return opened;
  };
  const report = async (message: string) => {
    const { status } = await server.ask('POST', `/jobs/${job}/events`, { kind: 'link', message });
    expect(status).toBe(201);
  };
  const heard = async (those: readonly StreamWatcher[], message: string) => {
    await expect
      .poll(() => those.every(({ said }) => said.at(-1) === message), { timeout: 20_000 })
      .toBe(true);
  };

  /** Reports events at a steady pace and answers the 95th percentile of how long they took to each watcher. */
  const latency = async (those: readonly StreamWatcher[], name: string) => {
    const sentAt = new Map<string, number>();
    for (let i = 0; i < 20; i++) {
      const message = `${name}/${i}`;
      sentAt.set(message, performance.now());
      await report(message);
      await wait(50);
    }
    await heard(those, `${name}/19`);
    const took = those.flatMap(({ said, heardAt }) =>
      said.flatMap((message, i) => {
        const sent = sentAt.get(message);
        return sent === undefined ? [] : [(heardAt[i] as number) - sent];
      }),
    );
    expect(took).toHaveLength(those.length * sentAt.size);
    return took.sort((a, b) => a - b)[Math.floor(took.length * 0.95)] as number;
  };

  test(`${WATCHERS} watchers hear of an event in time`, async () => {
    const alone = await latency(await open(1), 'alone');
    const all = [...watchers, ...(await open(WATCHERS - 1))];
    const runs: number[] = [];
    // Other work of the machine must not decide: the median of three runs, or of five if that is not enough.
    while (runs.length < 3 || (runs.length < 5 && median(runs) >= BOUND))
      runs.push(await latency(all, `run ${runs.length}`));
    const shown = runs.map((ms) => Math.round(ms)).join(', ');
    console.info(
      `${engine}: event to watcher p95 of ${WATCHERS}: ${shown} ms; of one: ${Math.round(alone)} ms`,
    );
    expect(median(runs)).toBeLessThan(Math.max(BOUND, 4 * alone));
    for (const { said } of all) expect(new Set(said).size).toBe(said.length);
  }, 120_000);

  test('watchers that lose their connection, and even their server, miss nothing and hear nothing twice', async () => {
    const those = await open(40);
    const expected: string[] = [];
    let writing = true;
    const written = (async () => {
      while (writing || expected.length < 60) {
        const message = `lossless/${expected.length}`;
        // Between a kill and the next start nobody takes it: it is sent again.
        const body = { kind: 'link', message, key: message };
        const sent = await server.ask('POST', `/jobs/${job}/events`, body).catch(() => undefined);
        if (sent?.status === 201) expected.push(message);
        else await wait(20);
      }
    })();
    for (let round = 0; round < 4; round++) {
      for (const [i, watcher] of those.entries()) {
        if ((i + round) % 2) continue;
        watcher.cut();
        await watcher.open();
      }
      if (round !== 1) continue;
      await server.kill();
      await server.start();
      for (const watcher of those) watcher.cut();
      await Promise.all(those.map((watcher) => watcher.open()));
    }
    writing = false;
    await written;
    await heard(those, expected.at(-1) as string);
    expect(expected.length).toBeGreaterThanOrEqual(60);
    for (const { said } of those) expect(said).toEqual(expected);
  }, 60_000);
});

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
}
