import { randomUUID } from 'node:crypto';
import type { ClaimBody, CompleteBody, JobCreateBody, Leases, ReleaseBody, SettledItem } from '@daybook/core';

/** A job of the stand-in, as a test looks at it. */
export interface QueuedJob {
  readonly id: number;
  readonly create: JobCreateBody;
  status: 'queued' | 'running' | 'succeeded' | 'failed' | 'other' | 'canceled';
  attempt: number;
  leaseToken: string | undefined;
  expiresAt: number;
  /** What ended each of its tries. */
  readonly endings: (CompleteBody['items'][number] | ReleaseBody['items'][number])[];
}

/**
 * A queue in memory with the rules that a worker relies on: leases that run out, tokens, a claim that waits, completing
 * that may be repeated. A failed try goes back to the queue if it may be retried; `release` with a delay is not awaited.
 */
export class StandInQueue {
  readonly jobs = new Map<number, QueuedJob>();
  /** Seconds. */
  lease = 9;
  heartbeats = 0;
  readonly claims: ClaimBody[] = [];
  #waiting: (() => void)[] = [];

  offer(id: number, create: JobCreateBody): QueuedJob {
    const job: QueuedJob = {
      id,
      create,
      status: 'queued',
      attempt: 0,
      leaseToken: undefined,
      expiresAt: 0,
      endings: [],
    };
    this.jobs.set(id, job);
    this.#wake();
    return job;
  }

  /** Takes the lease away; the job waits again, or was canceled. */
  takeAway(id: number, status: 'queued' | 'canceled'): void {
    const job = this.jobs.get(id) as QueuedJob;
    job.leaseToken = undefined;
    job.status = status;
    this.#wake();
  }

  /** True if reports with this token are taken. */
  admits(id: number, leaseToken: string | undefined): boolean {
    const job = this.jobs.get(id);
    return job === undefined || (leaseToken !== undefined && job.leaseToken === leaseToken);
  }

  async claim(claim: ClaimBody): Promise<object> {
    this.claims.push(claim);
    const end = Date.now() + (claim.wait ?? 0) * 1_000;
    for (;;) {
      const items = this.#take(claim.max ?? 1);
      const left = end - Date.now();
      if (items.length > 0 || left <= 0) return { items, leaseSeconds: this.lease };
      await this.#news(Math.min(left, 20));
    }
  }

  heartbeat({ leases }: Leases): object {
    this.heartbeats += 1;
    return {
      items: leases.map(({ jobId, leaseToken }) => {
        const job = this.jobs.get(jobId);
        if (job === undefined || job.leaseToken !== leaseToken)
          return { jobId, held: false, reason: job?.status === 'canceled' ? 'canceled' : 'lost' };
        job.expiresAt = Date.now() + this.lease * 1_000;
        return { jobId, held: true, leaseExpiresAt: new Date(job.expiresAt).toISOString() };
      }),
    };
  }

  complete({ items }: CompleteBody): object {
    return {
      items: items.map((item): SettledItem => {
        const job = this.jobs.get(item.jobId);
        const last = job?.endings.at(-1);
        if (job !== undefined && last?.leaseToken === item.leaseToken)
          return { jobId: item.jobId, ok: true, status: job.status };
        if (job === undefined || job.leaseToken !== item.leaseToken) return lost(item.jobId);
        job.status = item.status === 'failed' && item.retry !== false ? 'queued' : item.status;
        return this.#end(job, item);
      }),
    };
  }

  release({ items }: ReleaseBody): object {
    return {
      items: items.map((item): SettledItem => {
        const job = this.jobs.get(item.jobId);
        if (job === undefined || job.leaseToken !== item.leaseToken) return lost(item.jobId);
        job.status = 'queued';
        return this.#end(job, item);
      }),
    };
  }

  #end(job: QueuedJob, item: QueuedJob['endings'][number]): SettledItem {
    job.endings.push(item);
    job.leaseToken = undefined;
    this.#wake();
    return { jobId: job.id, ok: true, status: job.status };
  }

  #take(max: number): object[] {
    const now = Date.now();
    const free = [...this.jobs.values()].filter(
      ({ status, expiresAt }) => status === 'queued' || (status === 'running' && expiresAt < now),
    );
    return free.slice(0, max).map((job) => {
      job.status = 'running';
      job.attempt += 1;
      job.leaseToken = randomUUID();
      job.expiresAt = now + this.lease * 1_000;
      return {
        job: { ...job.create, id: job.id },
        attempt: job.attempt,
        leaseToken: job.leaseToken,
        leaseExpiresAt: new Date(job.expiresAt).toISOString(),
      };
    });
  }

  #news(within: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, within);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function lost(jobId: number): SettledItem {
  return { jobId, ok: false, code: 'lease_lost', message: 'This attempt no longer holds the job' };
}
