import {
  maintenanceChangeSchema,
  maintenanceEntrySchema,
  maintenanceStatusSchema,
  roleMay,
} from '@daybook/core';
import { z } from 'zod';
import { idParams, pageQuery } from '../access/route-parts.ts';
import { type Route, route } from '../route.ts';
import { endPause, type MaintenanceParts, readHistory, readStatus, setPaused } from './maintenance.ts';

const group = 'Maintenance';
/** Who paused what, and why, is no business of those who wait for a result. */
const nothingTold = { current: null, all: [], scheduled: [], latest: null };
const status = { description: 'What is paused now, and what will be', schema: maintenanceStatusSchema };

export function maintenanceRoutes(parts: MaintenanceParts): Route[] {
  const { store, clock } = parts;
  return [
    route({
      method: 'GET',
      path: '/api/v1/maintenance',
      access: 'self.read',
      group,
      summary: 'What is paused, why, by whom and how long; customers hear only whether',
      answers: { 200: status },
      handle: async ({ actor }) => {
        const full = await store.snapshot((db) => readStatus(db, clock.now()));
        return { body: roleMay(actor.role, 'queue.read') ? full : { ...nothingTold, paused: full.paused } };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/maintenance',
      access: 'maintenance.manage',
      group,
      summary: 'Pause, now or for later, or let work go on',
      description:
        'After the answer to a pause no job of a pausable configuration is handed out, by any process; running jobs go on. `paused: false` ends every pause that counts now and leaves those to come.',
      body: maintenanceChangeSchema,
      answers: { 200: status },
      handle: async ({ actor, body }) => ({ body: await setPaused(parts, actor, body) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/maintenance/history',
      access: 'queue.read',
      group,
      summary: 'Every pause and resumption, the newest first',
      query: pageQuery,
      answers: {
        200: {
          description: 'A page',
          schema: z.object({ items: z.array(maintenanceEntrySchema), nextCursor: z.string().optional() }),
        },
      },
      handle: async ({ query }) => ({ body: await readHistory(store.read, query, clock.now()) }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/maintenance/:id',
      access: 'maintenance.manage',
      group,
      summary: 'End one pause, or call off one that is to come',
      params: idParams,
      answers: { 200: status },
      handle: async ({ actor, params }) => ({ body: await endPause(parts, actor, params.id) }),
    }),
  ];
}
