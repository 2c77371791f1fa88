import type { JobFilter, Scope } from '@daybook/core';
import type { Kysely } from 'kysely';
import type { Database } from '../storage/index.ts';
import { filteredJobs } from './list-jobs.ts';
import { visibleJobs } from './visible-jobs.ts';

/** What is counted: the name of the filter and the column behind it. */
const facets = {
  status: 'status',
  kind: 'kind',
  project: 'project',
  user: 'user_name',
  analysisStatus: 'analysis_status',
  assessment: 'assessment',
} as const;
export type Facet = keyof typeof facets;

export type FacetCounts = Record<Facet, { value: string | null; count: number }[]>;

/** Most values of one facet that are worth showing. */
const VALUES = 100;

/** Counts the jobs per value of each facet; a facet ignores its own filter, so that its other values can be chosen. */
export async function countFacets(
  db: Kysely<Database>,
  scope: Scope,
  filter: JobFilter,
): Promise<FacetCounts> {
  const counted = await Promise.all(
    (Object.keys(facets) as Facet[]).map(
      async (facet) => [facet, await countFacet(db, scope, filter, facet)] as const,
    ),
  );
  return Object.fromEntries(counted) as FacetCounts;
}

async function countFacet(db: Kysely<Database>, scope: Scope, filter: JobFilter, facet: Facet) {
  const column = `jobs.${facets[facet]}` as const;
  const rows = await db
    .selectFrom('jobs')
    .select((eb) => [eb.ref(column).as('value'), eb.fn.countAll<number>().as('count')])
    .where(visibleJobs(scope))
    .where(filteredJobs({ ...filter, [facet]: undefined }))
    .groupBy(column)
    .orderBy('count', 'desc')
    .limit(VALUES)
    .execute();
  return rows.map(({ value, count }) => ({ value: value as string | null, count: Number(count) }));
}
