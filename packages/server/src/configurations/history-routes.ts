import {
  type ConfigurationHistory,
  compareVersions,
  configurationHistorySchema,
  DaybookError,
  label,
  limits,
  measuredPoints,
  nextVersion,
  rowId,
  sameContent,
  toIso,
  type UsualDurations,
  usualDurationsSchema,
} from '@daybook/core';
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import { visibleJobs } from '../jobs/visible-jobs.ts';
import { type Route, route } from '../route.ts';
import type { Store } from '../storage/index.ts';
import {
  providerIdOf,
  registerConfiguration,
  type StoredConfiguration,
  storedConfigurationSchema,
  versionsOf,
} from './configurations.ts';
import type { Past, PastDurations } from './past-durations.ts';

const group = 'Configurations';
const tagParams = z.strictObject({ tag: label(limits.tag) });
const whose = z.strictObject({ provider: label(limits.name).optional() });

/** What past jobs tell of their configuration, and points made of it. */
export function historyRoutes({
  store,
  clock,
  past,
}: {
  store: Store;
  clock: Clock;
  past: PastDurations;
}): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/configurations/:tag/history',
      access: 'configurations.read',
      group,
      summary:
        'How long its jobs really took, how well their ends were foretold, and which versions were used',
      description:
        'Durations are those of the last 200 succeeded jobs, whichever version they had: a step keeps its tag.',
      params: tagParams,
      query: whose,
      answers: { 200: { description: 'Its history', schema: configurationHistorySchema } },
      handle: async ({ actor, params: { tag }, query: { provider } }) => {
        const versions = await versionsOf(store.read, actor, tag, provider);
        const known = await past.learn((versions[0] ?? missing(tag)).id, actor.providerId);
        return { body: { ...wireOf(known), versions: await usesOf(store, actor, versions) } };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/configurations/:tag/measured-points',
      access: 'configurations.write',
      group,
      summary: 'Make a version whose points are as its steps really took',
      description:
        'Points become the usual seconds of each step; a step that was not measured keeps its weight beside the others. The latest version is the base if none is named. 200 if nothing would change.',
      params: tagParams,
      query: whose,
      body: z.strictObject({ from: label(limits.tag).optional() }),
      bodyOptional: true,
      answers: {
        201: { description: 'The new version', schema: storedConfigurationSchema },
        200: { description: 'The base: its points are right', schema: storedConfigurationSchema },
      },
      handle: async ({ actor, params: { tag }, query: { provider }, body }) => {
        const versions = await versionsOf(store.read, actor, tag, provider);
        const base = versions.find(({ version }) => body?.from === undefined || version === body.from);
        if (base === undefined) throw missing(tag);
        const { steps } = await past.learn(base.id, actor.providerId);
        const measured = measuredPoints(base.steps, steps);
        if (measured === undefined)
          throw new DaybookError('conflict', `No step of ${tag} was measured by three succeeded jobs yet.`);
        if (sameContent(base, { name: base.name, steps: measured })) return { status: 200, body: base };
        const version = nextVersion(versions.map((each) => each.version));
        const providerId = await providerIdOf(store.read, actor, base);
        const next = { tag, name: base.name, version, steps: measured };
        const { stored } = await registerConfiguration(store, clock, actor, next, providerId);
        return { status: 201, body: stored };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id/usual-durations',
      access: 'jobs.inspect',
      group: 'Jobs',
      summary: 'How long jobs like this one, and their steps, usually take',
      params: z.strictObject({ id: z.coerce.number().pipe(rowId) }),
      answers: {
        200: { description: 'Of its configuration; of no jobs without one', schema: usualDurationsSchema },
      },
      handle: async ({ actor, params: { id } }) => {
        const job = await store.read
          .selectFrom('jobs')
          .select(['configuration_id', 'provider_id'])
          .where('id', '=', id)
          .where(visibleJobs(actor.scope))
          .executeTakeFirst();
        if (job === undefined) throw new DaybookError('not_found');
        return { body: wireOf(await past.learn(job.configuration_id ?? 0, job.provider_id)) };
      },
    }),
  ];
}

function wireOf({ jobs, whole, steps, errors }: Past): UsualDurations {
  return {
    jobs,
    whole,
    steps: [...steps].map(([tag, statistics]) => ({ tag, ...statistics })),
    estimates: [...errors],
  };
}

/** How many visible jobs used each version; the newest of each tells when it was used last. */
async function usesOf(
  store: Store,
  actor: Actor,
  versions: readonly StoredConfiguration[],
): Promise<ConfigurationHistory['versions']> {
  const rows = await store.people
    .selectFrom('jobs')
    .select(({ fn }) => [
      'configuration_version',
      fn.countAll<number>().as('jobs'),
      fn.max('submitted_at').as('last'),
    ])
    .where(
      'configuration_id',
      'in',
      versions.map(({ id }) => id),
    )
    .where(visibleJobs(actor.scope))
    .groupBy('configuration_version')
    .execute();
  const uses = new Map(rows.map((row) => [row.configuration_version, row]));
  return versions
    .map(({ version }) => version)
    .sort((a, b) => compareVersions(b, a))
    .map((version) => {
      const last = uses.get(version)?.last;
      const lastSubmittedAt = last === undefined || last === null ? null : toIso(Number(last));
      return { version, jobs: Number(uses.get(version)?.jobs ?? 0), lastSubmittedAt };
    });
}

function missing(tag: string): never {
  throw new DaybookError('not_found', `There is no configuration ${tag}.`);
}
