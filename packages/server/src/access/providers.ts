import type { Transaction } from '../storage/index.ts';

/** The id of the provider with this name, which is made if nobody has it. */
export async function providerNamed({ db }: Transaction, name: string, now: number): Promise<number> {
  const made = await makeProvider({ db }, name, now);
  if (made !== undefined) return made;
  const { id } = await db
    .selectFrom('providers')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return id;
}

/**
 * A provider that nobody shares: called `name`, or `name-2` and so on if that is taken, because whoever gets the same
 * name by chance must not see the jobs of the first.
 */
export async function ownProvider({ db }: Transaction, name: string, now: number): Promise<number> {
  for (let n = 1; ; n++) {
    const made = await makeProvider({ db }, n === 1 ? name : `${name}-${n}`, now);
    if (made !== undefined) return made;
  }
}

async function makeProvider(
  { db }: Pick<Transaction, 'db'>,
  name: string,
  now: number,
): Promise<number | undefined> {
  const [made] = await db
    .insertInto('providers')
    .values({ name, created_at: now })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .execute();
  return made?.id;
}
