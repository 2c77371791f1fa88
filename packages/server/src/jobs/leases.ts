import { DaybookError } from '@daybook/core';
import { type Entry, isChange } from './batch.ts';
import type { LoadedJob } from './job-states.ts';
import type { Grant, Lease, LeaseEnd } from './lease.ts';

/*
 * A lease is a worker's right to write about a job (design.md §3, "at least once, with fencing"). Its token fences:
 * while a job is held, only its holder may report it, and who lost a lease stays out for good.
 */

/**
 * Why a batch must not be written: `lease_lost` with the id of the first job that its writer does not hold. A claimed job
 * is heard of by its holder alone, and by nobody while it waits: what turned it without a lease would lose it. What was
 * stored before (`isStored`) is answered again instead, and what a person says needs no lease.
 */
export function fence(
  entries: readonly Entry[],
  jobs: ReadonlyMap<number, LoadedJob>,
  isStored: (entry: Entry) => boolean,
): DaybookError | undefined {
  const stale = entries.find((entry) => {
    if (isChange(entry.event)) return false;
    const { execution, lease } = jobs.get(entry.jobId) as LoadedJob;
    const token = entry.event.leaseToken;
    const fits = token === undefined ? execution !== 'claimed' : lease.held && lease.token === token;
    return !fits && !isStored(entry);
  });
  return stale === undefined ? undefined : leaseLost(stale.jobId);
}

export function leaseLost(jobId: number): DaybookError {
  return new DaybookError(
    'lease_lost',
    `Another worker may hold job ${jobId} now, or it was canceled. Nothing was stored: stop working on it.`,
    { extra: { jobId } },
  );
}

/** True if a worker may fail once more without the job failing for good. */
export function mayFailAgain({ lease, maxAttempts }: LoadedJob): boolean {
  return lease.failures + 1 < maxAttempts;
}

/** How many workers in a row a job may cost before it fails. */
export function mostLosses({ maxAttempts }: Pick<LoadedJob, 'maxAttempts'>): number {
  return Math.max(3, maxAttempts);
}

/**
 * How long a job waits after so many failures, milliseconds: 10 s, doubled each time, at most an hour, and less by up to
 * half at random, so that what failed together does not come back together.
 */
export function backoff(failures: number, random: () => number): number {
  const longest = Math.min(3_600_000, 10_000 * 2 ** Math.min(failures - 1, 20));
  return Math.round(longest * (0.5 + random() / 2));
}

export function beginLease(lease: Lease, { token, worker }: Grant, now: number): void {
  lease.token = token;
  lease.held = token !== null;
  lease.ended = null;
  lease.worker = worker;
  lease.claimedAt = now;
}

export function endLease(lease: Lease, how: LeaseEnd): void {
  if (!lease.held) return;
  lease.held = false;
  lease.ended = how;
}

/** Somebody wants the job to begin anew: all tries are there again. */
export function renewTries(lease: Lease): void {
  lease.failures = 0;
  lease.losses = 0;
  lease.runAfter = null;
}
