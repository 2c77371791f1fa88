import type { JobSource, Source, SourceKindView, SourceProblem } from '@daybook/core';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { List } from '../api/wire.ts';

/** How often what moves by itself is asked for anew, milliseconds. */
const FRESH = 5_000;

export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: ({ signal }) => call<List<Source>>('/sources', { signal }),
  refetchInterval: FRESH,
});

export const sourceKindsQuery = queryOptions({
  queryKey: ['sources', 'kinds'],
  queryFn: ({ signal }) => call<List<SourceKindView>>('/sources/kinds', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

/** `at` is the look that they were found by: another one may have found others. */
export const sourceProblemsQuery = (id: number, at: string | null) =>
  infiniteQueryOptions({
    queryKey: ['sources', id, 'problems', at],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ limit: '20', ...(pageParam !== '' && { cursor: pageParam }) });
      return call<List<SourceProblem> & { nextCursor?: string }>(`/sources/${id}/problems?${query}`, {
        signal,
      });
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (before) => before,
  });

export const jobSourceQuery = (jobId: number) =>
  queryOptions({
    queryKey: ['jobs', jobId, 'source'],
    queryFn: ({ signal }) => call<JobSource>(`/jobs/${jobId}/source`, { signal }),
    refetchInterval: FRESH,
  });
