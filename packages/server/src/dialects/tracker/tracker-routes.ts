import { configurationSchema, DaybookError, fromFileConfiguration } from '@daybook/core';
import { z } from 'zod';
import { sessionCookie } from '../../access/sessions.ts';
import type { SignIn } from '../../access/sign-in.ts';
import type { Actor } from '../../actor.ts';
import { registerConfiguration } from '../../configurations/configurations.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import { type Route, route } from '../../route.ts';
import { writtenList } from '../written-list.ts';
import { type AccessParts, admissions } from './access.ts';
import { findWireConfiguration, listWireConfigurations } from './configurations.ts';
import { tracker } from './dialect.ts';
import { reportEvent, updateEvent, type Written } from './events.ts';
import { createWireKey, expireWireKey, listWireKeys } from './keys.ts';
import { createTrackerJob } from './new-job.ts';
import {
  configurationBody,
  configurationsQuery,
  eventBody,
  idParams,
  jobsQuery,
  keyBody,
  loginForm,
  newJobBody,
  updateBody,
} from './queries.ts';
import { readWireJobs, type WireJob, wireJobsInParts } from './wire-jobs.ts';
import { jobWords, studyWords, type Vocabulary } from './words.ts';

export interface TrackerParts {
  readonly jobs: Jobs;
  readonly access: AccessParts;
  readonly signIn: SignIn;
  /** True where cookies must not travel without TLS. */
  readonly isHttps: boolean;
  /** To be called when a key was revoked. */
  readonly forget: () => void;
}

const noQuery = z.looseObject({});
const answers = { 200: { description: 'As the backend of trackerapi answered' } };

interface Common extends Pick<Route, 'group' | 'dialect' | 'answers' | 'admit'> {
  readonly query: typeof noQuery;
}

/** The HTTP surface of trackerapi (contracts/trackerapi.md), row by row, in both of its vocabularies. */
export function trackerRoutes(parts: TrackerParts): Route[] {
  const { anyone, admin } = admissions(parts.access);
  const common = { group: 'tracker', dialect: tracker, answers, query: noQuery, admit: anyone } as const;
  return [
    ...accessRoutes(parts, common),
    ...keyRoutes(parts, { ...common, admit: admin }),
    ...configurationRoutes(parts, common),
    ...jobRoutes(parts, common, '/tracker/jobs', jobWords),
    ...jobRoutes(parts, common, '/tracker/studies', studyWords),
    ...eventRoutes(parts, common),
  ];
}

function accessRoutes({ signIn, isHttps }: TrackerParts, common: Common): Route[] {
  const { admit: _, ...open } = common;
  return [
    route({
      ...common,
      method: 'GET',
      path: '/tracker/api-keys/protected',
      access: 'self.read',
      summary: 'Whether the key is good',
      handle: () => ({
        body: '"Authorized!"',
        headers: { 'content-type': 'application/json; charset=utf-8' },
      }),
    }),
    route({
      ...open,
      method: 'POST',
      path: '/tracker/login',
      access: 'public',
      summary: 'Sign in with a name and a password',
      form: true,
      body: loginForm,
      handle: async ({ body: { username, password }, ip }) => {
        const token = await signIn.withPassword(username.trim().toLowerCase(), password, ip);
        return {
          headers: { 'set-cookie': sessionCookie(token, isHttps), 'cache-control': 'no-store' },
          body: { access_token: token, token_type: 'bearer' },
        };
      },
    }),
  ];
}

function keyRoutes({ jobs: { store, clock }, forget }: TrackerParts, common: Common): Route[] {
  return [
    route({
      ...common,
      method: 'POST',
      path: '/tracker/api-keys',
      access: 'keys.manage',
      summary: 'Make the API key of a provider',
      body: keyBody,
      handle: async ({ actor, body: { note } }) => ({
        headers: { 'cache-control': 'no-store' },
        body: await createWireKey(store, clock, actor, note),
      }),
    }),
    route({
      ...common,
      method: 'GET',
      path: '/tracker/api-keys',
      access: 'keys.manage',
      summary: 'All API keys, by their beginnings',
      handle: async () => ({ body: await listWireKeys(store.read, clock.now()) }),
    }),
    route({
      ...common,
      method: 'POST',
      path: '/tracker/api-keys/:id/expire',
      access: 'keys.manage',
      summary: 'Make an API key worthless',
      params: idParams,
      handle: async ({ actor, params }) => {
        const body = await expireWireKey(store, clock, actor, idOf(params.id, 'key'));
        forget();
        return { body };
      },
    }),
  ];
}

