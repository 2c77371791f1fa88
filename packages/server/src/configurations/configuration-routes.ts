import { configurationSchema, DaybookError, label, limits } from '@daybook/core';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { type Route, route } from '../route.ts';
import type { Store } from '../storage/index.ts';
import {
  latestConfigurations,
  registerConfiguration,
  storedConfigurationSchema,
  versionsOf,
} from './configurations.ts';

const group = 'Configurations';
const tagParams = z.strictObject({ tag: label(limits.tag) });
const list = z.object({ items: z.array(storedConfigurationSchema) });
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
        'Versions never change: the same content again is answered with 200, other content is refused.',
      body: configurationSchema,
      answers: { 201: one, 200: { ...one, description: 'It exists already, with the same content' } },
      handle: async ({ actor, body }) => {
        const { stored, created } = await registerConfiguration(store, clock, actor, body);
        return { status: created ? 201 : 200, body: stored };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/configurations',
      access: 'configurations.read',
      group,
      summary: 'The latest version of every configuration',
      answers: { 200: { description: 'By tag', schema: list } },
      handle: async ({ actor }) => ({ body: { items: await latestConfigurations(store.read, actor) } }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/configurations/:tag',
      access: 'configurations.read',
      group,
      summary: 'The latest version of a configuration',
      params: tagParams,
      answers: { 200: one },
      handle: async ({ actor, params: { tag } }) => {
        const [latest] = await versionsOf(store.read, actor, tag);
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
      answers: { 200: { description: 'The versions', schema: list } },
      handle: async ({ actor, params: { tag } }) => {
        const items = await versionsOf(store.read, actor, tag);
        return { body: { items: items.length > 0 ? items : missing(tag) } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/configurations/:tag/versions/:version',
      access: 'configurations.read',
      group,
      summary: 'One version of a configuration',
      params: tagParams.extend({ version: label(limits.tag) }),
      answers: { 200: one },
      handle: async ({ actor, params: { tag, version } }) => {
        const versions = await versionsOf(store.read, actor, tag);
        return { body: versions.find((each) => each.version === version) ?? missing(`${tag} ${version}`) };
      },
    }),
  ];
}

function missing(what: string): never {
  throw new DaybookError('not_found', `There is no configuration ${what}.`);
}
