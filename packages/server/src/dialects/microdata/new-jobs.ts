import { DaybookError, type Job } from '@daybook/core';
import { providerNamed } from '../../access/providers.ts';
import type { Actor } from '../../actor.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import type { Creator } from './creator.ts';
import { type NewJob, type OperationRules, readNewJob } from './job-parameters.ts';
import { recipe } from './words.ts';

/** What became of one item of a `POST /jobs`. */
export type ItemAnswer =
  | { readonly job_id: string; readonly status: 'CREATED'; readonly msg: 'OK' }
  | { readonly status: 'FAILED'; readonly msg: string };

/** Whose jobs these are where nobody else's: an executor's key is made for this provider. */
const PROVIDER = 'microdata';

/**
 * Makes jobs, each for itself and one after the other: of two for one target the first holds it, and a bad one stops no
 * other. They are *reported* jobs: executors take and run them, and the native queue never hands them out
 * (contracts/README.md).
 */
export class NewJobs {
  readonly #jobs: Jobs;
  readonly #rules: OperationRules;
  #provider: Promise<number> | undefined;

  constructor(jobs: Jobs, rules: OperationRules) {
    this.#jobs = jobs;
    this.#rules = rules;
  }

  async create(actor: Actor, creator: Creator, items: readonly unknown[]): Promise<ItemAnswer[]> {
    const producer = await this.#producer(actor);
    const answers: ItemAnswer[] = [];
    for (const item of items) answers.push(await this.#createOne(producer, creator, item));
    return answers;
  }

  async #createOne(actor: Actor, creator: Creator, item: unknown): Promise<ItemAnswer> {
    try {
      const input = readNewJob(item, this.#rules);
      const { body } = await this.#jobs.create(actor, [jobOf(input, creator)], { many: false });
      return { job_id: String((body as Job).id), status: 'CREATED', msg: 'OK' };
    } catch (error) {
      if (!(error instanceof DaybookError)) throw error;
      return { status: 'FAILED', msg: sentenceOf(error) };
    }
  }

  async #producer(actor: Actor): Promise<Actor> {
    if (actor.providerId !== 0) return actor;
    const { store, clock } = this.#jobs;
    this.#provider ??= store.write((transaction) => providerNamed(transaction, PROVIDER, clock.now()));
    try {
      return { ...actor, providerId: await this.#provider, providerName: PROVIDER };
    } catch (error) {
      // The database was away: the next one asks again.
      this.#provider = undefined;
      throw error;
    }
  }
}

function jobOf({ operation, target, rest }: NewJob, creator: Creator) {
  const { tag, version } = recipe;
  return {
    name: `${target} · ${operation}`.slice(0, 500),
    configuration: { tag, version },
    execution: 'reported',
    kind: 'import',
    source: PROVIDER,
    target,
    operation,
    user: `${creator.firstName} ${creator.lastName}`.trim() || creator.userId,
    context: { createdBy: { ...creator } },
    ...(Object.keys(rest).length > 0 && { parameters: { ...rest } }),
  } as const;
}

function sentenceOf({ code, extra, faults, message }: DaybookError): string {
  if (code === 'target_busy') {
    const { jobId, target } = extra;
    return `${jobId === undefined ? 'Another job' : `Job ${jobId}`} for ${target} is already in progress`;
  }
  const [fault] = faults;
  return fault === undefined ? message : `${fault.path}: ${fault.message}`;
}
