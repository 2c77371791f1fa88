import type { Job, JobSummary, Scope, Step } from '@daybook/core';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../storage/index.ts';
import { type JobRow, jobSummary, parsed, stepOf } from './job-rows.ts';
import { visibleJobs } from './visible-jobs.ts';

/** What people wrote, in a list: its beginning is enough to fold to a line, and a page of long texts would be megabytes. */
const TEXT_IN_LISTS = 300;
type Texts = 'whole' | 'beginnings';

function textOf(name: 'info' | 'summary', texts: Texts) {
  const whole = sql.ref<string | null>(`annotations.${name}`);
  return texts === 'whole'
    ? sql<string | null>`${whole}`
    : sql<string | null>`substr(${whole}, 1, ${TEXT_IN_LISTS})`;
}

/** Jobs with the texts that people wrote: whole, or their beginnings for lists. */
export function jobsWithTexts(db: Kysely<Database>, scope: Scope, texts: Texts = 'beginnings') {
  return db
    .selectFrom('jobs')
    .leftJoin('annotations', 'annotations.job_id', 'jobs.id')
    .selectAll('jobs')
    .select([textOf('info', texts).as('info'), textOf('summary', texts).as('summary')])
    .where((eb) => visibleJobs(scope)(eb as never));
}

/** Rows as summaries, with their tags, in the same order. */
export async function summaries(db: Kysely<Database>, rows: readonly JobRow[]): Promise<JobSummary[]> {
  const tags = await tagsOf(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => jobSummary(row, tags.get(row.id) ?? []));
}

/** The summaries of some jobs, those that the scope sees, by id. */
export async function findSummaries(
  db: Kysely<Database>,
  scope: Scope,
  ids: readonly number[],
  texts: Texts = 'beginnings',
): Promise<JobSummary[]> {
  if (ids.length === 0) return [];
  return summaries(
    db,
    await jobsWithTexts(db, scope, texts).where('jobs.id', 'in', ids).orderBy('jobs.id').execute(),
  );
}

/**
 * Whole jobs, those that the scope sees, in the order of the ids. Time left is added by whoever knows the past. Which of
 * their base runs are shown is decided by a scope of its own where somebody sees a job for another reason.
 */
export async function findJobs(
  db: Kysely<Database>,
  scope: Scope,
  ids: readonly number[],
  basesScope: Scope = scope,
): Promise<Omit<Job, 'timeLeft'>[]> {
  const found = await findSummaries(db, scope, ids, 'whole');
  const visible = found.map((job) => job.id);
  if (visible.length === 0) return [];
  // One after the other: inside a transaction there is one connection.
  const steps = await db
    .selectFrom('steps')
    .selectAll()
    .where('job_id', 'in', visible)
    .orderBy('job_id')
    .orderBy('position')
    .execute();
  const stepsOf = Map.groupBy(steps, (row) => row.job_id);
  const whole = await wholeJobs(db, basesScope, found, (id) => (stepsOf.get(id) ?? []).map(stepOf));
  const byId = new Map(whole.map((job) => [job.id, job]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** Summaries with everything that belongs to their jobs, in the same order; `stepsOf` are their steps. */
export async function wholeJobs(
  db: Kysely<Database>,
  basesScope: Scope,
  found: readonly JobSummary[],
  stepsOf: (id: number) => Step[],
): Promise<Omit<Job, 'timeLeft'>[]> {
  const ids = found.map((job) => job.id);
  if (ids.length === 0) return [];
  const documents = await db.selectFrom('documents').selectAll().where('job_id', 'in', ids).execute();
  const bases = await visibleBaseRuns(db, basesScope, ids);
  const documentOf = new Map(documents.map((row) => [row.job_id, row]));
  const basesOf = Map.groupBy(bases, (row) => row.job_id);
  return found.map((job) => {
    const document = documentOf.get(job.id);
    return {
      ...job,
      steps: stepsOf(job.id),
      parameters: parsed(document?.parameters ?? null),
      context: parsed(document?.context ?? null),
      metadata: parsed(document?.metadata ?? null),
      baseRuns: (basesOf.get(job.id) ?? []).map((row) => ({
        externalId: row.external_id.startsWith('#') ? null : row.external_id,
        id: row.visible_id,
      })),
    };
  });
}

async function tagsOf(db: Kysely<Database>, ids: readonly number[]): Promise<Map<number, string[]>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('job_tags')
    .selectAll()
    .where('job_id', 'in', ids)
    .orderBy('tag')
    .execute();
  const tags = new Map<number, string[]>();
  for (const row of rows) tags.set(row.job_id, [...(tags.get(row.job_id) ?? []), row.tag]);
  return tags;
}

/** Base runs of jobs; the id is there only if the scope sees the base run too. */
async function visibleBaseRuns(db: Kysely<Database>, scope: Scope, ids: readonly number[]) {
  return db
    .selectFrom('base_runs')
    .leftJoin('jobs', (join) =>
      join.onRef('jobs.id', '=', 'base_runs.base_id').on((eb) => visibleJobs(scope)(eb as never)),
    )
    .select(['base_runs.job_id', 'base_runs.external_id', 'jobs.id as visible_id'])
    .where('base_runs.job_id', 'in', ids)
    .orderBy('base_runs.external_id')
    .execute();
}
