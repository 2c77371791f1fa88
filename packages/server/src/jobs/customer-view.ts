import type { Job, JobSummary } from '@daybook/core';
import type { Actor } from '../actor.ts';

/** What says how a job works rather than how it goes. */
const internals = {
  error: null,
  submitDirectory: null,
  jobDirectory: null,
  logFile: null,
  readmeFile: null,
  info: '',
  summary: '',
} as const satisfies Partial<JobSummary>;

/** A job in a list, as the actor may see it: customers get no internals (design.md §8). */
export function summaryFor(actor: Actor, job: JobSummary): JobSummary {
  return actor.role === 'customer' ? { ...job, ...internals, tags: [] } : job;
}

/** A whole job, as the actor may see it. */
export function jobFor(actor: Actor, job: Job): Job {
  if (actor.role !== 'customer') return job;
  return {
    ...job,
    ...internals,
    tags: [],
    parameters: null,
    context: null,
    metadata: null,
    baseRuns: [],
    steps: job.steps.map((step) => ({ ...step, metadata: null })),
  };
}
