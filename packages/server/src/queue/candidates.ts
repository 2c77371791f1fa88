import type { Scope } from '@daybook/core';
import { type SqlBool, sql } from 'kysely';
import { type Documents, jobsWithTexts } from '../jobs/find-jobs.ts';
import type { JobRow } from '../jobs/job-rows.ts';
import type { Paused } from '../maintenance/gate.ts';
import type { EngineProfile, Transaction } from '../storage/index.ts';

/** Which jobs a claim is about. */
export interface Wanted {
  readonly scope: Scope;
  readonly configurations: readonly string[] | undefined;
  readonly operations: readonly string[] | undefined;
  /** Whether Daybook itself asks: what it does itself is given to nobody else. */
  readonly ownWork: boolean;
}

/** What must not be handed out just now. */
export interface Closed {
  readonly paused: Paused;
  /** Configurations that have as many running jobs as they may. */
  readonly fullConfigurations: readonly string[];
  /** Groups of targets that do. */
  readonly fullGroups: readonly string[];
}

/** A job that waits, with its documents and the group of its target, and whether there is more to load of it. */
export type Candidate = JobRow & {
  readonly group_name: string | null;
  /** JSON of an array of its {@link documents}, or null. */
  readonly documents: string | null;
} & Readonly<Record<Part, Flag>>;

/** What nearly every job has is found with it, on one look: for most claims there is nothing more to ask. */
const documents = ['parameters', 'context', 'metadata'] as const;
/** Tables that hold parts of jobs: what is known to be empty is not asked for. */
const parts = ['steps', 'job_tags', 'base_runs'] as const;
type Part = (typeof parts)[number];
/** A truth value as the engines answer it. */
type Flag = SqlBool;

/** The ids of those that have such parts. */
export function having(rows: readonly Candidate[], part: Part): number[] {
  return rows.flatMap((row) => (row[part] ? [row.id] : []));
}

/** Put together as text, which both engines do alike, and as one column: as three, PostgreSQL would look three times. */
const documentsOfJob = sql<string | null>`(SELECT '[' || ${sql.join(
  documents.map((name) => sql`coalesce(CAST(${sql.ref(name)} AS TEXT), 'null')`),
  sql` || ',' || `,
)} || ']' FROM documents WHERE job_id = jobs.id)`;

/** What belongs to a job besides its row. */
export function documentsOf({ documents }: Candidate): Documents {
  const [parameters, context, metadata] = documents === null ? [] : JSON.parse(documents);
  return { parameters: parameters ?? null, context: context ?? null, metadata: metadata ?? null };
}

/** Word for word as in the indexes `jobs_waiting` and `jobs_waiting_of`: SQLite takes them for nothing else. */
export const WAITING = sql<boolean>`jobs.status = 'queued' AND jobs.execution = 'claimed'`;

/**
 * The first `limit` jobs that may be claimed, highest priority first, then oldest. On PostgreSQL they are locked, and
 * those that another process holds are skipped, so that no job is handed out twice and nobody waits.
 */
export async function findCandidates(
  transaction: Transaction,
  profile: EngineProfile,
  wanted: Wanted,
  closed: Closed,
  { now, limit }: { now: number; limit: number },
): Promise<Candidate[]> {
  const { configurations } = wanted;
  const { paused, fullConfigurations } = closed;
  if (paused.all && paused.unpausable.size === 0) return [];
  const find = (tag: string | undefined) =>
    candidates(transaction, profile, wanted, closed, tag, { now, limit });
  if (configurations === undefined) return find(undefined);
  // One after the other, because the index holds the jobs of one configuration in order.
  const found: Candidate[] = [];
  for (const tag of new Set(configurations))
    if (!fullConfigurations.includes(tag)) found.push(...(await find(tag)));
  return found.sort((a, b) => b.priority - a.priority || a.id - b.id).slice(0, limit);
}

async function candidates(
  { db }: Transaction,
  profile: EngineProfile,
  { scope, operations }: Wanted,
  { paused, fullConfigurations, fullGroups }: Closed,
  tag: string | undefined,
  { now, limit }: { now: number; limit: number },
): Promise<Candidate[]> {
  let query = jobsWithTexts(db, scope, 'whole')
    .leftJoin('targets', 'targets.name', 'jobs.target')
    .select('targets.group_name')
    .select(
      parts.map((part) =>
        // Not `EXISTS`: PostgreSQL would read the whole table once instead of looking for 500 jobs by its index.
        sql<Flag>`(SELECT 1 FROM ${sql.table(part)} AS part WHERE part.job_id = jobs.id LIMIT 1) IS NOT NULL`.as(
          part,
        ),
      ),
    )
    .select(documentsOfJob.as('documents'))
    .where(WAITING)
    .where((eb) => eb.or([eb('jobs.run_after', 'is', null), eb('jobs.run_after', '<=', now)]))
    .orderBy('jobs.priority', 'desc')
    .orderBy('jobs.id')
    .limit(limit);
  if (tag !== undefined) query = query.where('jobs.configuration_tag', '=', tag);
  if (operations !== undefined) query = query.where('jobs.operation', 'in', operations);
  if (fullConfigurations.length > 0)
    query = query.where((eb) =>
      eb.or([
        eb('jobs.configuration_tag', 'is', null),
        eb('jobs.configuration_tag', 'not in', fullConfigurations),
      ]),
    );
  if (fullGroups.length > 0)
    query = query.where((eb) =>
      eb.or([eb('targets.group_name', 'is', null), eb('targets.group_name', 'not in', fullGroups)]),
    );
  if (paused.all || paused.tags.size > 0)
    query = query.where((eb) => {
      const goesOn = eb('jobs.configuration_id', 'in', [...paused.unpausable, -1]);
      if (paused.all) return goesOn;
      const tags = [...paused.tags];
      const other = eb.or([
        eb('jobs.configuration_tag', 'is', null),
        eb('jobs.configuration_tag', 'not in', tags),
      ]);
      return eb.or([goesOn, other]);
    });
  if (!profile.soleWriter) query = query.forNoKeyUpdate('jobs').skipLocked();
  return query.execute();
}
