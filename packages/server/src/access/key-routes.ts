import { DaybookError, instant, label, limits, prose } from '@daybook/core';
import { z } from 'zod';
import { type Actor, keyOf } from '../actor.ts';
import { type Route, route } from '../route.ts';
import { apiKeySchema, createKey, keyRoles, listKeys, type NewKey, revokeKey } from './keys.ts';
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
      access: 'keys.own',
      group,
      summary: 'API keys, the newest first',
      description: 'A provider is shown those of their own.',
      query: pageQuery,
      answers: {
        200: {
          description: 'A page',
          schema: z.object({ items: z.array(apiKeySchema), nextCursor: z.string().optional() }),
        },
      },
      handle: async ({ actor, query }) => ({
        body: await listKeys(store.read, { ...query, providerId: ownProviderId(actor) }),
      }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/keys',
      access: 'keys.own',
      group,
      summary: 'Make an API key',
      description:
        'A provider makes keys of role provider that produce their own jobs, signed in: no key makes others.',
      body: newKey,
      answers: {
        201: {
          description: 'How it is listed, and the key itself, which is shown only now',
          schema: apiKeySchema.extend({ key: z.string() }).meta({ id: 'ApiKeyMade' }),
        },
      },
      handle: async ({ actor, body }) => {
        const { key, record } = await createKey(store, clock, actor.label, {
          ...ownKey(actor, body),
          madeByKey: keyOf(actor),
        });
        return { status: 201, headers: { 'cache-control': 'no-store' }, body: { ...record, key } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/keys/:id',
      access: 'keys.own',
      group,
      summary: 'Revoke an API key',
      description: 'It is refused at once, by every process within two seconds.',
      params: idParams,
      answers: { 204: { description: 'It is revoked' } },
      handle: async ({ actor, params }) => {
        await revokeKey(store, clock, actor.label, params.id, ownProviderId(actor));
        authenticator.forget();
        return { status: 204 };
      },
    }),
  ];
}

/** The provider to whose keys somebody is held; undefined is nobody's in particular. */
function ownProviderId({ role, providerId }: Actor): number | undefined {
  return role === 'admin' ? undefined : providerId;
}

/** What a provider asks for, held to what is theirs. Whoever finds a key must not make themselves another one. */
function ownKey(actor: Actor, input: NewKey): NewKey {
  if (actor.role === 'admin') return input;
  if (actor.kind !== 'user')
    throw new DaybookError('forbidden', 'Sign in to make a key: no key of a provider makes others.');
  const faults = [
    ...(input.role === 'provider' ? [] : [{ path: 'role', message: 'must be provider' }]),
    ...(input.provider === undefined || input.provider === actor.providerName
      ? []
      : [{ path: 'provider', message: 'is not you' }]),
  ];
  if (faults.length > 0) throw new DaybookError('forbidden', undefined, { faults });
  return { ...input, provider: actor.providerName as string };
}
