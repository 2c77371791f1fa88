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

/** Links base runs that waited for these jobs. */
export async function linkBaseRuns(
  { db }: Transaction,
  jobs: readonly { id: number; externalId: string | null }[],
): Promise<void> {
  for (const { id, externalId } of jobs) {
    if (externalId === null) continue;
    await db
      .updateTable('base_runs')
      .set({ base_id: id })
      .where('external_id', '=', externalId)
      .where('base_id', 'is', null)
      .where('job_id', '!=', id)
      .execute();
  }
}
