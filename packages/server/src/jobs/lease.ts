import type { JobStatus } from '@daybook/core';

/** How long a worker may be silent when nothing else is set, milliseconds. */
export const LEASE = 9_000;

/** How a lease ended: the status that its worker said, or what the queue or a person did. */
export type LeaseEnd = JobStatus | 'released' | 'lost';

/** The lease of a job, and what is counted of those before. Mutable: it is folded with the job. */
export interface Lease {
  /** Of the last lease; kept after its end, so that an ending that is said twice is known. */
  token: string | null;
  held: boolean;
  ended: LeaseEnd | null;
  worker: string | null;
  claimedAt: number | null;
  /** Tries that failed by themselves. */
  failures: number;
  /** Leases lost since then. */
  losses: number;
  /** When it may be claimed at the earliest, milliseconds. */
  runAfter: number | null;
}

/** What a claim gives. */
export interface Grant {
  /** null where the worker's protocol knows no leases: nobody takes the job away, and nobody is fenced off. */
  readonly token: string | null;
  readonly worker: string;
}
