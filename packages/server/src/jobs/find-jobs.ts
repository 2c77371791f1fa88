import { type Job, type JobSummary, type Scope, type Step, sees, type Visibility } from '@daybook/core';
import { type Kysely, sql } from 'kysely';
import type { BaseRunsTable, Database, DocumentsTable } from '../storage/index.ts';
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
  const details = await findDetails(db, { documents: visible, bases: visible });
  const byId = new Map(found.map((job) => [job.id, job]));
  return ids.flatMap((id) => {
    const job = byId.get(id);
    if (job === undefined) return [];
    return [wholeJob(job, (stepsOf.get(id) ?? []).map(stepOf), details, basesScope)];
  });
}

/** What belongs to jobs besides their rows and steps, by id of the job. */
export interface Details {
  readonly tags: ReadonlyMap<number, string[]>;
  readonly documents: ReadonlyMap<number, Documents>;
  readonly bases: ReadonlyMap<number, readonly BaseRunRow[]>;
}

/** The JSON of a job. */
export type Documents = Pick<Job, 'parameters' | 'context' | 'metadata'>;

const noDocuments: Documents = { parameters: null, context: null, metadata: null };

interface BaseRunRow extends BaseRunsTable {
  /** Of the base run, if it is known: who may see it. */
  readonly base: Visibility | null;
}

/** Loads them for many jobs at once, of each table for the jobs that may have something there. */
export async function findDetails(
  db: Kysely<Database>,
  ids: { tags?: readonly number[]; documents: readonly number[]; bases: readonly number[] },
): Promise<Details> {
  const [tags, documents, bases] = await Promise.all([
    tagsOf(db, ids.tags ?? []),
    documentsOf(db, ids.documents),
    baseRunsOf(db, ids.bases),
  ]);
  return {
    tags,
    documents: new Map(documents.map((row) => [row.job_id, documentsOfRow(row)])),
    bases: Map.groupBy(bases, (row) => row.job_id),
  };
}

/** A summary with everything that belongs to its job. The scope decides which of the base runs have an id. */
export function wholeJob(
  job: JobSummary,
  steps: Step[],
  { documents, bases }: Details,
  basesScope: Scope,
): Omit<Job, 'timeLeft'> {
  return {
    ...job,
    steps,
    ...(documents.get(job.id) ?? noDocuments),
    baseRuns: (bases.get(job.id) ?? []).map(({ external_id, base_id, base }) => ({
      externalId: external_id.startsWith('#') ? null : external_id,
      id: base !== null && sees(basesScope, base) ? base_id : null,
    })),
  };
}

function documentsOfRow({ parameters, context, metadata }: DocumentsTable): Documents {
  return { parameters: parsed(parameters), context: parsed(context), metadata: parsed(metadata) };
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

async function documentsOf(db: Kysely<Database>, ids: readonly number[]): Promise<DocumentsTable[]> {
  return ids.length === 0 ? [] : db.selectFrom('documents').selectAll().where('job_id', 'in', ids).execute();
}

async function baseRunsOf(db: Kysely<Database>, ids: readonly number[]): Promise<BaseRunRow[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('base_runs')
    .leftJoin('jobs', 'jobs.id', 'base_runs.base_id')
    .selectAll('base_runs')
    .select(['jobs.provider_id', 'jobs.project', 'jobs.customer'])
    .where('base_runs.job_id', 'in', ids)
    .orderBy('base_runs.external_id')
    .execute();
  return rows.map(({ provider_id, project, customer, ...row }) => ({
    ...row,
    base: provider_id === null ? null : { providerId: provider_id, project, customer },
  }));
}
