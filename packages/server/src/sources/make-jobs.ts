import { isEnded, type JobCreate, type Sighting } from '@daybook/core';
import type { Actor } from '../actor.ts';
import { createJobs } from '../jobs/create-jobs.ts';
import type { FindRecipe } from '../jobs/references.ts';
import type { JobWords } from '../jobs/words.ts';
import type { Transaction } from '../storage/index.ts';

interface NewJobs {
  readonly actor: Actor;
  readonly source: string;
  readonly sourceId: number;
  readonly execution: 'reported' | 'watched';
  /** Of jobs that name none. */
  readonly project: string | undefined;
  readonly findRecipe: FindRecipe;
  readonly words: JobWords;
  readonly sightings: readonly Sighting[];
  readonly now: number;
}

interface MadeJob {
  readonly jobId: number;
  /** It was in the diary already: same provider, source, external id and submittedAt. */
  readonly existed: boolean;
  /** Jobs that were made before, and name this one as their parent. */
  readonly orphans: readonly number[];
}

/** Makes the jobs of sightings, parents before their children; answers in the order of the sightings. */
export async function makeJobs(transaction: Transaction, jobs: NewJobs): Promise<MadeJob[]> {
  const { sightings } = jobs;
  const parents = await knownParents(transaction, jobs);
  const made: (MadeJob | undefined)[] = sightings.map(() => undefined);
  const recipes = new Recipes(transaction, jobs);
  for (let left = [...sightings.keys()]; left.length > 0; ) {
    const waiting = new Set(left.map((i) => sightings[i]?.externalId));
    const ready = left.filter((i) => {
      const parent = sightings[i]?.parentExternalId;
      return parent === undefined || parents.has(parent) || !waiting.has(parent);
    });
    // Tickets that are each other's parents, or their own: then nobody is.
    const now = ready.length > 0 ? ready : left;
    const inputs: JobCreate[] = [];
    for (const i of now) inputs.push(await inputOf(sightings[i] as Sighting, { ...jobs, parents, recipes }));
    const { ids, existed } = await createJobs(transaction, jobs.actor, inputs, {
      findRecipe: jobs.findRecipe,
      many: true,
      words: jobs.words,
      now: jobs.now,
    });
    for (const [n, i] of now.entries()) {
      const jobId = ids[n] as number;
      parents.set((sightings[i] as Sighting).externalId, jobId);
      made[i] = { jobId, existed: existed[n] === true, orphans: [] };
    }
    left = left.filter((i) => made[i] === undefined);
  }
  const orphans = await orphansOf(transaction, jobs);
  return made.map((each, i) => ({
    ...(each as MadeJob),
    orphans: orphans.get((sightings[i] as Sighting).externalId) ?? [],
  }));
}

async function inputOf(
  sighting: Sighting,
  {
    source,
    execution,
    project,
    parents,
    recipes,
  }: NewJobs & { parents: Map<string, number>; recipes: Recipes },
): Promise<JobCreate> {
  const {
    at,
    tries: _tries,
    maxTries,
    percent: _percent,
    errors: _errors,
    parentExternalId,
    ...rest
  } = sighting;
  const { configuration: _configuration, steps, ...facts } = rest;
  const endedAt = isEnded(sighting.status) ? (sighting.endedAt ?? at) : undefined;
  const { startedAt } = sighting;
  const parentId = parentExternalId === undefined ? undefined : parents.get(parentExternalId);
  return {
    ...facts,
    source,
    execution,
    project: sighting.project ?? project,
    ...(await recipes.stepsOf(sighting)),
    startedAt:
      startedAt !== undefined && endedAt !== undefined && startedAt > endedAt ? undefined : startedAt,
    endedAt,
    parentId,
    maxAttempts: maxTries === undefined ? undefined : maxTries + 1,
  };
}

/** A configuration is taken if it is of the same steps: then past jobs tell how long each usually takes. */
class Recipes {
  readonly #transaction: Transaction;
  readonly #jobs: NewJobs;
  readonly #found = new Map<string, Awaited<ReturnType<FindRecipe>>>();

  constructor(transaction: Transaction, jobs: NewJobs) {
    this.#transaction = transaction;
    this.#jobs = jobs;
  }

  async stepsOf({
    configuration: tag,
    steps,
  }: Sighting): Promise<Pick<JobCreate, 'configuration' | 'steps'>> {
    const recipe = tag === undefined ? undefined : await this.#find(tag);
    const tags = steps?.map((step) => step.tag) ?? [];
    const fits =
      recipe !== undefined &&
      (steps === undefined || JSON.stringify(recipe.steps.map((step) => step.tag)) === JSON.stringify(tags));
    if (fits) return { configuration: { tag: recipe.tag, version: recipe.version } };
    return { steps: steps?.map(({ tag, name, points }) => ({ tag, name, points })) };
  }

  async #find(tag: string): Promise<Awaited<ReturnType<FindRecipe>>> {
    if (!this.#found.has(tag)) {
      const { findRecipe, actor } = this.#jobs;
      this.#found.set(tag, await findRecipe(this.#transaction, actor, { tag }));
    }
    return this.#found.get(tag);
  }
}

async function knownParents(
  { db }: Transaction,
  { sourceId, sightings }: NewJobs,
): Promise<Map<string, number>> {
  const wanted = new Set(sightings.flatMap(({ parentExternalId }) => parentExternalId ?? []));
  if (wanted.size === 0) return new Map();
  const rows = await db
    .selectFrom('source_items')
    .select(['external_id', 'job_id'])
    .where('source_id', '=', sourceId)
    .where('external_id', 'in', [...wanted])
    .where('job_id', 'is not', null)
    .execute();
  return new Map(rows.map((row) => [row.external_id as string, row.job_id as number]));
}

async function orphansOf(
  { db }: Transaction,
  { sourceId, sightings }: NewJobs,
): Promise<Map<string, number[]>> {
  const rows = await db
    .selectFrom('source_items')
    .select(['parent_id', 'job_id'])
    .where('source_id', '=', sourceId)
    .where(
      'parent_id',
      'in',
      sightings.map(({ externalId }) => externalId),
    )
    .where('job_id', 'is not', null)
    .execute();
  const orphans = new Map<string, number[]>();
  for (const { parent_id, job_id } of rows)
    orphans.set(parent_id as string, [...(orphans.get(parent_id as string) ?? []), job_id as number]);
  return orphans;
}
