import { afterEach, expect, test } from 'vitest';
import { HouseDesk } from '../http/testing/house-desk.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';

/* The promise of maintenance (design.md §3): once a pause is acknowledged, no claim succeeds, in any process. */

const JOBS = 1_000;
const CLAIMERS = 8;
const ROUNDS = 5;

forEachEngine((engine, newDatabase) => {
  const desks: HouseDesk[] = [];
  afterEach(async () => {
    for (const desk of desks.splice(0)) await desk.close();
  });

  test('no claim succeeds after a pause is acknowledged, however many are under way', async () => {
    const database = await newDatabase();
    const store = database.open();
    // SQLite has one serving process, PostgreSQL any number.
    desks.push(new HouseDesk(store), ...(engine === 'postgres' ? [new HouseDesk(database.open())] : []));
    const [first] = desks as [HouseDesk];
    const jobs = Array.from({ length: JOBS }, (_, n) => ({ name: `job ${n}`, execution: 'claimed' }));
    expect((await first.ask('POST', '/jobs', { jobs })).status).toBe(201);
    const claimers = new Claimers(desks);
    for (let round = 0; round < ROUNDS; round++) {
      const before = claimers.claimed;
      await claimers.until(() => claimers.claimed >= before + 20);
      const paused = await first.ask('POST', '/maintenance', { paused: true, reason: 'upgrade' });
      expect(paused.status).toBe(200);
      const handedOut = await running(store);
      const asked = claimers.asked;
      await claimers.until(() => claimers.asked >= asked + 4 * CLAIMERS);
      expect(await running(store)).toBe(handedOut);
      await first.ask('POST', '/maintenance', { paused: false, reason: 'done' });
    }
    await claimers.stop();
    expect(await running(store)).toBe(claimers.claimed);
  }, 60_000);
});

/** Clients that claim one job after the other, by all desks in turn. */
class Claimers {
  claimed = 0;
  asked = 0;
  #stopped = false;
  readonly #loops: Promise<void>[];
  #told: (() => void)[] = [];

  constructor(desks: readonly HouseDesk[]) {
    this.#loops = Array.from({ length: CLAIMERS }, (_, n) =>
      this.#claim(desks[n % desks.length] as HouseDesk, n),
    );
  }

  /** Resolves once `what` is true; looked at after every answer. */
  async until(what: () => boolean): Promise<void> {
    while (!what()) await new Promise<void>((resolve) => this.#told.push(resolve));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  async #claim(desk: HouseDesk, n: number): Promise<void> {
    while (!this.#stopped) {
      const { status, body } = await desk.ask('POST', '/queue/claim', { worker: `w${n}`, max: 1 });
      if (status !== 200) throw new Error(JSON.stringify(body));
      this.claimed += body.items.length;
      this.asked += 1;
      for (const tell of this.#told.splice(0)) tell();
    }
  }
}

async function running(store: Store): Promise<number> {
  const { count } = await store.read
    .selectFrom('jobs')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('status', '=', 'running')
    .executeTakeFirstOrThrow();
  return Number(count);
}
