import {
  type Configuration,
  DaybookError,
  type Fault,
  isEnded,
  type JobCreate,
  type JobStatus,
} from '@daybook/core';
import type { Actor } from '../actor.ts';
import type { BulkRead, Transaction } from '../storage/index.ts';
import { visibleJobs } from './visible-jobs.ts';

/** A configuration as a new job takes it. */
export interface Recipe {
  readonly id: number;
  readonly tag: string;
  readonly version: string;
  readonly name: string;
  readonly steps: Configuration['steps'];
}

/** Finds the configuration that a job names: the latest version, or the one given. */
export type FindRecipe = (
  transaction: Transaction,
  actor: Actor,
  reference: { tag: string; version?: string },
) => Promise<Recipe | undefined>;

/**
 * What new jobs refer to: the configuration of each, or undefined. Throws `invalid_request` with every configuration and
 * parent that does not exist, or that the actor may not see. `path` names an input's field in the body.
 */
export async function findReferences(
  transaction: Transaction,
  actor: Actor,
  inputs: readonly JobCreate[],
  findRecipe: FindRecipe,
  path: (input: number, field: string) => string,
): Promise<(Recipe | undefined)[]> {
  const faults: Fault[] = [];
  const parents = await visibleParents(transaction, actor, inputs);
  const found = new Map<string, Recipe | undefined>();
  const recipes: (Recipe | undefined)[] = [];
  for (const [i, { configuration, parentId }] of inputs.entries()) {
    if (parentId !== undefined && !parents.has(parentId))
      faults.push({
        path: path(i, 'parentId'),
        message: `there is no job ${parentId}, or you may not see it`,
      });
    if (configuration === undefined) {
      recipes.push(undefined);
      continue;
    }
    const reference = typeof configuration === 'string' ? { tag: configuration } : configuration;
    const key = `${reference.tag}\n${reference.version ?? ''}`;
    if (!found.has(key)) found.set(key, await findRecipe(transaction, actor, reference));
    const recipe = found.get(key);
    recipes.push(recipe);
    if (recipe !== undefined) continue;
    const version = reference.version === undefined ? '' : ` ${reference.version}`;
    faults.push({
      path: path(i, 'configuration'),
      message: `there is no configuration ${reference.tag}${version}`,
    });
  }
  if (faults.length > 0) throw new DaybookError('invalid_request', undefined, { faults });
  return recipes;
}

async function visibleParents(
  { db }: Transaction,
  { scope }: Actor,
  inputs: readonly JobCreate[],
): Promise<Set<number>> {
  const wanted = new Set(inputs.flatMap(({ parentId }) => parentId ?? []));
  if (wanted.size === 0) return wanted;
  const rows = await db
    .selectFrom('jobs')
    .select('id')
    .where('id', 'in', [...wanted])
    .where(visibleJobs(scope))
    .execute();
  return new Set(rows.map((row) => row.id));
}

const lockParents: BulkRead = {
  name: 'lock_parents',
  table: 'jobs',
  key: { id: 'int' },
  columns: ['id', 'status'],
  orderBy: 'id',
  lock: true,
};

/**
 * Locks the parents that end with their children, so that none ends while a child of it is made, in another process.
 * Throws `invalid_request` for each child of one that has ended: it would end without the child. `children` are those
 * that will be made, each with the place of its `parentId` in the body.
 */
export async function holdParents(
  transaction: Transaction,
  children: readonly { readonly parentId: number; readonly path: string }[],
): Promise<void> {
  if (children.length === 0) return;
  const parents = await transaction.db
    .selectFrom('jobs')
    .select('id')
    .where('id', 'in', [...new Set(children.map(({ parentId }) => parentId))])
    .where('ends_with_children', '=', 1)
    .execute();
  if (parents.length === 0) return;
  const keys = parents.map(({ id }) => [id]);
  const rows = await transaction.read<{ id: number; status: string }>(lockParents, keys);
  const ended = new Map(
    rows.flatMap(({ id, status }) => (isEnded(status as JobStatus) ? [[id, status]] : [])),
  );
  const faults = children.flatMap(({ parentId, path }): Fault[] => {
    const status = ended.get(parentId);
    if (status === undefined) return [];
    return [{ path, message: `job ${parentId} ends with its children, and is ${status} already` }];
  });
  if (faults.length > 0) throw new DaybookError('invalid_request', undefined, { faults });
}
