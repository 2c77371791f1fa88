import { type Kysely, sql } from 'kysely';
import type { Database } from '../storage/index.ts';

/*
 * The index of words on PostgreSQL keeps each word by ranges of jobs (migration 16), so that a page of the newest jobs does not
 * wait for all jobs that have a word.
 */

/** Jobs of a range: ids that differ in their last 16 bits only. */
export const RANGE = 2 ** 16;

/** Some ranges that are asked together, as what stands before each word of theirs. */
export type Ranges = readonly string[];

/**
 * The ranges that there are jobs of, from the one of a job on, in the order that they are asked: each time twice as many. What is
 * common is found in the first of them, and what is rare in a few goes.
 */
export async function wordRanges(
  db: Kysely<Database>,
  direction: 'asc' | 'desc',
  after: number | undefined,
): Promise<Ranges[]> {
  // From one range to the next, by the index of numbers.
  const { rows } = await sql<{ range: number; beginning: string }>`
    WITH RECURSIVE newest (id) AS (
      SELECT max(job_id) FROM word_index
      UNION ALL
      SELECT (SELECT max(job_id) FROM word_index WHERE job_id < (newest.id >> 16) << 16)
      FROM newest WHERE newest.id IS NOT NULL
    ) SELECT id >> 16 AS range, to_hex(id >> 16) || ':' AS beginning FROM newest WHERE id IS NOT NULL`.execute(
    db,
  );
  const ordered = direction === 'asc' ? rows.toReversed() : rows;
  const from = after === undefined ? undefined : Math.floor(after / RANGE);
  const left = ordered
    .filter(({ range }) => from === undefined || (direction === 'asc' ? range >= from : range <= from))
    .map(({ beginning }) => beginning);
  const goes: Ranges[] = [];
  for (let [begin, count] = [0, 1]; begin < left.length; [begin, count] = [begin + count, count * 2])
    goes.push(left.slice(begin, begin + count));
  return goes;
}
