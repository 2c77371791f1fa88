import {
  type JobFilter,
  type JobListQuery,
  type JobSort,
  type JobSummary,
  jobFilterShape,
  type Scope,
} from '@daybook/core';
import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import { decodeCursor, encodeCursor } from '../paging.ts';
import type { Database } from '../storage/index.ts';
import { jobsWithTexts, summaries } from './find-jobs.ts';
import { visibleJobs } from './visible-jobs.ts';

export interface JobPage {
  items: JobSummary[];
  nextCursor?: string;
  total?: number;
  /** False when there are more than were counted. */
  totalIsExact?: boolean;
}

/** Counting further is not worth the wait: "10,000+" says enough. */
const COUNTED = 10_000;

type SortColumn = 'id' | 'submitted_at' | 'updated_at' | 'ended_at' | 'name';

const sorts: Record<JobSort, { column: SortColumn; direction: 'asc' | 'desc' }> = {
  id: { column: 'id', direction: 'asc' },
  '-id': { column: 'id', direction: 'desc' },
  submittedAt: { column: 'submitted_at', direction: 'asc' },
  '-submittedAt': { column: 'submitted_at', direction: 'desc' },
  updatedAt: { column: 'updated_at', direction: 'asc' },
  '-updatedAt': { column: 'updated_at', direction: 'desc' },
  '-endedAt': { column: 'ended_at', direction: 'desc' },
  name: { column: 'name', direction: 'asc' },
};

/**
 * A page of jobs by keyset: every page costs the same, and jobs that arrive meanwhile shift nothing. What no index serves
 * is read by `long`: on a large diary it would hold up the event loop.
 */
export async function listJobs(
  reads: { short: Kysely<Database>; long: Kysely<Database> },
  scope: Scope,
  query: JobListQuery,
): Promise<JobPage> {
  const { column, direction } = sorts[query.sort];
  const page = jobsWithTexts(isShort(query) ? reads.short : reads.long, scope)
    .where((eb) => filteredJobs(query)(eb as never))
    .$if(column === 'ended_at', (rows) => rows.where('jobs.ended_at', 'is not', null))
    .$if(query.cursor !== undefined, (rows) => rows.where(after(column, direction, query)))
    .orderBy(`jobs.${column}`, direction)
    .$if(column !== 'id', (rows) => rows.orderBy('jobs.id', direction))
    .limit(query.limit + 1);
  const [rows, total] = await Promise.all([
    page.execute(),
    query.total ? countJobs(reads.long, scope, query) : undefined,
  ]);
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    items: await summaries(reads.short, shown),
    ...(rows.length > shown.length &&
      last && { nextCursor: encodeCursor(query.sort, [last[column], last.id]) }),
    ...(total !== undefined && { total: Math.min(total, COUNTED), totalIsExact: total <= COUNTED }),
  };
}

const filters = Object.keys(jobFilterShape) as (keyof JobFilter)[];

/** Served by an index in the order asked for: no filter, and a sort that has one. */
function isShort(query: JobListQuery): boolean {
  const { column } = sorts[query.sort];
  return column !== 'name' && column !== 'updated_at' && filters.every((name) => query[name] === undefined);
}

function after(column: SortColumn, direction: 'asc' | 'desc', query: JobListQuery): Expression<SqlBool> {
  const shape = [column === 'name' ? 'text' : 'number', 'number'] as const;
  const [value, id] = decodeCursor(query.sort, query.cursor as string, shape);
  const than = sql.raw(direction === 'asc' ? '>' : '<');
  if (column === 'id') return sql<SqlBool>`jobs.id ${than} ${id}`;
  return sql<SqlBool>`(${sql.ref(`jobs.${column}`)}, jobs.id) ${than} (${value}, ${id})`;
}

async function countJobs(db: Kysely<Database>, scope: Scope, filter: JobFilter): Promise<number> {
  const some = db
    .selectFrom('jobs')
    .select('jobs.id')
    .where(visibleJobs(scope))
    .where(filteredJobs(filter))
    .limit(COUNTED + 1);
  const { count } = await db
    .selectFrom(some.as('some'))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The plain filters as SQL. Values of one filter are alternatives; filters narrow each other. */
export function filteredJobs(filter: JobFilter) {
  return (eb: ExpressionBuilder<Database, 'jobs'>): Expression<SqlBool> => {
    const among = <C extends keyof Database['jobs'] & string>(
      column: C,
      values: readonly string[] | undefined,
    ) => (values === undefined ? [] : [eb(`jobs.${column}` as never, 'in', values as never)]);
    const all: Expression<SqlBool>[] = [
      ...among('status', filter.status),
      ...among('kind', filter.kind),
      ...among('project', filter.project),
      ...among('user_name', filter.user),
      ...among('configuration_tag', filter.configuration),
      ...among('configuration_version', filter.configurationVersion),
      ...among('source', filter.source),
      ...among('target', filter.target),
      ...among('execution', filter.execution),
      ...among('external_id', filter.externalId),
      ...among('analysis_status', filter.analysisStatus),
    ];
    if (filter.assessment !== undefined) all.push(assessed(eb, filter.assessment));
    if (filter.tag !== undefined)
      all.push(
        eb('jobs.id', 'in', (sub) =>
          sub
            .selectFrom('job_tags')
            .select('job_id')
            .where('tag', 'in', filter.tag as string[]),
        ),
      );
    if (filter.parentId !== undefined) all.push(eb('jobs.parent_id', '=', filter.parentId));
    if (filter.stalled !== undefined) all.push(eb('jobs.stalled', '=', filter.stalled ? 1 : 0));
    if (filter.submittedAfter !== undefined) all.push(eb('jobs.submitted_at', '>=', filter.submittedAfter));
    if (filter.submittedBefore !== undefined) all.push(eb('jobs.submitted_at', '<', filter.submittedBefore));
    return all.length > 0 ? eb.and(all) : sql<SqlBool>`1 = 1`;
  };
}

function assessed(eb: ExpressionBuilder<Database, 'jobs'>, wanted: readonly string[]): Expression<SqlBool> {
  const said = wanted.filter((each) => each !== 'none');
  const ways: Expression<SqlBool>[] = [];
  if (said.length > 0) ways.push(eb('jobs.assessment', 'in', said));
  if (said.length < wanted.length) ways.push(eb('jobs.assessment', 'is', null));
  return eb.or(ways);
}
