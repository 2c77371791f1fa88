import { type Configuration, DaybookError } from '@daybook/core';
import type { Clock } from '../clock.ts';
import type { Store } from '../storage/index.ts';

/** Who a configuration is of that comes with Daybook. */
export const BUILT_IN_BY = 'daybook';

/**
 * Makes sure that a configuration which comes with Daybook is there, for everybody (provider 0) and without anybody
 * registering it. Several processes may do so at once.
 */
export async function provideBuiltIn(
  store: Store,
  clock: Clock,
  { tag, name, version, steps }: Configuration,
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
      })
      .onConflict((conflict) => conflict.columns(['provider_id', 'tag', 'version']).doNothing())
      .execute();
  });
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
