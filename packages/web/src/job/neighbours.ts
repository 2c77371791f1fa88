import { useInfiniteQuery } from '@tanstack/react-query';
import { jobsQuery } from '../api/queries.ts';
import { readSearch } from '../list/search.ts';

/** The jobs before and after one in a list, given as its search text; undefined at the ends of what was loaded. */
export function useNeighbours(
  id: number,
  list: string,
): { previous: number | undefined; next: number | undefined } {
  const { data } = useInfiniteQuery(jobsQuery(readSearch(Object.fromEntries(new URLSearchParams(list)))));
  const ids = data?.pages.flatMap((page) => page.items.map((row) => row.id)) ?? [];
  const at = ids.indexOf(id);
  return at < 0 ? { previous: undefined, next: undefined } : { previous: ids[at - 1], next: ids[at + 1] };
}
