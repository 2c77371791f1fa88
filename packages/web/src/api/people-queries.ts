import type { Customer, Invitation, Share } from '@daybook/core';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from './client.ts';
import type { JobPage, List } from './wire.ts';

/** What is asked about people, and by customers. */

export const customersQuery = queryOptions({
  queryKey: ['customers'],
  queryFn: ({ signal }) => call<List<Customer>>('/customers?limit=500', { signal }),
});

export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: ({ signal }) => call<List<Invitation>>('/invitations?limit=100', { signal }),
});

export const sharesQuery = (jobId: number) =>
  queryOptions({
    queryKey: ['shares', jobId],
    queryFn: ({ signal }) => call<List<Share>>(`/shares?job=${jobId}`, { signal }),
  });

/** The jobs that name the customer who is signed in, the newest first. */
export const myJobsQuery = infiniteQueryOptions({
  queryKey: ['jobs', 'mine'],
  queryFn: ({ pageParam, signal }) => {
    const query = new URLSearchParams({ limit: '50', ...(pageParam !== '' && { cursor: pageParam }) });
    return call<JobPage>(`/jobs?${query}`, { signal });
  },
  initialPageParam: '',
  getNextPageParam: (page) => page.nextCursor,
});

/** How many of their jobs are running: all of them, not those that were loaded. */
export const myRunningQuery = queryOptions({
  queryKey: ['running jobs', 'mine'],
  // Not the facets: those may be some seconds old.
  queryFn: async ({ signal }) => {
    const { total } = await call<{ total: number }>('/jobs?status=running&limit=1&total=true', { signal });
    return total;
  },
});

export interface CustomerLink {
  readonly provider: string;
  readonly customer: string;
}

export const myLinksQuery = queryOptions({
  queryKey: ['links'],
  queryFn: ({ signal }) => call<List<CustomerLink>>('/session/customers', { signal }),
});
