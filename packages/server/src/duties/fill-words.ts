import { sql } from 'kysely';
import type { JobWords } from '../jobs/words.ts';
import type { Store, Transaction } from '../storage/index.ts';
import type { Duty } from './duties.ts';

/** Jobs of one transaction: other writers wait for so many at most. */
const CHUNK = 200;

/**
 * Writes the words of jobs that are older than the search, newest first. How far it has come is in the counters, in the
 * same transaction, so it goes on where it was.
 */
export function fillWords(store: Store, words: JobWords): Duty {
  return {
    name: 'words',
    every: 1_000,
    isDue: async () => (await leftTo(store)) > 0,
    async run(signal) {
      while (!signal.aborted && (await store.write((transaction) => fillChunk(transaction, words))));
    },
  };
}

/** The greatest id of those whose words may be missing; 0 when nothing is left to do. */
async function leftTo({ read }: Store): Promise<number> {
  const row = await read
    .selectFrom('counters')
    .select('value')
    .where('name', '=', 'words_left')
    .executeTakeFirst();
  return row?.value ?? 0;
}

/** True if there may be more. */
async function fillChunk(transaction: Transaction, words: JobWords): Promise<boolean> {
  const { db } = transaction;
  const left = db.selectFrom('counters').select('value').where('name', '=', 'words_left');
  const rows = await db
    .selectFrom('jobs')
    .select('id')
    .where('id', '<=', left)
    .orderBy('id', 'desc')
    .limit(CHUNK)
    .execute();
  const ids = rows.map(({ id }) => id);
  await words.rewrite(transaction, ids);
  const last = ids.at(-1) ?? 1;
  await sql`UPDATE counters SET value = ${last - 1} WHERE name = 'words_left'`.execute(db);
  return ids.length === CHUNK;
}
