import {
  type Comparison,
  compareJobs,
  comparisonLimits,
  comparisonSchema,
  DaybookError,
  type Job,
  lineageLimits,
  lineageSchema,
} from '@daybook/core';
import { z } from 'zod';
import { findJobs } from '../jobs/find-jobs.ts';
import { jobParams } from '../jobs/job-routes.ts';
import { type Route, route } from '../route.ts';
import type { Store } from '../storage/index.ts';
import { readLineage } from './lineage.ts';

const group = 'Jobs';
const whole = (max: number) => z.coerce.number().int().min(1).max(max).default(max);
const ids = z
  .string()
  .max(400)
  .transform((text) => [...new Set(text.split(',').filter(Boolean).map(Number))])
  .pipe(z.array(z.int().min(1)).min(2).max(comparisonLimits.jobs))
  .meta({ description: 'two to twenty numbers, `17,18`' });
const differencesOnly = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .optional();

/** How jobs differ: along their base runs, and side by side. */
export function lineageRoutes(store: Store): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id/lineage',
      access: 'jobs.inspect',
      group,
      summary: 'The jobs that a job varies, those that vary it, and what differs along the way',
      description:
        'Both ways, nearest first; jobs that you may not see are left out, with what is behind them.',
      params: jobParams,
      query: z.strictObject({ limit: whole(lineageLimits.nodes), depth: whole(lineageLimits.depth) }),
      answers: { 200: { description: 'The graph', schema: lineageSchema } },
      handle: async ({ actor, params, query }) => ({
        body: await readLineage(store.people, actor.scope, params.id, query),
      }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/compare',
      access: 'jobs.inspect',
      group,
      summary: 'Compare two to twenty jobs side by side',
      description:
        'Durations differ when they are more than a tenth apart. `differences=true` leaves out what is equal.',
      query: z.strictObject({ ids, differences: differencesOnly }),
      answers: { 200: { description: 'Rows of values, per job', schema: comparisonSchema } },
      handle: async ({ actor, query }) => {
        const found = await findJobs(store.people, actor.scope, query.ids);
        const missing = query.ids.filter((id) => !found.some((job) => job.id === id));
        if (missing.length > 0)
          throw new DaybookError(
            'not_found',
            `There is no job ${missing.join(', ')}, or you may not see it.`,
          );
        const jobs = found.map((job): Job => ({ ...job, timeLeft: null }));
        return { body: comparisonOf(jobs, query.differences ?? false) };
      },
    }),
  ];
}

function comparisonOf(jobs: readonly Job[], differencesOnly: boolean): Comparison {
  const rows = compareJobs(jobs).filter(({ differs }) => differs || !differencesOnly);
  return {
    jobs: jobs.map(({ id, externalId, name }) => ({ id, externalId, name })),
    rows: rows.slice(0, comparisonLimits.rows),
    more: rows.length > comparisonLimits.rows,
  };
}
