import { type Job, nobody, type Scope, type SharedProgress, toIso } from '@daybook/core';

/** Whoever holds a link sees the one job that it was made for; that is asked of the link, not of the job. */
export const linkHolder: Scope = { ...nobody, all: true };

/** What a link shows of its job: field by field, so that what jobs learn later is not shown by itself. */
export function sharedProgress(job: Job, expiresAt: number): SharedProgress {
  return {
    name: job.name,
    status: job.status,
    progress: job.progress,
    steps: job.steps.map(({ name, status, percent }) => ({ name, status, percent })),
    timeLeft: job.timeLeft,
    submittedAt: job.submittedAt,
    startedAt: job.startedAt,
    endedAt: job.endedAt,
    updatedAt: job.updatedAt,
    expiresAt: toIso(expiresAt),
  };
}
