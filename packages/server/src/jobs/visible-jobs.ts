import type { Scope } from '@daybook/core';
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
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
