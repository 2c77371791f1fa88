import { instant, label, limits, prose } from '@daybook/core';
import { z } from 'zod';
import { type Route, route } from '../route.ts';
import { apiKeySchema, createKey, keyRoles, listKeys, revokeKey } from './keys.ts';
import { idParams, pageQuery, type RouteParts } from './route-parts.ts';

const group = 'API keys';

const newKey = z
  .strictObject({
    name: label(limits.tag),
    role: z.enum(keyRoles),
    projects: z
      .array(label(limits.tag))
      .max(1_000)
      .optional()
      .meta({ description: 'Required for viewer and editor; `["*"]` is all' }),
    provider: label(limits.tag)
      .optional()
      .meta({ description: "Whose jobs a provider's key produces; one of its own when left out" }),
    expiresAt: instant.optional(),
    note: prose(limits.shortText).optional(),
  })
  .meta({ id: 'ApiKeyCreate' });

export function keyRoutes({ store, clock, authenticator }: RouteParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/keys',
      access: 'keys.manage',
      group,
      summary: 'API keys, the newest first',
      query: pageQuery,
      answers: {
        200: {
          description: 'A page',
          schema: z.object({ items: z.array(apiKeySchema), nextCursor: z.string().optional() }),
        },
      },
      handle: async ({ query }) => ({ body: await listKeys(store.read, query) }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/keys',
      access: 'keys.manage',
      group,
      summary: 'Make an API key',
      body: newKey,
      answers: {
        201: {
          description: 'How it is listed, and the key itself, which is shown only now',
          schema: apiKeySchema.extend({ key: z.string() }).meta({ id: 'ApiKeyMade' }),
        },
      },
      handle: async ({ actor, body }) => {
        const { key, record } = await createKey(store, clock, actor.label, body);
        return { status: 201, headers: { 'cache-control': 'no-store' }, body: { ...record, key } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/keys/:id',
      access: 'keys.manage',
      group,
      summary: 'Revoke an API key',
      description: 'It is refused at once, by every process within two seconds.',
      params: idParams,
      answers: { 204: { description: 'It is revoked' } },
      handle: async ({ actor, params }) => {
        await revokeKey(store, clock, actor.label, params.id);
        authenticator.forget();
        return { status: 204 };
      },
    }),
  ];
}
