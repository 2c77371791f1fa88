import { DaybookError, type Job, type JobCreate } from '@daybook/core';
import type { Actor } from '../../actor.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import { configurationNamed } from './configurations.ts';
import type { NewTrackerJob } from './queries.ts';
import { SOURCE } from './words.ts';

/**
 * Makes the job that a script is about to do, so it runs from now. It is *reported*: never handed out by the queue. One
 * whose name means no configuration has no steps. Answers its id; throws `already_exists` for a `provider_job_id` that
 * the provider has used.
 */
export async function createTrackerJob(jobs: Jobs, actor: Actor, input: NewTrackerJob): Promise<number> {
  const { words, providerJobId } = input;
  const { status, body } = await jobs.create(actor, [await describe(jobs, actor, input)], { many: false });
  // 200 is a job that was there before: nothing was made.
  if (status === 201) return (body as Job).id;
  throw new DaybookError('already_exists', `There is a job with the ${words.id} ${providerJobId} already.`);
}

async function describe(jobs: Jobs, actor: Actor, input: NewTrackerJob): Promise<JobCreate> {
  const { providerJobId, customer, name, tag } = input;
  const configuration = await recipeOf(jobs, actor, input);
  return {
    externalId: providerJobId,
    source: SOURCE,
    execution: 'reported',
    kind: 'script',
    status: 'running',
    ...(customer !== undefined && { customer }),
    ...(configuration === undefined
      ? { name: (name ?? tag) as string, steps: [] }
      : { configuration, ...(name !== undefined && { name }) }),
  };
}

async function recipeOf({ store }: Jobs, actor: Actor, { tag, name }: NewTrackerJob) {
  for (const word of [tag, name]) {
    const found = word === undefined ? undefined : await configurationNamed(store.read, actor, word);
    if (found !== undefined) return found;
  }
  return undefined;
}
