import {
  jobSummarySchema,
  label,
  limits,
  targetListQuerySchema,
  targetPatchSchema,
  targetSchema,
} from '@daybook/core';
import { z } from 'zod';
import { pageQuery } from '../access/route-parts.ts';
import type { Clock } from '../clock.ts';
import { summaryFor } from '../jobs/customer-view.ts';
import { listJobs } from '../jobs/list-jobs.ts';
import { type Route, route } from '../route.ts';
import type { Store } from '../storage/index.ts';
import { findTarget, listTargets, patchTarget } from './targets.ts';

const group = 'Targets';
const params = z.strictObject({ name: label(limits.name) });
const target = { description: 'The target', schema: targetSchema };

export function targetRoutes(parts: { readonly store: Store; readonly clock: Clock }): Route[] {
  const { store } = parts;
  return [
    route({
      method: 'GET',
      path: '/api/v1/targets',
      access: 'queue.read',
      group,
      summary: 'What jobs change, by name, each with the last of its jobs',
      query: targetListQuerySchema,
      answers: {
        200: {
          description: 'A page',
          schema: z.object({ items: z.array(targetSchema), nextCursor: z.string().optional() }),
        },
      },
      handle: async ({ actor, query }) => ({
        body: await listTargets({ short: store.read, long: store.people }, actor.scope, query),
      }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/targets/:name',
      access: 'queue.read',
      group,
      summary: 'A target',
      params,
      answers: { 200: target },
      handle: async ({ actor, params: { name } }) => ({
        body: await findTarget(store.read, actor.scope, name),
      }),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/targets/:name',
      access: 'maintenance.manage',
      group,
      summary: 'Put a target into a group, for limits of the queue',
      params,
      body: targetPatchSchema,
      answers: { 200: target },
      handle: async ({ actor, params: { name }, body }) => ({
        body: await patchTarget(parts, actor, name, body),
      }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/targets/:name/jobs',
      access: 'queue.read',
      group,
      summary: 'The history of a target: its jobs, the newest first',
      params,
      query: pageQuery,
      answers: {
        200: {
          description: 'A page',
          schema: z.object({ items: z.array(jobSummarySchema), nextCursor: z.string().optional() }),
        },
      },
      handle: async ({ actor, params: { name }, query }) => {
        await findTarget(store.read, actor.scope, name);
        const page = await listJobs(store, actor.scope, { ...query, target: [name], sort: '-id' });
        return { body: { ...page, items: page.items.map((item) => summaryFor(actor, item)) } };
      },
    }),
  ];
}
