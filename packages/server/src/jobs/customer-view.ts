import {
  DaybookError,
  type Job,
  type JobFilter,
  type JobSummary,
  leavesOf,
  type QueryLeaf,
} from '@daybook/core';
import type { Actor } from '../actor.ts';

/** What says how a job works rather than how it goes. */
const internals = {
  source: null,
  error: null,
  target: null,
  operation: null,
  project: null,
  user: null,
  parentId: null,
  priority: 0,
  runAfter: null,
  solver: null,
  submitDirectory: null,
  jobDirectory: null,
  logFile: null,
  readmeFile: null,
  info: '',
  analysisStatus: 'open',
  assessment: null,
  summary: '',
} as const satisfies Partial<JobSummary>;

/** What customers may narrow a list by. Any other filter would tell them what they are not shown. */
const filters = [
  'status',
  'kind',
  'configuration',
  'externalId',
  'submittedAfter',
  'submittedBefore',
] as const satisfies readonly (keyof JobFilter)[];

/** Whether somebody sees how jobs go, and nothing of how they work (design.md §8). */
export function seesOutsideOnly({ role }: Pick<Actor, 'role'>): boolean {
  return role === 'customer';
}

/** A job in a list as customers see it. */
export function outsideOf(job: JobSummary): JobSummary {
  return { ...job, ...internals, tags: [] };
}

/** A job in a list, as the actor may see it. */
export function summaryFor(actor: Actor, job: JobSummary): JobSummary {
  return seesOutsideOnly(actor) ? outsideOf(job) : job;
}

/** A whole job, as the actor may see it. What a step says in passing may be an error as it came: its name is enough. */
export function jobFor(actor: Actor, job: Job): Job {
  if (!seesOutsideOnly(actor)) return job;
  return {
    ...job,
    ...internals,
    tags: [],
    parameters: null,
    context: null,
    metadata: null,
    baseRuns: [],
    steps: job.steps.map((step) => ({ ...step, message: null, metadata: null })),
  };
}

/** What customers may ask for in a query; a bare word would look into texts that they are not shown. */
function isOutside(leaf: QueryLeaf): boolean {
  switch (leaf.kind) {
    case 'status':
      return true;
    case 'ids':
      return leaf.field === 'id';
    case 'term':
      return leaf.field === 'kind' || leaf.field === 'configuration' || leaf.field === 'external';
    case 'part':
      return leaf.field === 'name';
    case 'moment':
    case 'amount':
      return true;
    case 'flag':
      return leaf.flag === 'active' || leaf.flag === 'ended';
    default:
      return false;
  }
}

/** Refuses a filter that would tell an actor what they are not shown. Throws `forbidden` with every fault. */
export function refuseInsideFilters(actor: Actor, filter: JobFilter): void {
  if (!seesOutsideOnly(actor)) return;
  const open: readonly string[] = filters;
  const faults = Object.entries(filter)
    .filter(([name, value]) => value !== undefined && name !== 'q' && !open.includes(name))
    .map(([path]) => ({ path, message: 'is not shown to customers' }));
  for (const leaf of leavesOf(filter.q?.root))
    if (!isOutside(leaf)) faults.push({ path: 'q', message: `${leaf.text}: is not shown to customers` });
  if (faults.length > 0)
    throw new DaybookError('forbidden', 'Customers narrow a list by what they are shown.', { faults });
}
