import type { Store } from '../storage/index.ts';
import { type ActiveRow, lastNumber, latestRun } from './live-jobs.ts';
import { Random } from './random.ts';
import { studies } from './studies.ts';
import { nextVariant } from './variants.ts';
import {
  datasets,
  firstJob,
  importOf,
  ingest,
  simulation,
  type Ticket,
  training,
  type Work,
} from './work.ts';

/** How many simulations may wait before no more are submitted. */
const MOST_WAITING = 6;

const kinds = [
  { weight: 30, source: 'imports', kind: 'import' },
  { weight: 22, source: 'archive', kind: 'ingest' },
  { weight: 24, source: 'automation', kind: 'first job' },
  { weight: 8, source: 'automation', kind: 'training' },
  { weight: 16, source: 'cluster', kind: 'simulation' },
] as const;

/** New jobs for the running demo: one every 20–60 s. */
export class Arrivals {
  readonly #store: Store;
  readonly #random: Random;
  #nextAt: number | undefined;

  constructor({ store, clock }: { store: Store; clock: { now(): number } }, seed: string) {
    this.#store = store;
    // Not the same again after a restart.
    this.#random = new Random(`${seed} arrivals ${clock.now()}`);
  }

  /** The job that is submitted now, if it is time for one. `rows` are the active ones. */
  async next(providerId: number, rows: readonly ActiveRow[], now: number): Promise<Work | undefined> {
    this.#nextAt ??= now + 8_000;
    if (now < this.#nextAt) return undefined;
    this.#nextAt = now + Math.round(this.#random.between(20_000, 60_000));
    const { source, kind } = this.#random.weighted(kinds);
    const number = (await lastNumber(this.#store, providerId, source)) + this.#random.whole(1, 3);
    const ticket = { externalId: String(number), submittedAt: now };
    switch (kind) {
      case 'import':
        return this.#import(rows, ticket);
      case 'ingest':
        return ingest(ticket, this.#random);
      case 'first job':
        return firstJob(ticket, this.#random);
      case 'training':
        return training(ticket, this.#random);
      case 'simulation':
        return this.#simulation(providerId, rows, ticket);
    }
  }

  #import(rows: readonly ActiveRow[], ticket: Ticket): Work | undefined {
    const free = datasets.filter(({ name }) => !rows.some((row) => row.target === name));
    return free.length === 0 ? undefined : importOf(this.#random.pick(free), 'CHANGE', ticket);
  }

  async #simulation(
    providerId: number,
    rows: readonly ActiveRow[],
    ticket: Ticket,
  ): Promise<Work | undefined> {
    const waiting = rows.filter((row) => row.kind === 'simulation' && row.status === 'queued');
    if (waiting.length >= MOST_WAITING) return undefined;
    const study = this.#random.pick(studies);
    const { count, base } = await latestRun(this.#store, providerId, study.folder);
    const variant = nextVariant(study, count + 1, ticket.externalId, base, this.#random);
    return simulation(variant, ticket, this.#random);
  }
}
