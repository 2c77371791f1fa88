import { quoteValue } from '@daybook/core';
import type { FacetName } from '../api/wire.ts';
import type { ListSearch } from './search.ts';

/** How a facet is called in queries. */
export const queryFieldOfFacet = {
  status: 'status',
  analysisStatus: 'analysis',
  assessment: 'assessment',
  kind: 'kind',
  project: 'project',
  user: 'user',
  solver: 'solver',
  tag: 'tag',
} as const satisfies Record<FacetName, string>;

/** The search without the jobs that bear the value; once more takes that back. */
export function exclude(search: ListSearch, name: FacetName, value: string): ListSearch {
  const part = `-${queryFieldOfFacet[name]}:${quoteValue(value)}`;
  const { q = '' } = search;
  const next = q.includes(part) ? q.replace(part, '').trim() : `${q} ${part}`.trim();
  return { ...search, q: next === '' ? undefined : next };
}

/** The search with a value of a facet in its query. */
export function queryPart(name: FacetName, value: string): string {
  return `${queryFieldOfFacet[name]}:${quoteValue(value)}`;
}
