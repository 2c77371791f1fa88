import {
  type EstimateError,
  learnSteps,
  type StepHistory,
  type StepStatistics,
  type StepStatus,
  stepDurations,
  stepStatistics,
} from '@daybook/core';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Store } from '../storage/index.ts';
import { type EndedJob, estimateErrors } from './told-ends.ts';

/** How many past jobs are asked. */
const JOBS = 200;
/** How long what was learned is believed, milliseconds. */
const FRESH = 60_000;
/** What was learned from so few jobs is soon overtaken: it is believed for a shorter time, milliseconds. */
const FEW = 20;
const FRESH_OF_FEW = 5_000;
/** Configurations that are remembered. */
const KEPT = 1_000;

/** What the last succeeded jobs of a configuration took, and how well their ends were foretold. */
export interface Past extends StepHistory {
  /** How many jobs were asked. */
  readonly jobs: number;
  /** Seconds from start to end. */
  readonly whole: StepStatistics;
  readonly errors: readonly EstimateError[];
}

const nothing: Past = { jobs: 0, whole: stepStatistics([]), steps: new Map(), shared: 0, errors: [] };

interface Learned {
  readonly past: Past;
  readonly at: number;
}

interface PastJob extends EndedJob {
  readonly started_at: number | null;
}

/**
 * How long the steps of a configuration really took, from its last succeeded jobs (all versions: a step keeps its tag). Of
 * a configuration that several providers use each learns from their own jobs alone: from those of the others one could
 * read how many they have and how long these took. Provider 0, which is nobody, learns from all. Asking never waits: what is not known yet is looked up in the background and there the next time.
 */
export class PastDurations {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #learned = new Map<string, Learned>();
  readonly #learning = new Map<string, Promise<void>>();

  constructor(store: Store, clock: Clock, log: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** What is known now. */
  known(configurationId: number, providerId: number): Past {
    const key = keyOf(configurationId, providerId);
    if (this.#isStale(key)) void this.#learn(configurationId, providerId);
    return this.#learned.get(key)?.past ?? nothing;
  }

  /** The same for somebody who can wait. */
  async learn(configurationId: number, providerId: number): Promise<Past> {
    const key = keyOf(configurationId, providerId);
    // Once more if that was a look that somebody had begun long before.
    for (let looks = 0; looks < 2 && this.#isStale(key); looks++)
      await this.#learn(configurationId, providerId);
    return this.#learned.get(key)?.past ?? nothing;
  }

  #isStale(key: string): boolean {
    const learned = this.#learned.get(key);
    if (learned === undefined) return true;
    return this.#clock.now() - learned.at > (learned.past.jobs < FEW ? FRESH_OF_FEW : FRESH);
  }

  #learn(configurationId: number, providerId: number): Promise<void> {
    const key = keyOf(configurationId, providerId);
    let learning = this.#learning.get(key);
    if (learning === undefined) {
      learning = this.#look(configurationId, providerId)
        .catch((error: unknown) => this.#log.warn({ err: error }, 'past durations could not be read'))
        .finally(() => this.#learning.delete(key));
      this.#learning.set(key, learning);
    }
    return learning;
  }

  async #look(configurationId: number, providerId: number): Promise<void> {
    const at = this.#clock.now();
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
      .select(['id', 'attempt', 'started_at', 'ended_at'])
      .where('configuration_id', 'in', same)
      .where('status', '=', 'succeeded')
      .where('started_at', 'is not', null)
      .$if(providerId !== 0, (query) => query.where('provider_id', '=', providerId))
      .orderBy('id', 'desc')
      .limit(JOBS)
      .execute();
    const past = jobs.length === 0 ? nothing : await this.#pastOf(jobs);
    const key = keyOf(configurationId, providerId);
    this.#learned.delete(key);
    this.#learned.set(key, { past, at });
    if (this.#learned.size > KEPT) this.#learned.delete(this.#learned.keys().next().value as string);
  }

  async #pastOf(jobs: readonly PastJob[]): Promise<Past> {
    const seconds = jobs.map(({ started_at, ended_at }) => ((ended_at ?? 0) - (started_at ?? 0)) / 1_000);
    return {
      jobs: jobs.length,
      whole: stepStatistics(seconds),
      ...learnSteps(await this.#durationsOf(jobs)),
      errors: await estimateErrors(this.#store.bulk, jobs),
    };
  }

  /** Seconds by step tag, of each job that has steps. */
  async #durationsOf(jobs: readonly PastJob[]): Promise<Map<string, number>[]> {
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
    return [...Map.groupBy(steps, (row) => row.job_id)].map(([jobId, rows]) => {
      const timed = rows.map((row) => ({
        tag: row.tag,
        points: row.points,
        status: row.status as StepStatus,
        startedAt: row.started_at,
        endedAt: row.ended_at,
      }));
      return stepDurations(timed, startedAt.get(jobId) ?? 0);
    });
  }
}

function keyOf(configurationId: number, providerId: number): string {
  return `${configurationId} ${providerId}`;
}
