import type { Job, JobEvent } from '@daybook/core';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { type ListSearch, searchText, writeSearch } from '../list/search.ts';
import { ApiError, call } from './client.ts';
import {
  type ApiKey,
  type Facets,
  facetNames,
  type JobPage,
  type List,
  type Session,
  type StoredConfiguration,
  type User,
  type WireFacets,
} from './wire.ts';

/** Every question that the diary asks, with the key under which its answer is kept. */

/** Who is signed in; null is nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) =>
    call<Session>('/session', { signal }).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }),
});

const pageSize = 100;

export const jobsQuery = (search: ListSearch) =>
  infiniteQueryOptions({
    queryKey: ['jobs', searchText(search)],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ ...writeSearch(search), limit: String(pageSize) });
      if (pageParam === '') query.set('total', 'true');
      else query.set('cursor', pageParam);
      return call<JobPage>(`/jobs?${query}`, { signal });
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });

export const facetsQuery = (search: ListSearch) =>
  queryOptions({
    queryKey: ['facets', searchText({ ...search, sort: undefined })],
    queryFn: async ({ signal }) =>
      readFacets(
        await call<WireFacets>(`/jobs/facets?${searchText({ ...search, sort: undefined })}`, { signal }),
      ),
    placeholderData: keepPreviousData,
  });

/** The API counts jobs without a value under null; as a filter only a missing assessment has a name. */
function readFacets(wire: WireFacets): Facets {
  const entries = facetNames.map((name) => {
    const named = wire[name].map(({ value, count }) => ({
      value: value ?? (name === 'assessment' ? 'none' : ''),
      count,
    }));
    return [name, named.filter(({ value }) => value !== '')];
  });
  return Object.fromEntries(entries) as Facets;
}

/** The newest ends among the failed: enough to count those since yesterday. */
export const latestFailuresQuery = queryOptions({
  queryKey: ['facets', 'latest failures'],
  queryFn: ({ signal }) => call<JobPage>('/jobs?status=failed&sort=-endedAt&limit=100', { signal }),
});

export const jobQuery = (id: number) =>
  queryOptions({
    queryKey: ['job', id],
    queryFn: ({ signal }) => call<Job>(`/jobs/${id}`, { signal }),
  });

/** The facts of a job, oldest first; log lines are not among them. */
export const timelineQuery = (id: number) =>
  infiniteQueryOptions({
    queryKey: ['timeline', id],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ kind: factKinds, limit: '200', sort: '-id' });
      if (pageParam !== '') query.set('cursor', pageParam);
      return call<List<JobEvent>>(`/jobs/${id}/events?${query}`, { signal });
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
  });

const factKinds = 'created,annotation,step,status,progress,error,metadata,file,link';

export const configurationsQuery = queryOptions({
  queryKey: ['configurations'],
  queryFn: ({ signal }) => call<List<StoredConfiguration>>('/configurations?limit=500', { signal }),
});

export const configurationVersionsQuery = (tag: string) =>
  queryOptions({
    queryKey: ['configurations', tag],
    queryFn: ({ signal }) =>
      call<List<StoredConfiguration>>(`/configurations/${encodeURIComponent(tag)}/versions`, { signal }),
  });

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: ({ signal }) => call<List<ApiKey>>('/keys', { signal }),
});

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => call<List<User>>('/users', { signal }),
});
