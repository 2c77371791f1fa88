import { type Dataset, DaybookError, isDatasetName } from '@daybook/core';
import { z } from 'zod';
import type { Actor } from '../../actor.ts';
import { type Datasets, isImportable } from '../../datasets/datasets.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import { setPaused } from '../../maintenance/maintenance.ts';
import { type Call, type Route, route } from '../../route.ts';
import { writtenList } from '../written-list.ts';
import { type AccessParts, admissions } from './access.ts';
import { type Creator, creatorOf } from './creator.ts';
import { badRequest, microdata } from './dialect.ts';
import type { OperationRules } from './job-parameters.ts';
import { findWireJob, jobsInParts } from './list-jobs.ts';
import { maintenanceHistory, maintenanceNow } from './maintenance.ts';
import { NewJobs } from './new-jobs.ts';
import { jobsQuery, maintenanceBody, newJobsBody, updateBody } from './queries.ts';
import { readTargetJobs, readTargets } from './targets.ts';
import { updateJob } from './update-job.ts';
import { storable } from './words.ts';

export interface MicrodataParts {
  readonly jobs: Jobs;
  readonly datasets: Datasets;
  readonly access: AccessParts;
  readonly rules: OperationRules;
}

const noQuery = z.looseObject({});
const jobParams = z.object({ jobId: z.string() });
/** No target or dataset is called what no database can hold. */
const nameParams = z.object({ name: z.string().transform(storable) });
const answers = { 200: { description: 'As the microdata job service answered' } };

/** The HTTP surface of the microdata job service (contracts/microdata.md), row by row. */
export function microdataRoutes(parts: MicrodataParts): Route[] {
  const { anyone, creator } = admissions(parts.access);
  const common = { group: 'microdata', dialect: microdata, answers, query: noQuery } as const;
  return [
    ...jobRoutes(parts, { ...common, admit: anyone }, creator),
    ...datasetRoutes(parts, { ...common, admit: anyone }),
    ...targetRoutes(parts, { ...common, admit: anyone }),
    ...maintenanceRoutes(parts, { ...common, admit: anyone }),
  ];
}

interface Common extends Pick<Route, 'group' | 'dialect' | 'answers' | 'admit'> {
  readonly query: typeof noQuery;
}

