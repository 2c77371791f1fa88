import type { JobSort } from '@daybook/core';
import type { Kysely } from 'kysely';
import type { Database, Store } from '../storage/index.ts';
import type { JobSet } from './index-question.ts';
import type { Place } from './ordered-ids.ts';
import { PostgresIds } from './postgres-ids.ts';
import { sortKeys } from './sort-keys.ts';
import { SqliteIds } from './sqlite-ids.ts';

export interface IdSearch extends JobSet {
  readonly sort: JobSort;
  readonly limit: number;
  /** The values of the row after which the page begins. */
  readonly after?: Place | undefined;
}

type Reads = Pick<Store, 'profile'> & { readonly db: Kysely<Database> };

/**
 * The ids of a page, in order. What their indexes of words can do is so different that each engine finds jobs in its own way;
 * a table of cases and a property test hold the two against each other.
 */
export async function findIds(reads: Reads, search: IdSearch): Promise<number[]> {
  const { sort, after, limit } = search;
  return idsOn(reads, search).page(sortKeys[sort], after, limit);
}

/** How many jobs there are, at most `most + 1`. */
export async function countIds(reads: Reads, set: JobSet, most: number): Promise<number> {
  return idsOn(reads, set).count(most + 1);
}

function idsOn({ db, profile }: Reads, set: JobSet): SqliteIds | PostgresIds {
  return profile.name === 'sqlite' ? new SqliteIds(db, set) : new PostgresIds(db, set);
}
