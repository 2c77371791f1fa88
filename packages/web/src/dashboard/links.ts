import type { JobStatus, StatisticsGroup } from '@daybook/core';
import type { StatisticsSearch } from '../api/diary-queries.ts';
import type { ListFilter } from '../ui/list-link.tsx';

/** The list of the jobs that a figure counts: those that ended in a stretch of time, in a way, of a group. */
export function filterOf(
  search: StatisticsSearch,
  { since, until }: { since: string; until: string },
  more: { status?: JobStatus; by?: StatisticsGroup; value?: string | null } = {},
): ListFilter {
  const { project, user, kind } = search;
  // No filter names the absence of a value: the query does.
  const none = more.by !== undefined && more.value === null ? ` -${more.by}:*` : '';
  return {
    q: `ended-after:${since} ended-before:${until}${none}`,
    status: more.status ?? 'finished,succeeded,failed,other,canceled',
    project,
    user,
    kind,
    // They are counted, too.
    obsolete: 'shown',
    ...(more.by !== undefined && typeof more.value === 'string' && { [more.by]: more.value }),
  };
}
