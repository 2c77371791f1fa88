import type { Bundle, BundleMember, Incident, Job, Verification } from '@daybook/core';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { JobPage, List } from '../api/wire.ts';

/** What the pages of bundles ask. */

export const bundlesQuery = infiniteQueryOptions({
  queryKey: ['bundles'],
  queryFn: ({ pageParam, signal }) => {
    const cursor = pageParam === '' ? '' : `&cursor=${encodeURIComponent(pageParam)}`;
    return call<List<Bundle>>(`/bundles?limit=50${cursor}`, { signal });
  },
  initialPageParam: '',
  getNextPageParam: (page) => page.nextCursor,
});

/** Bundles on their way in, whoever sends them. */
export const incomingQuery = queryOptions({
  queryKey: ['bundles', 'incoming'],
  queryFn: ({ signal }) =>
    call<JobPage>('/jobs?configuration=ingest,move&status=queued,running&limit=50', { signal }),
  refetchInterval: 2_000,
});

/** Ingests that failed lately: their bytes are kept for a while. */
export const failedIngestsQuery = queryOptions({
  queryKey: ['bundles', 'failed'],
  queryFn: ({ signal }) => call<JobPage>('/jobs?configuration=ingest,move&status=failed&limit=5', { signal }),
  refetchInterval: 10_000,
});

/** A job that takes a bundle in, asked often while it goes on. */
export const ingestJobQuery = (id: number, isOver: (job: Job) => boolean) =>
  queryOptions({
    queryKey: ['job', id],
    queryFn: ({ signal }) => call<Job>(`/jobs/${id}`, { signal }),
    refetchInterval: ({ state }) => (state.data !== undefined && isOver(state.data) ? false : 1_000),
  });

export const schemaQuery = (project: string) =>
  queryOptions({
    queryKey: ['ingest-schema', project],
    queryFn: ({ signal }) =>
      call<{ schema: Record<string, unknown> | null }>(
        `/ingest-schema?project=${encodeURIComponent(project)}`,
        { signal },
      ),
    enabled: project !== '',
    placeholderData: keepPreviousData,
  });

export const bundleQuery = (id: number) =>
  queryOptions({
    queryKey: ['bundle', id],
    queryFn: ({ signal }) => call<Bundle>(`/bundles/${id}`, { signal }),
  });

export const verificationsQuery = (id: number) =>
  queryOptions({
    queryKey: ['bundle', id, 'verifications'],
    queryFn: ({ signal }) =>
      call<{ items: Verification[]; incidents: Incident[] }>(`/bundles/${id}/verifications`, { signal }),
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ endedAt }) => endedAt === null) === true ? 1_000 : false,
  });

/** What lies in a folder; `''` is the root. */
export function folderPage(
  id: number,
  folder: string,
  cursor: string | undefined,
): Promise<List<BundleMember>> {
  const query = new URLSearchParams({
    limit: '500',
    ...(folder !== '' && { folder }),
    ...(cursor !== undefined && { cursor }),
  });
  return call<List<BundleMember>>(`/bundles/${id}/members?${query}`);
}

export function fileAddress(id: number, path: string): string {
  return `/api/v1/bundles/${id}/file?path=${encodeURIComponent(path)}`;
}

export const bundleOfJobQuery = (jobId: number) =>
  queryOptions({
    queryKey: ['bundle of job', jobId],
    queryFn: ({ signal }) => call<List<Bundle>>(`/bundles?jobId=${jobId}`, { signal }),
  });
