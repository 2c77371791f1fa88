import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Job } from '@daybook/core';
import { providerNamed } from '../access/providers.ts';
import type { Clock } from '../clock.ts';
import { registerConfiguration } from '../configurations/configurations.ts';
import type { Appender } from '../jobs/appender.ts';
import { patchJob } from '../jobs/edit-jobs.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { flagStalled } from '../jobs/stalled.ts';
import type { Store } from '../storage/index.ts';
import { type PlannedJob, planMonth } from './month.ts';
import { configurationOf } from './recipe.ts';
import { recipes } from './recipes/index.ts';
import { DEMO_PROVIDER, person, reporter, tell } from './voices.ts';

/** What the demo needs of the server: the same doors that everybody uses. */
export interface DemoParts {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly appender: Appender;
  readonly clock: Clock;
  /** The same seed makes the same team; a fixed one when left out. */
  readonly seed?: string;
}

export const DEMO_SEED = 'daybook';

/** Jobs that are made in one transaction: others wait about 20 ms for it. */
const CHUNK = 8;

/**
 * Fills an empty diary with the month of a team that does not exist. A diary that has a job is left alone
 * (`filled: false`), and so is one that another process has begun to fill. Each job is consistent at any time.
 */
export async function fillDemo(parts: DemoParts): Promise<{ filled: boolean }> {
  const { store, clock, seed = DEMO_SEED } = parts;
  if (!(await isEmpty(store))) return { filled: false };
  const providerId = await store.write((transaction) =>
    providerNamed(transaction, DEMO_PROVIDER, clock.now()),
  );
  if (!(await registerRecipes(parts, providerId))) return { filled: false };
  const planned = await planMonth(clock.now(), seed);
  const of = (state: PlannedJob['state']) => planned.filter((job) => job.state === state);
  await create(parts, providerId, of('ended'));
  await create(parts, providerId, of('silent'));
  // They have been silent for long, though we hear of them only now; nothing else of the demo runs yet.
  await flagStalled(store, clock.now() + 1);
  await create(parts, providerId, of('active'));
  return { filled: true };
}

async function isEmpty(store: Store): Promise<boolean> {
  return (await store.read.selectFrom('jobs').select('id').limit(1).executeTakeFirst()) === undefined;
}

/** False if the first of them was there: of two processes that start at once only one goes on. */
async function registerRecipes({ store, clock }: DemoParts, providerId: number): Promise<boolean> {
  for (const recipe of recipes) {
    const configuration = configurationOf(recipe);
    if (configuration === undefined) continue;
    const author = reporter(recipe.reporter, providerId);
    const { created } = await registerConfiguration(store, clock, author, configuration);
    if (!created) return false;
  }
  return true;
}

async function create(parts: DemoParts, providerId: number, planned: readonly PlannedJob[]): Promise<void> {
  for (const chunk of chunksOf(planned)) {
    const ids = await createChunk(parts, providerId, chunk);
    await Promise.all(
      chunk.map(({ recipe, create: { user = '' }, told }, i) =>
        tell(parts.appender, { id: ids[i] as number, reporter: recipe.reporter, user, providerId }, told),
      ),
    );
    for (const [
      i,
      {
        edit,
        create: { user = '' },
      },
    ] of chunk.entries())
      if (edit !== undefined) {
        const id = ids[i] as number;
        await patchJob(
          parts.appender,
          person(user, providerId),
          id,
          { ...edit, version: 1 },
          parts.clock.now(),
        );
      }
    await nextTurn();
  }
}

async function createChunk(
  { jobs }: DemoParts,
  providerId: number,
  chunk: readonly PlannedJob[],
): Promise<number[]> {
  const inputs = chunk.map((job) => job.create);
  const { body } = await jobs.create(reporter(DEMO_PROVIDER, providerId), inputs, { many: true });
  return (body as { items: Job[] }).items.map((job) => job.id);
}

/** In order; a chunk ends where a target would come twice, because the earlier job has to let it go first. */
function chunksOf(planned: readonly PlannedJob[]): PlannedJob[][] {
  const chunks: PlannedJob[][] = [];
  let targets = new Set<string>();
  for (const job of planned) {
    const { target } = job.create;
    const chunk = chunks.at(-1);
    if (chunk === undefined || chunk.length >= CHUNK || (target !== undefined && targets.has(target))) {
      chunks.push([job]);
      targets = new Set();
    } else {
      chunk.push(job);
    }
    if (target !== undefined) targets.add(target);
  }
  return chunks;
}
