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

/** Rows per statement: SQLite takes 32,766 parameters. */
const ROWS = 5_000;

/** The same for jobs that were made just now, all in a few statements. */
export async function addBaseRuns(
  { db }: Transaction,
  scope: Scope,
  jobs: readonly { readonly id: number; readonly names: readonly string[] }[],
): Promise<void> {
  const runs = jobs.flatMap(({ id, names }) => [...new Set(names)].map((name) => ({ id, name })));
  const known = new Map<string, number[]>();
  const numbers = new Set<number>();
  const names = [...new Set(runs.map(({ name }) => name))];
  for (let from = 0; from < names.length; from += ROWS) {
    const some = names.slice(from, from + ROWS);
    const ids = some.flatMap((name) => numberIn(name) ?? []);
    const found = await db
      .selectFrom('jobs')
      .select(['id', 'external_id'])
      .where((eb) => eb.or([eb('external_id', 'in', some), ...(ids.length > 0 ? [eb('id', 'in', ids)] : [])]))
      .where((eb) => visibleJobs(scope)(eb))
      .orderBy('id')
      .execute();
    for (const { id, external_id } of found) {
      numbers.add(id);
      if (external_id !== null) known.set(external_id, [...(known.get(external_id) ?? []), id]);
    }
  }
  const rows = runs.map(({ id, name }) => {
    const number = numberIn(name);
    const base =
      number === undefined
        ? known.get(name)?.findLast((each) => each < id)
        : numbers.has(number) && number !== id
          ? number
          : undefined;
    return { job_id: id, external_id: name, base_id: base ?? null };
  });
  for (let from = 0; from < rows.length; from += ROWS)
    await db
      .insertInto('base_runs')
      .values(rows.slice(from, from + ROWS))
      .execute();
}

/** `#17` names a job by its id. */
function numberIn(name: string): number | undefined {
  const digits = /^#(\d{1,15})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The job that a name means: of several with the same external id the latest one that is older than the job. */
async function baseOf(
  { db }: Transaction,
  scope: Scope,
  jobId: number,
  name: string,
): Promise<number | null> {
  const number = numberIn(name);
  const found = await db
    .selectFrom('jobs')
    .select('id')
    .where((eb) => visibleJobs(scope)(eb))
    .$if(number !== undefined, (query) => query.where('id', '=', number as number).where('id', '!=', jobId))
    .$if(number === undefined, (query) => query.where('external_id', '=', name).where('id', '<', jobId))
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
  const awaited = await awaitedAmong(db, jobs);
  for (const { id, externalId, providerId, project } of jobs) {
    if (externalId === null || !awaited.has(externalId)) continue;
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

/** Most new jobs are nobody's base run yet. */
async function awaitedAmong(db: Transaction['db'], jobs: readonly NewJob[]): Promise<Set<string>> {
  const names = [...new Set(jobs.flatMap(({ externalId }) => externalId ?? []))];
  const awaited = new Set<string>();
  for (let from = 0; from < names.length; from += ROWS) {
    const rows = await db
      .selectFrom('base_runs')
      .select('external_id')
      .distinct()
      .where('base_id', 'is', null)
      .where('external_id', 'in', names.slice(from, from + ROWS))
      .execute();
    for (const { external_id } of rows) awaited.add(external_id);
  }
  return awaited;
}
