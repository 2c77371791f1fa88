import type {
  ConfigurationHistory,
  Dataset,
  DatasetDetail,
  Job,
  JobEvent,
  JobStatus,
  MaintenanceEntry,
  MaintenanceStatus,
  QueueOverview,
  SavedView,
  Target,
  UsualDurations,
} from '@daybook/core';
import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
} from '@tanstack/react-query';
import { askedFilter, type ListSearch } from '../list/search.ts';
import { ApiError, call } from './client.ts';
import {
  type ApiKey,
  type FacetCount,
  type FacetName,
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

export const jobsQuery = (search: ListSearch) => {
  const asked = { ...askedFilter(search), ...(search.sort && { sort: search.sort }) };
  return infiniteQueryOptions({
    queryKey: ['jobs', new URLSearchParams(asked).toString()],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ ...asked, limit: String(pageSize) });
      if (pageParam !== '') query.set('cursor', pageParam);
      return call<JobPage>(`/jobs?${query}`, { signal });
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
};

/** All counts of a long list take the server some seconds; it is asked again this often, ms. */
const countingPause = 1_500;

export const facetsQuery = (search: ListSearch) => {
  const asked = new URLSearchParams(askedFilter(search)).toString();
  return queryOptions({
    queryKey: ['facets', asked],
    queryFn: async ({ signal, client, queryKey }) => {
      const before = client.getQueryData<CountedFacets>(queryKey);
      const facets = readFacets(await call<WireFacets>(`/jobs/facets?${asked}`, { signal }));
      return { ...facets, isRepeated: facets.asOf === before?.asOf } satisfies CountedFacets;
    },
    refetchInterval: ({ state: { data } }) =>
      data?.exact === false || data?.isRepeated ? countingPause : false,
    placeholderData: keepPreviousData,
  });
};

/** The server shows its counts again for a while: whoever asks because something has changed gets the old ones, and asks on. */
type CountedFacets = Facets & { readonly isRepeated: boolean };

/** After an edit of many jobs: the lists, and all counts of them, of the greeting, too. */
export function renewLists(client: QueryClient): void {
  for (const name of ['jobs', 'facets']) void client.invalidateQueries({ queryKey: [name] });
}

/** The API counts jobs without a value under null; as a filter only a missing assessment has a name. */
function readFacets(wire: WireFacets): Facets {
  const entries = facetNames.map((name) => {
    const named = wire[name].map(({ value, count }) => ({
      value: value ?? (name === 'assessment' ? 'none' : ''),
      count,
    }));
    return [name, named.filter(({ value }) => value !== '')];
  });
  const { total, exact, asOf } = wire;
  return { ...(Object.fromEntries(entries) as Record<FacetName, FacetCount[]>), total, exact, asOf };
}

/** Saved views: one's own, and those that are shared. */
export const viewsQuery = queryOptions({
  queryKey: ['views'],
  queryFn: async ({ signal }) => (await call<List<SavedView>>('/views', { signal })).items,
});

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

/** The files and links that a job told of, the newest first. */
export const reportedFilesQuery = (id: number) =>
  queryOptions({
    queryKey: ['timeline', id, 'files'],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ kind: 'file,link', limit: '500', sort: '-id' });
      return call<List<JobEvent>>(`/jobs/${id}/events?${query}`, { signal });
    },
  });

export const configurationsQuery = queryOptions({
  queryKey: ['configurations'],
  queryFn: ({ signal }) => call<List<StoredConfiguration>>('/configurations?limit=500', { signal }),
});

/** `provider`: whose, where several have one of that tag. */
export const configurationVersionsQuery = (tag: string, provider?: string) =>
  queryOptions({
    queryKey: ['configurations', tag, provider],
    queryFn: ({ signal }) =>
      call<List<StoredConfiguration>>(`${configurationPath(tag)}/versions${whose(provider)}`, { signal }),
  });

