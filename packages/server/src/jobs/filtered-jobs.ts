import type { JobFilter } from '@daybook/core';
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { Database } from '../storage/index.ts';
import { queriedJobs } from './queried-jobs.ts';

/**
 * The filters of a list as SQL, and its query. Values of one filter are alternatives; filters narrow each other.
 */
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
      ...among('solver', filter.solver),
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
    if (filter.q !== undefined) all.push(queriedJobs(filter.q));
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
