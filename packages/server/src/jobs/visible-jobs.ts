import { DaybookError, type Scope } from '@daybook/core';
import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import type { Database } from '../storage/index.ts';

/**
 * The one predicate of who may see a job, as SQL; every query on jobs has it. It is `sees` of core in another form, and
 * a test compares the two on random scopes and jobs.
 */
export function visibleJobs(scope: Scope) {
  return (eb: ExpressionBuilder<Database, 'jobs'>): Expression<SqlBool> => {
    if (scope.all) return sql<SqlBool>`1 = 1`;
    const ways: Expression<SqlBool>[] = [];
    if (scope.projects.length > 0) ways.push(eb('jobs.project', 'in', scope.projects));
    if (scope.providerId !== 0) ways.push(eb('jobs.provider_id', '=', scope.providerId));
    for (const { providerId, customer } of scope.customers)
      ways.push(eb.and([eb('jobs.provider_id', '=', providerId), eb('jobs.customer', '=', customer)]));
    return ways.length > 0 ? eb.or(ways) : sql<SqlBool>`1 = 0`;
  };
}

/** Throws `not_found` for a job that the scope does not see, as for one that is not there. */
export async function refuseUnseen(db: Kysely<Database>, scope: Scope, jobId: number): Promise<void> {
  const seen = await db
    .selectFrom('jobs')
    .select('id')
    .where('id', '=', jobId)
    .where(visibleJobs(scope))
    .executeTakeFirst();
  if (seen === undefined)
    throw new DaybookError('not_found', `There is no job ${jobId}, or you may not see it.`);
}
