import type { JobStatus } from '@daybook/core';
import type { ListSearch } from '../list/search.ts';

/** Of the jobs that are queued, those that wait for their turn, and those whose moment is still to come. */
export const due = '-is:scheduled';
export const later = 'is:scheduled';

/** The queued jobs behind a number of the queue: {@link due} or {@link later}. */
export function queuedBehind(
  which: typeof due | typeof later,
  configuration: string | null = null,
): ListSearch {
  return { ...jobsBehind(['queued'], configuration), q: which };
}

/** The jobs behind a number of the queue. A configuration of null is all of them: no filter names its absence. */
export function jobsBehind(
  status: readonly JobStatus[] | undefined,
  configuration: string | null = null,
  sort?: ListSearch['sort'],
): ListSearch {
  return {
    ...(status && { status }),
    ...(configuration !== null && { configuration: [configuration] }),
    execution: ['claimed'],
    ...(sort && { sort }),
  };
}
