import { type StepStatistics, type StepStatus, stepDurations, stepStatistics } from '@daybook/core';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Store } from '../storage/index.ts';

/** How many past jobs are asked. */
const JOBS = 200;
/** How long what was learned is believed, milliseconds. */
const FRESH = 60_000;
/** Configurations that are remembered. */
const KEPT = 1_000;

interface Learned {
  readonly history: ReadonlyMap<string, StepStatistics>;
  readonly at: number;
}

/**
 * How long the steps of a configuration really took, from its last succeeded jobs (all versions: a step keeps its tag).
 * Asking never waits: what is not known yet is looked up in the background and there the next time.
 */
export class PastDurations {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #learned = new Map<number, Learned>();
  readonly #learning = new Map<number, Promise<void>>();

  constructor(store: Store, clock: Clock, log: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** What is known now; an empty map when nothing is. */
  known(configurationId: number): ReadonlyMap<string, StepStatistics> {
    const learned = this.#learned.get(configurationId);
    if (learned === undefined || this.#clock.now() - learned.at > FRESH) void this.#learn(configurationId);
    return learned?.history ?? new Map();
  }

  /** The same for somebody who can wait. */
  async learn(configurationId: number): Promise<ReadonlyMap<string, StepStatistics>> {
    if (!this.#learned.has(configurationId)) await this.#learn(configurationId);
    return this.known(configurationId);
  }

  #learn(configurationId: number): Promise<void> {
    let learning = this.#learning.get(configurationId);
    if (learning === undefined) {
      learning = this.#look(configurationId)
        .catch((error: unknown) => this.#log.warn({ err: error }, 'past durations could not be read'))
        .finally(() => this.#learning.delete(configurationId));
      this.#learning.set(configurationId, learning);
    }
    return learning;
  }

  async #look(configurationId: number): Promise<void> {
    const db = this.#store.bulk;
    const same = db
      .selectFrom('configurations as other')
      .innerJoin('configurations as this', (join) =>
        join.onRef('other.tag', '=', 'this.tag').onRef('other.provider_id', '=', 'this.provider_id'),
      )
      .select('other.id')
      .where('this.id', '=', configurationId);
    const jobs = await db
      .selectFrom('jobs')
      .select(['id', 'started_at'])
      .where('configuration_id', 'in', same)
      .where('status', '=', 'succeeded')
      .where('started_at', 'is not', null)
      .orderBy('id', 'desc')
      .limit(JOBS)
      .execute();
    const history = jobs.length === 0 ? new Map() : await this.#historyOf(jobs);
    this.#learned.delete(configurationId);
    this.#learned.set(configurationId, { history, at: this.#clock.now() });
    if (this.#learned.size > KEPT) this.#learned.delete(this.#learned.keys().next().value as number);
  }

  async #historyOf(
    jobs: readonly { id: number; started_at: number | null }[],
  ): Promise<Map<string, StepStatistics>> {
    const steps = await this.#store.bulk
      .selectFrom('steps')
      .select(['job_id', 'tag', 'points', 'status', 'started_at', 'ended_at'])
      .where(
        'job_id',
        'in',
        jobs.map((job) => job.id),
      )
      .orderBy('job_id')
      .orderBy('position')
      .execute();
    const startedAt = new Map(jobs.map((job) => [job.id, job.started_at ?? 0]));
    const seconds = new Map<string, number[]>();
    for (const [jobId, rows] of Map.groupBy(steps, (row) => row.job_id)) {
      const timed = rows.map((row) => ({
        tag: row.tag,
        points: row.points,
        status: row.status as StepStatus,
        startedAt: row.started_at,
        endedAt: row.ended_at,
      }));
      for (const [tag, duration] of stepDurations(timed, startedAt.get(jobId) ?? 0))
        seconds.set(tag, [...(seconds.get(tag) ?? []), duration]);
    }
    return new Map([...seconds].map(([tag, durations]) => [tag, stepStatistics(durations)]));
  }
}
