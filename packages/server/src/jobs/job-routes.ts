import {
  DaybookError,
  isoInstant,
  type Job,
  type JobFilter,
  jobCreateSchema,
  jobFilterSchema,
  jobFilterShape,
  jobListQuerySchema,
  jobPatchSchema,
  jobSchema,
  jobSorts,
  jobSummarySchema,
  limits,
  prose,
  roleMay,
  stepSchema,
  toIso,
} from '@daybook/core';
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { ifMatch } from '../if-match.ts';
import { oneOrMany } from '../one-or-many.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';
import { askedBy } from './asked-by.ts';
import { jobFor, refuseInsideFilters, seesOutsideOnly, summaryFor } from './customer-view.ts';
import { cancelJob, patchJob, retryJob } from './edit-jobs.ts';
import { exportFormats, exportJobs } from './export-jobs.ts';
import { FacetCache } from './facet-cache.ts';
import { type Facet, facetNames } from './facets.ts';
import type { Jobs } from './jobs.ts';
import { listJobs } from './list-jobs.ts';

const group = 'Jobs';
export const jobParams = z.strictObject({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
const manyJobs = z
  .strictObject({ jobs: z.array(jobCreateSchema).min(1).max(limits.jobsPerRequest) })
  .meta({ id: 'JobsCreate' });
const messageBody = z.strictObject({ message: prose(limits.shortText).optional() }).default({});
const facet = z.array(z.object({ value: z.string().nullable(), count: z.int() }));
const facetCountsSchema = z.object({
  ...(Object.fromEntries(facetNames.map((name) => [name, facet])) as Record<Facet, typeof facet>),
  total: z.int().meta({ description: 'jobs that were counted' }),
  exact: z.boolean().meta({ description: 'false while only the newest 10,000 are counted' }),
  asOf: isoInstant.meta({ description: 'when they were counted' }),
});
const hiddenFacets = { project: [], user: [], analysisStatus: [], assessment: [], solver: [], tag: [] };
const exportQuerySchema = z.strictObject({
  ...jobFilterShape,
  format: z.enum(['csv', 'jsonl']).default('csv'),
  sort: z.enum(jobSorts).default('-id'),
});
const job = { description: 'The job', schema: jobSchema };

export function jobRoutes(jobs: Jobs): Route[] {
  const { store, appender, clock } = jobs;
  const cache = new FacetCache(store, clock);
  const asked = <Filter extends JobFilter>(actor: Actor, filter: Filter) =>
    askedBy(filter, actor, { now: clock.now(), timeZone: appender.words.timeZone });
  const answerJob = async (actor: Actor, id: number): Promise<Answer> => {
    const found = jobFor(actor, await jobs.get(actor.scope, id));
    return { body: found, headers: { etag: `"${found.version}"` } };
  };

  return [
    route({
      method: 'POST',
      path: '/api/v1/jobs',
      access: 'jobs.offer',
      group,
      summary: 'Create a job, or up to 1,000 at once',
      description:
        'All or none. With the header Idempotency-Key a replay answers the same; a job whose externalId is known (same provider, source and submittedAt) is answered as it is, with 200.',
      idempotencyKey: 'taken',
      body: oneOrMany(jobCreateSchema, manyJobs, 'jobs'),
      bodyDescription: z.union([jobCreateSchema, manyJobs]),
      answers: {
        201: { description: 'The job, or {items} in the order asked for', schema: jobSchema },
        200: { description: 'It existed already', schema: jobSchema },
      },
      handle: (call) => createOrReplay(jobs, call),
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs',
      access: 'jobs.read',
      group,
      summary: 'List jobs, newest first',
      query: jobListQuerySchema,
      answers: {
        200: {
          description: 'A page',
          schema: z.object({
            items: z.array(jobSummarySchema),
            nextCursor: z.string().optional(),
            total: z.int().optional(),
            totalIsExact: z.boolean().optional(),
          }),
        },
      },
      handle: async ({ actor, query }) => {
        const { limit: _limit, cursor: _cursor, sort: _sort, total: _total, ...filter } = query;
        refuseInsideFilters(actor, filter);
        const page = await listJobs(store, actor.scope, asked(actor, query));
        return { body: { ...page, items: page.items.map((item) => summaryFor(actor, item)) } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/facets',
      access: 'jobs.read',
      group,
      summary: 'Count jobs per value of each filter',
      description:
        'At once, and exact up to 10,000 jobs. Of a longer list the newest 10,000 are counted (`exact` is false) while all of them are counted behind the scenes: ask again. Counts are kept for some seconds; `asOf` says when they were taken.',
      query: jobFilterSchema,
      answers: {
        200: {
          description: 'Counts; each facet ignores what the filters and the query choose of it',
          schema: facetCountsSchema,
        },
      },
      handle: async ({ actor, query }) => {
        refuseInsideFilters(actor, query);
        const { facets, total, exact, asOf } = await cache.counts(actor.scope, asked(actor, query));
        // Who runs their jobs, for which projects and with what verdict is no business of customers.
        const shown = seesOutsideOnly(actor) ? { ...facets, ...hiddenFacets } : facets;
        return { body: { ...shown, total, exact, asOf: toIso(asOf) } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/export',
      access: 'jobs.read',
      group,
      summary: 'All jobs of a list, as CSV or JSON Lines',
      description:
        'In the order asked for, however many. Of long texts the beginning, as in lists. In CSV a text that a spreadsheet would take for a formula begins with an apostrophe.',
      query: exportQuerySchema,
      answers: { 200: { description: 'The file', type: 'text/csv' } },
      handle: ({ actor, query: { format, sort, ...filter } }) => {
        refuseInsideFilters(actor, filter);
        const wanted = { filter: asked(actor, filter), sort, format };
        const { type, suffix } = exportFormats[format];
        return {
          headers: {
            'content-type': type,
            'content-disposition': `attachment; filename="jobs.${suffix}"`,
            'cache-control': 'no-store',
          },
          stream: (out) => {
            exportJobs(store, actor.scope, wanted, (job) => summaryFor(actor, job), out).catch(() =>
              out.destroy(),
            );
          },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id',
      access: 'jobs.read',
      group,
      summary: 'A job, whole',
      params: jobParams,
      answers: { 200: job },
      handle: ({ actor, params }) => answerJob(actor, params.id),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/jobs/:id',
      access: 'jobs.annotate',
      group,
      summary: 'Edit what people say about a job',
      description:
        'Send the version that you saw, as `version` or `If-Match`. `status` corrects how an ended job ended.',
      params: jobParams,
      body: jobPatchSchema,
      answers: { 200: job },
      handle: async ({ actor, params, body, headers }) => {
        const version = body.version ?? ifMatch(headers['if-match']);
        await patchJob(appender, actor, params.id, { ...body, version }, clock.now());
        return answerJob(actor, params.id);
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id/steps',
      access: 'jobs.read',
      group,
      summary: 'The steps of a job',
      params: jobParams,
      answers: {
        200: { description: 'All steps, in order', schema: z.object({ items: z.array(stepSchema) }) },
      },
      handle: async ({ actor, params }) => {
        const { steps } = jobFor(actor, await jobs.get(actor.scope, params.id));
        return { body: { items: steps } };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/jobs/:id/retry',
      access: 'jobs.retry',
      group,
      summary: 'Queue an ended job for another attempt',
      params: jobParams,
      body: messageBody,
      bodyOptional: true,
      answers: { 200: job },
      handle: async ({ actor, params, body }) => {
        await retryJob(appender, actor, params.id, body.message, clock.now());
        return answerJob(actor, params.id);
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/jobs/:id/cancel',
      access: 'jobs.cancel',
      group,
      summary: 'Cancel an active job',
      params: jobParams,
      body: messageBody,
      bodyOptional: true,
      answers: { 200: job },
      handle: async ({ actor, params, body }) => {
        await cancelJob(appender, actor, params.id, body.message);
        return answerJob(actor, params.id);
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/jobs/:id/heartbeat',
      access: 'jobs.report',
      group,
      summary: 'Say that a reported job is alive though it has nothing to tell',
      params: jobParams,
      answers: { 204: { description: 'Noted' } },
      handle: async ({ actor, params }) => {
        await jobs.heartbeat(actor.scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}

async function createOrReplay(
  jobs: Jobs,
  {
    actor,
    body,
    headers,
  }: Call<unknown, unknown, z.output<typeof jobCreateSchema> | z.output<typeof manyJobs>>,
): Promise<Answer> {
  const many = 'jobs' in body;
  const inputs = many ? body.jobs : [body];
  refuseForeignWork(actor, inputs, many);
  const {
    status,
    body: answer,
    replayed,
  } = await jobs.create(actor, inputs, {
    many,
    key: idempotencyKey(headers['idempotency-key']),
  });
  return {
    status,
    body: answer,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(!many && namesJob(answer)),
      ...(replayed && { 'idempotency-replayed': 'true' }),
    },
  };
}

/** Where the job is from now on, and its version; a replayed answer is the text that was kept. */
function namesJob(answer: unknown): Record<string, string> {
  const { id, version } = (typeof answer === 'string' ? JSON.parse(answer) : answer) as Job;
  return { location: `/api/v1/jobs/${id}`, etag: `"${version}"` };
}

/** Editors may offer work to workers, but not report what they did not run; only Daybook's own sources watch. */
function refuseForeignWork(actor: Actor, inputs: readonly { execution?: string }[], many: boolean): void {
  const faults = inputs.flatMap(({ execution = 'reported' }, i) => {
    const allowed = execution === 'claimed' || roleMay(actor.role, 'jobs.create');
    const path = many ? `jobs[${i}].execution` : 'execution';
    return allowed ? [] : [{ path, message: 'your role may only offer jobs with execution "claimed"' }];
  });
  if (faults.length > 0) throw new DaybookError('forbidden', undefined, { faults });
}

function idempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && header.length > 0 && header.length <= limits.idempotencyKey)
    return header;
  throw new DaybookError('invalid_request', undefined, {
    faults: [{ path: 'Idempotency-Key', message: `must be 1 to ${limits.idempotencyKey} characters` }],
  });
}
