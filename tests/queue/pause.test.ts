import { setTimeout as wait } from 'node:timers/promises';
import type { ClaimAnswer } from '@daybook/core';
import { sql } from 'kysely';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { inDatabase, offerJobs, offerWork } from './rounds.ts';

const CLAIMERS = 20;
const PAUSES = 5;

/** A claim that was answered: when it was asked, and how many jobs it brought. */
interface Answered {
  readonly askedAt: number;
  readonly jobs: number;
}

/** Claimers that ask as fast as they can, each one server after the other. */
class Hammer {
  readonly answered: Answered[] = [];
  readonly failures: string[] = [];
  #stopped = false;
  readonly #servers: readonly RealServer[];

  constructor(servers: readonly RealServer[]) {
    this.#servers = servers;
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: CLAIMERS }, (_, n) => this.#claim(n)));
  }

  stop(): void {
    this.#stopped = true;
  }

  async #claim(n: number): Promise<void> {
    for (let turn = n; !this.#stopped; turn++) {
      const server = this.#servers[turn % this.#servers.length] as RealServer;
      const askedAt = performance.now();
      const { status, body, text } = await server.ask('POST', '/queue/claim', {
        worker: `claimer ${n}`,
        max: 2,
      });
      if (status !== 200) this.failures.push(text);
      else this.answered.push({ askedAt, jobs: (body as ClaimAnswer).items.length });
    }
  }
}

describe('a pause', () => {
  test.each(['sqlite', 'postgres, two servers'] as const)(
    'lets nothing be claimed once it is acknowledged, with twenty claimers hammering: %s',
    async (engine) => {
      const flags = ['--log-level', 'error'];
      const postgresUrl = engine === 'sqlite' ? undefined : inject('postgresUrl');
      const server = await RealServer.open({ ...(postgresUrl && { postgresUrl }), flags });
      onTestFinished(() => server.remove());
      const servers = [server];
      if (postgresUrl !== undefined) {
        const second = await RealServer.open({ beside: server, flags });
        onTestFinished(() => second.remove());
        servers.push(second);
      }
      await offerWork(server);
      for (let n = 0; n < 10; n++) await offerJobs(server, 1_000);
      const hammer = new Hammer(servers);
      const hammering = hammer.run();
      onTestFinished(async () => {
        hammer.stop();
        await hammering.catch(() => undefined); // what has failed is told by the test
      });
      for (let pause = 0; pause < PAUSES; pause++) {
        const served = () => hammer.answered.filter(({ jobs }) => jobs > 0).length;
        const enough = served() + CLAIMERS;
        await expect.poll(served).toBeGreaterThan(enough);
        await wait(Math.random() * 100);
        const before = hammer.answered.length;
        await maintain(servers, pause, true);
        const acknowledged = performance.now();
        const claimed = await countClaims(server);
        const asked = () => hammer.answered.slice(before).filter(({ askedAt }) => askedAt > acknowledged);
        // Long enough for every claimer to ask several times.
        await expect.poll(() => asked().length).toBeGreaterThan(2 * CLAIMERS);
        expect(await countClaims(server)).toBe(claimed);
        expect(asked().filter(({ jobs }) => jobs > 0)).toEqual([]);
        await maintain(servers, pause, false);
      }
      hammer.stop();
      await hammering;
      expect(hammer.failures).toEqual([]);
      // Jobs were there all the time, and were claimed between the pauses.
      const claimed = hammer.answered.reduce((sum, { jobs }) => sum + jobs, 0);
      expect(claimed).toBe(await countClaims(server));
      expect(claimed).toBeGreaterThan(PAUSES * CLAIMERS);
      expect(claimed).toBeLessThan(10_000);
    },
    300_000,
  );
});

/** Asks one server or the other. */
async function maintain(servers: readonly RealServer[], turn: number, paused: boolean): Promise<void> {
  const server = servers[turn % servers.length] as RealServer;
  const { status, text } = await server.ask('POST', '/maintenance', {
    paused,
    reason: 'A test of the pause',
  });
  if (status >= 300) throw new Error(`maintenance was answered ${status}: ${text}`);
}

/** How many claims are on record. */
async function countClaims(server: RealServer): Promise<number> {
  return await inDatabase(server, async (store) => {
    const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM events WHERE cause = 'claim'`.execute(
      store.read,
    );
    return Number(rows[0]?.n);
  });
}
