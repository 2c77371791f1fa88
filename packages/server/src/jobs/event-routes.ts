import type { ServerResponse } from 'node:http';
import {
  DaybookError,
  type EventInput,
  eventAtSight,
  eventInputSchema,
  eventKinds,
  eventReceiptSchema,
  eventSchema,
  eventsAtSight,
  limits,
  plainSentence,
  rowId,
} from '@daybook/core';
import { z } from 'zod';
import { atSight, oneOrMany, rawIssues } from '../one-or-many.ts';
import { type Route, route } from '../route.ts';
import { drained } from './drained.ts';
import { jobParams } from './job-routes.ts';
import type { Jobs } from './jobs.ts';
import { type EventPage, type EventsQuery, readEvents } from './read-events.ts';

const group = 'Events';
const manyEvents = z
  .strictObject({ events: z.array(eventInputSchema).min(1).max(limits.eventsPerRequest) })
  .meta({ id: 'EventsInput' });
const report = atSight(
  (value) => eventAtSight(value) ?? eventsAtSight(value),
  oneOrMany(eventInputSchema, manyEvents, 'events'),
);
const reportOfJob = atSight(eventAtSight, eventInputSchema);
const jobNamed = z.object({ jobId: rowId });
/** One object on the wire, a job and an event behind it; the faults of both are told. */
const eventOfJob = z.unknown().transform((value, context) => {
  const { jobId, ...rest } = (typeof value === 'object' && value !== null ? value : {}) as {
    jobId?: unknown;
  };
  const named = jobNamed.safeParse({ jobId }, { error: plainSentence });
  const event = reportOfJob.safeParse(rest, { error: plainSentence });
  if (named.success && event.success) return { jobId: named.data.jobId, event: event.data };
  context.issues.push(...rawIssues(named.error), ...rawIssues(event.error));
  return z.NEVER;
});
const eventsOfJobs = z
  .strictObject({
    events: z.array(eventOfJob).min(1).max(limits.eventsPerRequest),
  })
  .meta({ id: 'EventsOfJobsInput' });
const describedEventsOfJobs = z.strictObject({
  events: z.array(z.intersection(z.object({ jobId: rowId }), eventInputSchema)),
});

/** What to do without Idempotency-Key. */
const idempotencyKey = { instead: 'give each event a key, which makes it idempotent' };

const receipts = z.object({ items: z.array(eventReceiptSchema) });
const pageLimit = z.coerce.number().int().min(1).max(limits.pageSize);
const PAGE = 100;
const pageShape = {
  limit: pageLimit.default(PAGE),
  cursor: z.string().max(500).optional(),
  sort: z.enum(['id', '-id']).default('id'),
};
const eventsQuery = z.strictObject({
  ...pageShape,
  kind: z
    .union([z.string(), z.array(z.string())])
    .transform((value) => [value].flat().flatMap((each) => each.split(',')))
    .pipe(z.array(z.enum(eventKinds)))
    .optional(),
});
const page = z.object({ items: z.array(eventSchema), nextCursor: z.string().optional() });

export function eventRoutes(jobs: Jobs): Route[] {
  const { store, appender } = jobs;
  const read = async (
    scope: Parameters<typeof readEvents>[1],
    id: number,
    query: EventsQuery,
  ): Promise<EventPage> => {
    const found = await store.snapshot((db) => readEvents(db, scope, id, query));
    if (found === undefined)
      throw new DaybookError('not_found', `There is no job ${id}, or you may not see it.`);
    return found;
  };

  return [
    route({
      method: 'POST',
      path: '/api/v1/jobs/:id/events',
      access: 'jobs.report',
      group,
      summary: 'Report what happens to a job: one event, or many in order',
      description:
        'All or none on shape. A fact that comes too late to change anything (`running` after the end) is stored all the same, and its receipt says `applied: false` and why. `key` makes an event idempotent. Of a claimed job only the worker that holds it may report: send its `leaseToken` in the header Lease-Token, or with each event.',
      params: jobParams,
      idempotencyKey,
      body: report,
      bodyDescription: z.union([eventInputSchema, manyEvents]),
      answers: { 201: { description: 'Durable: the receipt, or {items}', schema: eventReceiptSchema } },
      handle: async ({ actor, params, body, headers }) => {
        const many = 'events' in body;
        const events = underLease(many ? body.events : [body], headers['lease-token']);
        const written = await appender.append({
          actor,
          entries: events.map((event) => ({ jobId: params.id, event })),
        });
        return { status: 201, body: many ? { items: written } : written[0] };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/events',
      access: 'jobs.report',
      group,
      summary: 'Report events of several jobs at once',
      description: 'All or none; each event names its `jobId`, and its `leaseToken` if the job is claimed.',
      idempotencyKey,
      body: eventsOfJobs,
      bodyDescription: describedEventsOfJobs,
      answers: { 201: { description: 'Durable: a receipt for each', schema: receipts } },
      handle: async ({ actor, body }) => ({
        status: 201,
        body: { items: await appender.append({ actor, entries: body.events }) },
      }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id/events',
      access: 'jobs.inspect',
      group,
      summary: 'What happened to a job: facts and log lines, merged in order',
      params: jobParams,
      query: eventsQuery,
      answers: { 200: { description: 'A page', schema: page } },
      handle: async ({ actor, params, query }) => ({ body: await read(actor.scope, params.id, query) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id/log',
      access: 'jobs.inspect',
      group,
      summary: 'What a job printed',
      description: `With \`Accept: text/plain\` the lines as they are: all of them, or with \`limit\` so many and the next \`cursor\` in the header Next-Cursor. As JSON ${PAGE} at once.`,
      params: jobParams,
      query: z.strictObject({ ...pageShape, limit: pageLimit.optional() }),
      answers: { 200: { description: 'A page', schema: page } },
      handle: async ({ actor, params, query, headers }) => {
        const isText = headers.accept?.startsWith('text/plain') === true;
        const limit = query.limit ?? (isText ? limits.pageSize : PAGE);
        const asked = { ...query, limit, kind: ['log'] as const };
        const found = await read(actor.scope, params.id, asked);
        if (!isText) return { body: found };
        const type = { 'content-type': 'text/plain; charset=utf-8' };
        if (query.limit === undefined) {
          const next = (cursor: string) => read(actor.scope, params.id, { ...asked, cursor });
          return {
            headers: type,
            stream: (out) => void writeLog(found, next, out).catch(() => out.destroy()),
          };
        }
        const nextCursor = found.nextCursor && { 'next-cursor': found.nextCursor };
        return { body: textOf(found), headers: { ...type, ...nextCursor } };
      },
    }),
  ];
}

/** Page after page, as fast as they are taken. One that cannot be read ends the connection: a part is not taken for the whole. */
async function writeLog(
  first: EventPage,
  next: (cursor: string) => Promise<EventPage>,
  out: ServerResponse,
): Promise<void> {
  for (let page = first; !out.destroyed; page = await next(page.nextCursor)) {
    if (!out.write(textOf(page))) await drained(out);
    if (page.nextCursor === undefined) break;
  }
  out.end();
}

function textOf({ items }: EventPage): string {
  return items.map((line) => `${line.message}\n`).join('');
}

/** Events with the lease that the header names; one that an event brings itself goes first. */
function underLease(
  events: readonly EventInput[],
  header: string | string[] | undefined,
): readonly EventInput[] {
  if (header === undefined) return events;
  const [token] = [header].flat();
  return events.map((event) => ({ leaseToken: token, ...event }));
}
