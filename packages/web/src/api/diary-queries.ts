import type {
  Comparison,
  Digest,
  FieldChange,
  JobEvent,
  Lineage,
  Statistics,
  StatisticsGroup,
} from '@daybook/core';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from './client.ts';
import type { JobPage, List } from './wire.ts';

/** What is asked where people judge jobs and look back. */

/** Below the key of the job, so that whatever changes the job has it asked anew. */
export const historyQuery = (jobId: number) =>
  infiniteQueryOptions({
    queryKey: ['job', jobId, 'history'],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ limit: '50', ...(pageParam !== '' && { cursor: pageParam }) });
      return call<List<FieldChange>>(`/jobs/${jobId}/history?${query}`, { signal });
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
  });

export const lineageQuery = (jobId: number, depth?: number) =>
  queryOptions({
    queryKey: ['job', jobId, 'lineage', depth],
    queryFn: ({ signal }) =>
      call<Lineage>(`/jobs/${jobId}/lineage${depth === undefined ? '' : `?depth=${depth}`}`, { signal }),
  });

export const comparisonQuery = (ids: readonly number[]) =>
  queryOptions({
    queryKey: ['compare', ids.join()],
    queryFn: ({ signal }) => call<Comparison>(`/jobs/compare?ids=${ids.join()}`, { signal }),
    enabled: ids.length >= 2,
    staleTime: 0,
    placeholderData: keepPreviousData,
  });

/** The last lines that a job printed, oldest first. */
export const lastLinesQuery = (jobId: number, count: number) =>
  queryOptions({
    queryKey: ['job', jobId, 'last lines', count],
    queryFn: async ({ signal }) => {
      const { items } = await call<List<JobEvent>>(`/jobs/${jobId}/events?kind=log&sort=-id&limit=${count}`, {
        signal,
      });
      return items.toReversed();
    },
  });

/** Ended jobs that nobody has analysed, the latest first. */
export const inboxQuery = (user: string | undefined) =>
  queryOptions({
    queryKey: ['inbox', user],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({
        status: 'finished,succeeded,failed,other',
        analysisStatus: 'open',
        assessment: 'none',
        sort: '-endedAt',
        limit: '100',
        total: 'true',
        ...(user !== undefined && { user }),
      });
      return call<JobPage>(`/jobs?${query}`, { signal });
    },
    // Which ones wait is asked once per visit: judging must not move the pile.
    staleTime: 0,
    gcTime: 0,
  });

export interface StatisticsSearch {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly per?: 'day' | 'week' | undefined;
  readonly by?: StatisticsGroup | undefined;
  readonly project?: string | undefined;
  readonly user?: string | undefined;
  readonly kind?: string | undefined;
}

export const statisticsQuery = (search: StatisticsSearch) =>
  queryOptions({
    queryKey: ['stats', search],
    queryFn: ({ signal }) => call<Statistics>(`/stats?${queryOf(search)}`, { signal }),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });

export interface DigestSearch {
  readonly week?: string | undefined;
  readonly project?: string | undefined;
}

export const digestQuery = (search: DigestSearch) =>
  queryOptions({
    queryKey: ['digest', search],
    queryFn: ({ signal }) => call<Digest>(`/digest?${queryOf(search)}`, { signal }),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });

export interface DigestSubscription {
  readonly email: string | null;
  readonly sendsMail: boolean;
}

export const subscriptionQuery = queryOptions({
  queryKey: ['digest', 'subscription'],
  queryFn: ({ signal }) => call<DigestSubscription>('/digest/subscription', { signal }),
});

function queryOf(search: object): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) if (typeof value === 'string') query.set(name, value);
  return query;
}
