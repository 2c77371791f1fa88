import { type SavedView, savedViewSchema, viewCreateSchema, viewPatchSchema } from '@daybook/core';
import { z } from 'zod';
import { idParams } from '../access/route-parts.ts';
import { ifMatch } from '../if-match.ts';
import { type Answer, type Route, route } from '../route.ts';
import { createView, deleteView, listViews, updateView, type ViewParts } from './views.ts';

const group = 'Views';
const answer = { description: 'The view', schema: savedViewSchema };

export function viewRoutes(parts: ViewParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/views',
      access: 'views.own',
      group,
      summary: 'My saved views, and those that are shared',
      answers: {
        200: { description: 'All of them, by name', schema: z.object({ items: z.array(savedViewSchema) }) },
      },
      handle: async ({ actor }) => ({ body: { items: await listViews(parts.store.read, actor) } }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/views',
      access: 'views.own',
      group,
      summary: 'Save a view',
      description: 'Of the defaults there is one per person, and one that is shared.',
      body: viewCreateSchema,
      answers: { 201: answer },
      handle: async ({ actor, body }) => ({ status: 201, ...found(await createView(parts, actor, body)) }),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/views/:id',
      access: 'views.own',
      group,
      summary: 'Change a view',
      description:
        'Send the version that you saw, as `version` or `If-Match`. Shared views are changed by editors.',
      params: idParams,
      body: viewPatchSchema,
      answers: { 200: answer },
      handle: async ({ actor, params, body, headers }) => {
        const version = body.version ?? ifMatch(headers['if-match']);
        return found(await updateView(parts, actor, params.id, { ...body, version }));
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/views/:id',
      access: 'views.own',
      group,
      summary: 'Delete a view',
      params: idParams,
      answers: { 204: { description: 'It is gone' } },
      handle: async ({ actor, params }) => {
        await deleteView(parts, actor, params.id);
        return { status: 204 };
      },
    }),
  ];
}

function found(view: SavedView): Answer {
  return { body: view, headers: { etag: `"${view.version}"` } };
}
