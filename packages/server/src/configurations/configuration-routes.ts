import { configurationSchema, DaybookError, label, limits } from '@daybook/core';
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import { type Route, route } from '../route.ts';
import type { Store } from '../storage/index.ts';
import {
  latestConfigurations,
  pageOfVersions,
  providerIdOf,
  registerConfiguration,
  storedConfigurationSchema,
  versionsOf,
} from './configurations.ts';

const group = 'Configurations';
const tagParams = z.strictObject({ tag: label(limits.tag) });
const list = z.object({ items: z.array(storedConfigurationSchema), nextCursor: z.string().optional() });
// There are few of them: who asks for no page gets all that a page holds.
const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(limits.pageSize).default(limits.pageSize),
  cursor: z.string().max(500).optional(),
});
// Tags are per provider; whoever sees those of several says whose.
const whose = z.strictObject({ provider: label(limits.name).optional() });
const one = { description: 'The configuration', schema: storedConfigurationSchema };

export function configurationRoutes(store: Store, clock: Clock): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/configurations',
      access: 'configurations.write',
      group,
      summary: 'Register a version of a configuration',
      description:
        'Versions never change: the same content again is answered with 200, other content is refused. Who is no provider may name one, and makes the next version of theirs.',
      query: whose,
      body: configurationSchema,
      answers: { 201: one, 200: { ...one, description: 'It exists already, with the same content' } },
      handle: async ({ actor, body, query: { provider } }) => {
        const providerId =
          provider === undefined ? undefined : await ownerOf(store, actor, body.tag, provider);
        const { stored, created } = await registerConfiguration(store, clock, actor, body, providerId);
        return { status: created ? 201 : 200, body: stored };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/configurations',
      access: 'configurations.read',
      group,
      summary: 'The latest version of every configuration',
      query: pageQuery,
      answers: { 200: { description: 'A page, by tag', schema: list } },
      handle: async ({ actor, query }) => ({ body: await latestConfigurations(store.read, actor, query) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/configurations/:tag',
      access: 'configurations.read',
      group,
      summary: 'The latest version of a configuration',
      params: tagParams,
      query: whose,
      answers: { 200: one },
      handle: async ({ actor, params: { tag }, query: { provider } }) => {
        const [latest] = await versionsOf(store.read, actor, tag, provider);
        return { body: latest ?? missing(tag) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/configurations/:tag/versions',
      access: 'configurations.read',
      group,
      summary: 'All versions of a configuration, the highest first',
      params: tagParams,
      query: pageQuery.extend(whose.shape),
      answers: { 200: { description: 'A page of the versions', schema: list } },
      handle: async ({ actor, params: { tag }, query }) => ({
        body: (await pageOfVersions(store.read, actor, tag, query)) ?? missing(tag),
      }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/configurations/:tag/versions/:version',
      access: 'configurations.read',
      group,
      summary: 'One version of a configuration',
      params: tagParams.extend({ version: label(limits.tag) }),
      query: whose,
      answers: { 200: one },
      handle: async ({ actor, params: { tag, version }, query: { provider } }) => {
        const versions = await versionsOf(store.read, actor, tag, provider);
        return { body: versions.find((each) => each.version === version) ?? missing(`${tag} ${version}`) };
      },
    }),
  ];
}

/** Under whose id the next version of a provider's configuration is kept. Throws `not_found` if they have none. */
async function ownerOf(store: Store, actor: Actor, tag: string, provider: string): Promise<number> {
  const [latest] = await versionsOf(store.read, actor, tag, provider);
  return await providerIdOf(store.read, actor, latest ?? missing(tag));
}

function missing(what: string): never {
  throw new DaybookError('not_found', `There is no configuration ${what}.`);
}
