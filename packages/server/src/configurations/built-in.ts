import { type Configuration, DaybookError } from '@daybook/core';
import type { Clock } from '../clock.ts';
import type { Recipe } from '../jobs/references.ts';
import type { Store, Transaction } from '../storage/index.ts';

/** Who a configuration is of that comes with Daybook. */
export const BUILT_IN_BY = 'daybook';

/** Configurations whose jobs Daybook does itself: no other worker is given any. */
export const ownWorkTags: readonly string[] = ['ingest', 'move'];

/**
 * Makes sure that a configuration which comes with Daybook is there, for everybody (provider 0) and without anybody
 * registering it. Several processes may do so at once. `pausable: false` goes on during maintenance (design.md §3).
 */
export async function provideBuiltIn(
  store: Store,
  clock: Clock,
  { tag, name, version, steps }: Configuration,
  { pausable = true }: { readonly pausable?: boolean } = {},
): Promise<void> {
  await store.write(async ({ db }) => {
    await db
      .insertInto('configurations')
      .values({
        provider_id: 0,
        tag,
        name,
        version,
        steps: JSON.stringify(steps),
        created_at: clock.now(),
        created_by: BUILT_IN_BY,
        pausable: pausable ? 1 : 0,
      })
      .onConflict((conflict) => conflict.columns(['provider_id', 'tag', 'version']).doNothing())
      .execute();
  });
}

/** What a new job takes from a configuration that comes with Daybook, whatever others registered under its tag. */
export async function findBuiltIn(
  { db }: Transaction,
  _actor: unknown,
  { tag }: { readonly tag: string },
): Promise<Recipe | undefined> {
  const row = await db
    .selectFrom('configurations')
    .select(['id', 'tag', 'version', 'name', 'steps'])
    .where('provider_id', '=', 0)
    .where('tag', '=', tag)
    .where('created_by', '=', BUILT_IN_BY)
    .orderBy('id', 'desc')
    .executeTakeFirst();
  return row && { ...row, steps: JSON.parse(row.steps) };
}

/** Throws `already_exists` for the tag of a built-in configuration: jobs that name it must get that one. */
export async function refuseBuiltInTag(db: Store['read'], tag: string): Promise<void> {
  const found = await db
    .selectFrom('configurations')
    .select('id')
    .where('provider_id', '=', 0)
    .where('tag', '=', tag)
    .where('created_by', '=', BUILT_IN_BY)
    .executeTakeFirst();
  if (found !== undefined)
    throw new DaybookError(
      'already_exists',
      `${tag} is a configuration of Daybook itself. Choose another tag.`,
    );
}
