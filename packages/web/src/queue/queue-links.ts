import type { JobStatus } from '@daybook/core';
import type { ListSearch } from '../list/search.ts';

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
