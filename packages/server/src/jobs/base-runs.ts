import type { Scope } from '@daybook/core';
import type { Transaction } from '../storage/index.ts';
import { visibleJobs } from './visible-jobs.ts';

/**
 * Base runs: the earlier jobs that one varies, named by external id (`1234567`) or by id (`#17`). One that is not known
 * yet is kept by its name and linked when it arrives (contracts/caejobdiary.md).
 */
export async function writeBaseRuns(
  transaction: Transaction,
  scope: Scope,
  jobId: number,
  names: readonly string[],
): Promise<void> {
  const { db } = transaction;
  await db.deleteFrom('base_runs').where('job_id', '=', jobId).execute();
  for (const name of new Set(names)) {
    const base = await baseOf(transaction, scope, jobId, name);
    await db.insertInto('base_runs').values({ job_id: jobId, external_id: name, base_id: base }).execute();
  }
}

/** The job that a name means: of several with the same external id the latest one that is older than the job. */
async function baseOf(
  { db }: Transaction,
  scope: Scope,
  jobId: number,
  name: string,
): Promise<number | null> {
  const byId = /^#(\d{1,15})$/.exec(name);
  const found = await db
    .selectFrom('jobs')
    .select('id')
    .where((eb) => visibleJobs(scope)(eb))
    .$if(byId !== null, (query) => query.where('id', '=', Number(byId?.[1])).where('id', '!=', jobId))
    .$if(byId === null, (query) => query.where('external_id', '=', name).where('id', '<', jobId))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return found?.id ?? null;
}

/** A new job that others may have waited for. */
export interface NewJob {
  readonly id: number;
  readonly externalId: string | null;
  readonly providerId: number;
  readonly project: string | null;
}

/**
 * Links base runs that waited for these jobs. Numbers are not secret, so only jobs of the same provider or project are
 * linked: a stranger who uses the number first takes nobody's base run.
 */
export async function linkBaseRuns({ db }: Transaction, jobs: readonly NewJob[]): Promise<void> {
  for (const { id, externalId, providerId, project } of jobs) {
    if (externalId === null) continue;
    await db
      .updateTable('base_runs')
      .set({ base_id: id })
      .where('external_id', '=', externalId)
      .where('base_id', 'is', null)
      .where('job_id', 'in', (waiting) =>
        waiting
          .selectFrom('jobs')
          .innerJoin('base_runs as wanted', 'wanted.job_id', 'jobs.id')
          .select('jobs.id')
          .where('wanted.external_id', '=', externalId)
          .where('jobs.id', '!=', id)
          .where((eb) => eb.or([eb('jobs.provider_id', '=', providerId), eb('jobs.project', '=', project)])),
      )
      .execute();
  }
}
