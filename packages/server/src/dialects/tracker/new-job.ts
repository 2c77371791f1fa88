import { DaybookError, type Job, type JobCreate } from '@daybook/core';
import type { Actor } from '../../actor.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import type { Recipe } from '../../jobs/references.ts';
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
  const recipe = await recipeOf(jobs, actor, input);
  const { status, body } = await jobs.create(actor, [describe(input, recipe)], {
    many: false,
    // The very one that the name means: by its tag, another provider's could be found.
    findRecipe: async () => recipe,
  });
  // 200 is a job that was there before: nothing was made.
  if (status === 201) return (body as Job).id;
  throw new DaybookError('already_exists', `There is a job with the ${words.id} ${providerJobId} already.`);
}

function describe(
  { providerJobId, customer, name, tag }: NewTrackerJob,
  recipe: Recipe | undefined,
): JobCreate {
  return {
    externalId: providerJobId,
    source: SOURCE,
    execution: 'reported',
    kind: 'script',
    status: 'running',
    ...(customer !== undefined && { customer }),
    ...(recipe === undefined
      ? { name: (name ?? tag) as string, steps: [] }
      : { configuration: recipe.tag, ...(name !== undefined && { name }) }),
  };
}

async function recipeOf(
  { store }: Jobs,
  actor: Actor,
  { tag, name }: NewTrackerJob,
): Promise<Recipe | undefined> {
  for (const word of [tag, name]) {
    const found = word === undefined ? undefined : await configurationNamed(store.read, actor, word);
    if (found !== undefined) return found;
  }
  return undefined;
}