function configurationRoutes({ jobs: { store, clock } }: TrackerParts, common: Common): Route[] {
  const registering = ['/tracker/job_configurations', '/tracker/jobs_configuration'].map((path) =>
    route({
      ...common,
      method: 'POST',
      path,
      access: 'configurations.write',
      summary: 'Register a version of a job configuration',
      body: configurationBody,
      handle: async ({ actor, body }) => {
        const configuration = configurationSchema.parse(fromFileConfiguration(body));
        const { stored } = await registerConfiguration(store, clock, actor, configuration);
        return { body: await findWireConfiguration(store.read, actor, stored.id) };
      },
    }),
  );
  return [
    ...registering,
    route({
      ...common,
      method: 'GET',
      path: '/tracker/job_configurations',
      access: 'configurations.read',
      summary: 'Job configurations, by tag and version if given',
      query: configurationsQuery,
      handle: async ({ actor, query }) => ({ body: await listWireConfigurations(store.read, actor, query) }),
    }),
    route({
      ...common,
      method: 'GET',
      path: '/tracker/job_configurations/:id',
      access: 'configurations.read',
      summary: 'A job configuration',
      params: idParams,
      handle: async ({ actor, params }) => ({
        body: await findWireConfiguration(store.read, actor, idOf(params.id, 'job configuration')),
      }),
    }),
  ];
}

function jobRoutes(parts: TrackerParts, common: Common, path: string, words: Vocabulary): Route[] {
  const { store } = parts.jobs;
  return [
    route({
      ...common,
      method: 'POST',
      path,
      access: 'jobs.create',
      summary: 'A job that begins now',
      body: newJobBody,
      handle: async ({ actor, body }) => {
        const id = await createTrackerJob(parts.jobs, actor, body);
        return { body: await oneJob(parts, insider(actor), body.words, id) };
      },
    }),
    route({
      ...common,
      method: 'GET',
      path,
      access: 'jobs.read',
      summary: 'Jobs with their steps, events and progress, in ascending order',
      query: jobsQuery,
      handle: async ({ actor, query }) => {
        const externalId = query.provider_job_id ?? query.provider_study_id;
        const asked = query.provider_study_id === undefined ? words : studyWords;
        return writtenList(wireJobsInParts(store, actor, asked, externalId));
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: `${path}/:id`,
      access: 'jobs.read',
      summary: 'A job with its steps, events and progress',
      params: idParams,
      handle: async ({ actor, params }) => ({
        body: await oneJob(parts, actor, words, idOf(params.id, 'job')),
      }),
    }),
  ];
}

function eventRoutes({ jobs }: TrackerParts, common: Common): Route[] {
  return [
    route({
      ...common,
      method: 'POST',
      path: '/tracker/events',
      access: 'jobs.report',
      summary: 'What became of a step',
      body: eventBody,
      handle: async ({ actor, body }) => {
        const { words, kind, metadata, providerJobId } = body;
        const written = await reportEvent(jobs, actor, body);
        return { body: { [words.id]: providerJobId, ...wireReceipt(written, kind, metadata) } };
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/tracker/update_event',
      access: 'jobs.report',
      summary: 'What became of the step of an event since',
      body: updateBody,
      handle: async ({ actor, body: { id, kind, event_metadata: metadata } }) => {
        const written = await updateEvent(jobs, actor, { id, kind, metadata });
        // The caller goes on calling the event what it was called.
        return { body: { ...wireReceipt(written, kind, metadata), id } };
      },
    }),
  ];
}

function wireReceipt(
  { id, step, reason, createdAt }: Written,
  kind: string,
  metadata: Record<string, unknown> | undefined,
): Readonly<Record<string, unknown>> {
  return {
    id,
    kind,
    name: step,
    tag: step,
    event_metadata: metadata ?? {},
    created_at: createdAt,
    applied: reason === undefined,
    ...(reason !== undefined && { detail: whyUnapplied(step, reason) }),
  };
}

function whyUnapplied(step: string, reason: NonNullable<Written['reason']>): string {
  const what = 'The event is stored, and progress did not change:';
  switch (reason) {
    case 'unknown_step':
      return `${what} the job has no step ${step}.`;
    case 'step_is_over':
      return `${what} ${step} is over. An update_event sets it back.`;
    case 'job_is_over':
      return `${what} the job is over.`;
    default:
      return `${what} ${reason}.`;
  }
}

async function oneJob(
  { jobs: { store } }: TrackerParts,
  actor: Actor,
  words: Vocabulary,
  id: number,
): Promise<WireJob> {
  const [job] = await readWireJobs(store.read, actor, words, [id]);
  if (job === undefined) throw new DaybookError('not_found', `There is no job ${id}.`);
  return job;
}

/** Whoever makes a job sees what it made, whatever its projects. */
function insider(actor: Actor): Actor {
  return { ...actor, scope: { ...actor.scope, all: true } };
}

/** Whatever is no number is one that is not there. */
function idOf(text: string, what: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new DaybookError('not_found', `There is no ${what} ${text.slice(0, 50)}.`);
  return Number(text);
}
