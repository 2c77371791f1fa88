import type { JobSummary, QueryContext } from '@daybook/core';
import { type ListSearch, matches } from './search.ts';

/** True for a job that the loaded part of the list lacks; those that more paging will bring are no newcomers. */
export function newcomerTest(
  search: ListSearch,
  rows: readonly JobSummary[],
  hasMore: boolean,
  context: QueryContext,
): (job: JobSummary) => boolean {
  const ids = rows.map((row) => row.id);
  const known = new Set(ids);
  const newestFirst = search.sort === undefined;
  let edge = 0;
  if (hasMore) edge = ids.reduce((a, b) => (newestFirst ? Math.min(a, b) : Math.max(a, b)), ids[0] ?? 0);
  return (job) => job.id > edge && !known.has(job.id) && matches(search, job, context);
}
