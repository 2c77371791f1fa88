import {
  limitScopes,
  queueLimitBodySchema,
  queueLimitName,
  queueLimitSchema,
  queueLimitsBodySchema,
} from '@daybook/core';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { type Route, route } from '../route.ts';
import type { Store } from '../storage/index.ts';
import { readLimits, removeLimit, replaceLimits, setLimit } from './limits.ts';

const group = 'Queue';
const params = z.strictObject({ scope: z.enum(limitScopes), name: queueLimitName });
const all = { description: 'All limits', schema: z.object({ items: z.array(queueLimitSchema) }) };

/** How many claimed jobs may run at once. */
export function limitRoutes(parts: { store: Store; clock: Clock }): Route[] {
  const { store } = parts;
  const list = async () => ({ body: { items: await readLimits(store.read) } });
  return [
    route({
      method: 'GET',
      path: '/api/v1/queue/limits',
      access: 'maintenance.manage',
      group,
      summary: 'How many jobs of a configuration, or on the targets of a group, may run at once',
      answers: { 200: all },
      handle: list,
    }),
    route({
      method: 'PUT',
      path: '/api/v1/queue/limits',
      access: 'maintenance.manage',
      group,
      summary: 'Put other limits in the place of all that there are',
      description: 'Jobs that run go on; no more begin until there is room.',
      body: queueLimitsBodySchema,
      answers: { 200: all },
      handle: async ({ actor, body }) => {
        await replaceLimits(parts, actor, body.items);
        return list();
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/queue/limits/:scope/:name',
      access: 'maintenance.manage',
      group,
      summary: 'Set one limit',
      params,
      body: queueLimitBodySchema,
      answers: { 200: { description: 'The limit', schema: queueLimitSchema } },
      handle: async ({ actor, params, body }) => {
        const limit = { ...params, max: body.max };
        await setLimit(parts, actor, limit);
        return { body: limit };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/queue/limits/:scope/:name',
      access: 'maintenance.manage',
      group,
      summary: 'Remove one limit',
      params,
      answers: { 204: { description: 'Removed' } },
      handle: async ({ actor, params }) => {
        await removeLimit(parts, actor, params);
        return { status: 204 };
      },
    }),
  ];
}