function jobRoutes({ jobs, rules }: MicrodataParts, common: Common, creator: Route['admit']): Route[] {
  const { store } = jobs;
  const { operations } = rules;
  const newJobs = new NewJobs(jobs, rules);
  return [
    route({
      ...common,
      method: 'GET',
      path: '/jobs',
      access: 'jobs.inspect',
      summary: 'All jobs, in ascending order',
      query: jobsQuery(operations),
      handle: async ({ actor, query }) => {
        const wanted = {
          statuses: query.status,
          operations: both(query.operation, query['operation[]']),
          ignoreCompleted: query.ignoreCompleted ?? false,
        };
        return writtenList(jobsInParts(store, actor.scope, operations, wanted));
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: '/jobs/:jobId',
      access: 'jobs.inspect',
      summary: 'One job',
      params: jobParams,
      handle: async ({ actor, params }) => {
        const id = idOf(params.jobId);
        const job = await findWireJob(store.read, actor.scope, operations, id);
        if (job === undefined) throw noJob(params.jobId);
        return { body: job };
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/jobs',
      access: 'jobs.offer',
      ...(creator !== undefined && { admit: creator }),
      summary: 'New jobs, each judged for itself',
      body: newJobsBody,
      handle: async ({ actor, body }) => ({
        body: await newJobs.create(actor, creatorNow(actor), body.jobs),
      }),
    }),
    route({
      ...common,
      method: 'PUT',
      path: '/jobs',
      access: 'jobs.report',
      summary: 'Says that the address lacks the job',
      handle: () => {
        throw badRequest('Send updates of a job to /jobs/{jobId}.');
      },
    }),
    route({
      ...common,
      method: 'PUT',
      path: '/jobs/:jobId',
      access: 'jobs.report',
      summary: 'Report the status of a job, describe it, or add to its log',
      params: jobParams,
      body: updateBody,
      handle: async ({ actor, params, body }) => {
        await updateJob(jobs, actor, operations, idOf(params.jobId), body);
        return { body: { message: `Updated job with jobId ${params.jobId}` } };
      },
    }),
  ];
}

function datasetRoutes({ datasets }: MicrodataParts, common: Common): Route[] {
  return [
    route({
      ...common,
      method: 'GET',
      path: '/importable-datasets',
      access: 'datasets.read',
      summary: 'Datasets that can be imported',
      handle: async () => {
        const found = (await datasetsOrNone(datasets)).filter(isImportable);
        return {
          body: found.map(({ name, hasMetadata, hasData, archived }) => ({
            datasetName: name,
            hasMetadata,
            hasData,
            isArchived: archived,
          })),
        };
      },
    }),
    route({
      ...common,
      method: 'DELETE',
      path: '/importable-datasets/:name',
      access: 'datasets.delete',
      summary: 'Delete a dataset',
      params: nameParams,
      handle: async ({ actor, params: { name } }) => {
        if (!isDatasetName(name))
          throw badRequest('A dataset is named with A to Z, 0 to 9 and _, and begins with a letter.');
        await datasets.deleteDataset(actor, name);
        return { body: { message: `OK, ${name} deleted` } };
      },
    }),
  ];
}

function targetRoutes({ jobs: { store }, rules: { operations } }: MicrodataParts, common: Common): Route[] {
  const one = async ({ actor, params: { name } }: Pick<Call<{ name: string }>, 'actor' | 'params'>) => {
    const [target] = await readTargets(store.people, actor.scope, operations, name);
    if (target === undefined) throw new DaybookError('not_found', 'There is no such target.');
    return { body: target };
  };
  return [
    route({
      ...common,
      method: 'GET',
      path: '/targets',
      access: 'jobs.inspect',
      summary: 'What last happened to each target',
      handle: async ({ actor }) => ({ body: await readTargets(store.people, actor.scope, operations) }),
    }),
    route({
      ...common,
      method: 'GET',
      path: '/targets/:name',
      access: 'jobs.inspect',
      summary: 'What last happened to a target',
      params: nameParams,
      handle: one,
    }),
    route({
      ...common,
      method: 'GET',
      path: '/targets/:name/jobs',
      access: 'jobs.inspect',
      summary: 'The jobs of a target, and the bumps that name it',
      params: nameParams,
      handle: async ({ actor, params: { name } }) => ({
        body: await readTargetJobs(store.people, actor.scope, operations, name),
      }),
    }),
  ];
}

function maintenanceRoutes({ jobs }: MicrodataParts, common: Common): Route[] {
  const { store, clock } = jobs;
  const now = () => maintenanceNow(store.read, clock.now());
  return [
    route({
      ...common,
      method: 'GET',
      path: '/maintenance-status',
      access: 'public',
      summary: 'Whether new work is paused',
      handle: async () => ({ body: await now() }),
    }),
    route({
      ...common,
      method: 'POST',
      path: '/maintenance-status',
      access: 'maintenance.manage',
      summary: 'Pause new work, or let it go on',
      body: maintenanceBody,
      handle: async ({ actor, body: { msg, paused } }) => {
        await setPaused({ store, clock }, actor, { reason: msg, paused });
        return { body: await now() };
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: '/maintenance-history',
      access: 'public',
      summary: 'Every maintenance status, the newest first',
      handle: async () => ({ body: await maintenanceHistory(store.read, clock.now()) }),
    }),
  ];
}

/** A service without an input directory has nothing to import; its clients take no 404 for a list. */
async function datasetsOrNone(datasets: Datasets): Promise<Dataset[]> {
  try {
    return await datasets.listDatasets();
  } catch (error) {
    if (error instanceof DaybookError && error.code === 'not_found') return [];
    throw error;
  }
}

function creatorNow(actor: Actor): Creator {
  return 'creator' in actor ? (actor.creator as Creator) : creatorOf(actor);
}

function both(some: string[] | undefined, others: string[] | undefined): string[] | undefined {
  return some === undefined ? others : [...some, ...(others ?? [])];
}

/** Whatever is no number of a job is one that is not there. */
function idOf(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw noJob(text);
  return Number(text);
}

function noJob(id: string): DaybookError {
  return new DaybookError('not_found', `There is no job ${id.slice(0, 50)}.`);
}