export const configurationHistoryQuery = (tag: string, provider?: string) =>
  queryOptions({
    queryKey: ['configurations', tag, provider, 'history'],
    queryFn: ({ signal }) =>
      call<ConfigurationHistory>(`${configurationPath(tag)}/history${whose(provider)}`, { signal }),
  });

/** How long the steps of jobs like this one usually take. */
export const usualDurationsQuery = (id: number) =>
  queryOptions({
    queryKey: ['usual durations', id],
    queryFn: ({ signal }) => call<UsualDurations>(`/jobs/${id}/usual-durations`, { signal }),
  });

function configurationPath(tag: string): string {
  return `/configurations/${encodeURIComponent(tag)}`;
}

function whose(provider: string | undefined): string {
  return provider === undefined ? '' : `?${new URLSearchParams({ provider })}`;
}

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: ({ signal }) => call<List<ApiKey>>('/keys', { signal }),
});

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => call<List<User>>('/users', { signal }),
});

/** What leases, limits and clocks change is in no event of the stream: it is asked for every few seconds, ms. */
const fewSeconds = 3_000;
const quarterMinute = 15_000;

export const maintenanceQuery = queryOptions({
  queryKey: ['maintenance'],
  queryFn: ({ signal }) => call<MaintenanceStatus>('/maintenance', { signal }),
  refetchInterval: quarterMinute,
  refetchOnWindowFocus: true,
});

export const maintenanceHistoryQuery = infiniteQueryOptions({
  queryKey: ['maintenance', 'history'],
  queryFn: ({ pageParam, signal }) =>
    call<List<MaintenanceEntry>>(`/maintenance/history?${pageOf(pageParam)}`, { signal }),
  initialPageParam: '',
  getNextPageParam: (page) => page.nextCursor,
});

export const queueQuery = queryOptions({
  queryKey: ['queue'],
  queryFn: ({ signal }) => call<QueueOverview>('/queue', { signal }),
  refetchInterval: fewSeconds,
  refetchOnWindowFocus: true,
});

export interface TargetSearch {
  readonly q?: string | undefined;
  readonly status?: JobStatus | undefined;
  readonly group?: string | undefined;
}

export const targetsQuery = (search: TargetSearch) =>
  infiniteQueryOptions({
    queryKey: ['targets', search],
    queryFn: ({ pageParam, signal }) => {
      const query = pageOf(pageParam);
      for (const [name, value] of Object.entries(search)) if (value) query.set(name, value);
      return call<List<Target>>(`/targets?${query}`, { signal });
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: quarterMinute,
  });

export const targetQuery = (name: string) =>
  queryOptions({
    queryKey: ['target', name],
    queryFn: ({ signal }) => call<Target>(`/targets/${encodeURIComponent(name)}`, { signal }),
    refetchInterval: quarterMinute,
  });

export const targetJobsQuery = (name: string) =>
  infiniteQueryOptions({
    queryKey: ['target', name, 'jobs'],
    queryFn: ({ pageParam, signal }) =>
      call<JobPage>(`/targets/${encodeURIComponent(name)}/jobs?${pageOf(pageParam)}`, { signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: quarterMinute,
  });

/** Tars whose name begins like this; null where the server has no input directory. */
export const datasetsQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: ['datasets', q],
    queryFn: ({ pageParam, signal }) => {
      const query = pageOf(pageParam);
      if (q !== '') query.set('q', q);
      return call<List<Dataset>>(`/datasets?${query}`, { signal }).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      });
    },
    initialPageParam: '',
    getNextPageParam: (page) => page?.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: quarterMinute,
  });

/** `archived`: the one in the archive, or the one that is not. */
export const datasetQuery = (name: string, archived: boolean) =>
  queryOptions({
    queryKey: ['dataset', name, archived],
    queryFn: ({ signal }) =>
      call<DatasetDetail>(`/datasets/${encodeURIComponent(name)}?archived=${archived}`, { signal }),
  });

function pageOf(cursor: string): URLSearchParams {
  return new URLSearchParams({ limit: String(pageSize), ...(cursor !== '' && { cursor }) });
}
