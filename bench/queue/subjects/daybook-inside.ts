import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimSchema, jobCreateSchema } from '@daybook/core';
import { migrate, openStore, settingsFrom, systemClock } from '@daybook/server';
import { buildHouse, type House } from '../../../packages/server/src/app.ts';
import { actorOf } from '../../../packages/server/src/jobs/testing/diary.ts';
import { createLog } from '../../../packages/server/src/observe/log.ts';
import type { Application, Site, Subject } from '../subject.ts';

const PER_REQUEST = 1_000;

/**
 * The queue's own code in the application's process, without HTTP: what `serve` costs without its door. `claimers` loops
 * claim `batch` jobs at a time and complete them together, so that one claims while the other completes.
 */
export function daybookInside(engine: 'sqlite' | 'postgres', batch: number, claimers: number): Subject {
  return {
    name: `daybook ${engine}, in process`,
    settings: `${claimers} loops that claim and complete ${batch} jobs at a time`,
    recovery: undefined,
    async prepare(databaseUrl): Promise<Site> {
      const data = mkdtempSync(join(tmpdir(), 'daybook-bench-'));
      return {
        address: { data, ...(engine === 'postgres' && { databaseUrl }) },
        close: async () => rmSync(data, { recursive: true, force: true }),
      };
    },
    async join(address) {
      const settings = settingsFrom({ flags: { ...address }, env: {} });
      const store = openStore(settings);
      await migrate(store);
      return new InsideApplication(
        buildHouse(store, settings, systemClock, createLog('silent')),
        batch,
        claimers,
      );
    },
  };
}

class InsideApplication implements Application {
  readonly #house: House;
  readonly #batch: number;
  readonly #claimers: number;
  readonly #actor = actorOf();
  readonly #leaving = new AbortController();
  #loops: Promise<void>[] = [];
  #left = 0;

  constructor(house: House, batch: number, claimers: number) {
    this.#house = house;
    this.#batch = batch;
    this.#claimers = claimers;
  }

  async add(count: number, note: number): Promise<void> {
    const job = jobCreateSchema.parse({ name: 'no-op', execution: 'claimed', parameters: { note } });
    this.#left += count;
    for (let from = 0; from < count; from += PER_REQUEST) {
      const jobs = Array.from({ length: Math.min(PER_REQUEST, count - from) }, () => job);
      await this.#house.jobs.create(this.#actor, jobs, { many: true });
    }
  }

  async work(handle: (note: number) => Promise<void>): Promise<void> {
    this.#loops = Array.from({ length: this.#claimers }, () => this.#loop(handle));
  }

  async #loop(handle: (note: number) => Promise<void>): Promise<void> {
    const { queue } = this.#house;
    const claim = claimSchema.parse({ worker: 'bench', max: this.#batch, wait: 30 });
    while (!this.#leaving.signal.aborted) {
      const claimed = await queue.claimOrWait(this.#actor, claim, this.#leaving.signal);
      if (claimed.length === 0) continue;
      await Promise.all(claimed.map(({ job }) => handle(job.parameters?.['note'] as number)));
      const items = claimed.map(({ job, leaseToken }) => ({
        jobId: job.id,
        leaseToken,
        status: 'succeeded' as const,
      }));
      for (const outcome of await queue.complete(this.#actor, items)) {
        if (!outcome.ok) throw new Error(outcome.message);
        this.#left -= 1;
      }
    }
  }

  async left(): Promise<number> {
    return this.#left;
  }

  async leave(): Promise<void> {
    const { queue, tail, appender, authenticator, store } = this.#house;
    this.#leaving.abort();
    queue.close();
    tail.close();
    await Promise.all(this.#loops);
    await appender.idle();
    await authenticator.close();
    await store.close();
  }
}
