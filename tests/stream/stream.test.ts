import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { StreamWatcher } from './watcher.ts';

/** Watchers of one server, each a connection of its own. How soon they hear is bench/watchers' question. */
const WATCHERS = 500;

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
      .poll(() => those.every(({ said }) => said.at(-1) === message), { timeout: 60_000 })
      .toBe(true);
  };

  test(`${WATCHERS} watchers hear of every event, once`, async () => {
    const all = await open(WATCHERS);
    const messages = Array.from({ length: 20 }, (_, i) => `crowd/${i}`);
    for (const message of messages) await report(message);
    await heard(all, 'crowd/19');
    for (const { said } of all) expect(said).toEqual(messages);
  }, 240_000);

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
  }, 120_000);
});
