import { DaybookError, type Scope } from '@daybook/core';
import type { Transaction } from '../storage/index.ts';
import type { LoadedJob } from './job-states.ts';
import { visibleJobs } from './visible-jobs.ts';

/**
 * At most one active job per target: `targets.active_job_id`, set by a conditional update, so that it holds on every
 * engine and across processes. A job holds its target until it has ended, also while its source does not know how it is:
 * it may still be at work. Throws `target_busy`, with the id of the job that holds it if the scope sees that job.
 */
export async function holdTarget(
  { db }: Transaction,
  scope: Scope,
  target: string,
  jobId: number,
  now: number,
): Promise<void> {
  const held = await db
    .insertInto('targets')
    .values({ name: target, active_job_id: jobId, last_job_id: jobId, group_name: null, updated_at: now })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ active_job_id: jobId, last_job_id: jobId, updated_at: now })
        .where('targets.active_job_id', 'is', null),
    )
    .returning('active_job_id')
    .execute();
  if (held.length > 0) return;
  const holder = await db
    .selectFrom('jobs')
    .select('id')
    .where('id', '=', (eb) => eb.selectFrom('targets').select('active_job_id').where('name', '=', target))
    .where(visibleJobs(scope))
    .executeTakeFirst();
  throw new DaybookError(
    'target_busy',
    `${holder === undefined ? 'Another job' : `Job ${holder.id}`} is at work on ${target}. Nothing was stored.`,
    { extra: { ...(holder && { jobId: holder.id }), target } },
  );
}

/** A target of which a job tells that has ended already: it is known from now on, and held by nobody. */
export async function noteTarget(
  { db }: Transaction,
  target: string,
  jobId: number,
  now: number,
): Promise<void> {
  await db
    .insertInto('targets')
    .values({ name: target, active_job_id: null, last_job_id: jobId, group_name: null, updated_at: now })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ last_job_id: jobId, updated_at: now }))
    .execute();
}

/** Targets of one statement: bounds its parameters. */
const AT_ONCE = 1_000;

/** Lets the targets of jobs that ended go. */
export async function releaseTargets(
  { db }: Transaction,
  jobs: Iterable<LoadedJob>,
  now: number,
): Promise<void> {
  const ended = [...jobs];
  for (let from = 0; from < ended.length; from += AT_ONCE) {
    const some = ended.slice(from, from + AT_ONCE);
    await db
      .updateTable('targets')
      .set({ active_job_id: null, updated_at: now })
      .where(
        'name',
        'in',
        some.map((job) => job.target as string),
      )
      // A job holds no target but its own.
      .where(
        'active_job_id',
        'in',
        some.map((job) => job.id),
      )
      .execute();
  }
}
