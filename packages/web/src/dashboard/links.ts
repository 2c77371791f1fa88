import type { JobStatus, StatisticsGroup } from '@daybook/core';
import type { StatisticsSearch } from '../api/diary-queries.ts';
import type { ListFilter } from '../ui/list-link.tsx';

/** The list of the jobs that a figure counts: those that ended in a stretch of time, in a way, of a group. */
export function filterOf(
  search: StatisticsSearch,
  { since, until }: { since: string; until: string },
  more: { status?: JobStatus; by?: StatisticsGroup; value?: string } = {},
): ListFilter {
  const { project, user, kind } = search;
  return {
    q: `ended-after:${since} ended-before:${until}`,
    status: more.status ?? 'finished,succeeded,failed,other,canceled',
    project,
    user,
    kind,
    ...(more.by !== undefined && more.value !== undefined && { [more.by]: more.value }),
  };
}
