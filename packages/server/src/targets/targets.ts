import {
  DaybookError,
  type Scope,
  type Target,
  type TargetListQuery,
  type TargetPatch,
  toIso,
} from '@daybook/core';
import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import { record } from '../access/audit.ts';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import { visibleJobs } from '../jobs/visible-jobs.ts';
import { decodeCursor, encodeCursor } from '../paging.ts';
import type { Database, Store } from '../storage/index.ts';

/** What a page of targets is read with: `long` for what may have to look at many. */
export interface Reads {
  readonly short: Kysely<Database>;
  readonly long: Kysely<Database>;
}

/**
 * A page of the targets that have a job which the scope sees, by name. Their last job is the newest of those that it
 * sees. Throws `invalid_cursor`.
 */
export async function listTargets(
  reads: Reads,
  scope: Scope,
  query: TargetListQuery,
): Promise<{ items: Target[]; nextCursor?: string }> {
  const { limit, cursor, q, status, group } = query;
  const narrow = q !== undefined || status !== undefined || group !== undefined || !scope.all;
  const after = cursor === undefined ? undefined : decodeCursor('targets', cursor, ['text'])[0];
  const rows = await targetRows(narrow ? reads.long : reads.short, scope)
    .$if(q !== undefined, (rows) =>
      // Not LIKE: SQLite's knows no case.
      rows.where(sql<string>`substr(targets.name, 1, ${[...(q as string)].length})`, '=', q as string),
    )
    .$if(status !== undefined, (rows) => rows.where('last.status', '=', status as string))
    .$if(group !== undefined, (rows) => rows.where('targets.group_name', '=', group as string))
    .$if(after !== undefined, (rows) => rows.where('targets.name', '>', after as string))
    .orderBy('targets.name')
    .limit(limit + 1)
    .execute();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(targetOf),
    ...(rows.length > limit && last && { nextCursor: encodeCursor('targets', [last.name]) }),
  };
}

/** One target, if the scope sees a job of it. Throws `not_found`. */
export async function findTarget(db: Kysely<Database>, scope: Scope, name: string): Promise<Target> {
  const row = await targetRows(db, scope).where('targets.name', '=', name).executeTakeFirst();
  if (row === undefined)
    throw new DaybookError('not_found', 'There is no such target, or you may not see it.');
  return targetOf(row);
}

/** Puts a target into a group, or out of it: limits of the queue count per group. Throws `not_found`. */
export async function patchTarget(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  actor: Actor,
  name: string,
  { group }: TargetPatch,
): Promise<Target> {
  return await store.write(async (transaction) => {
    const { db } = transaction;
    const before = await findTarget(db, actor.scope, name);
    if (before.group === group) return before;
    const now = clock.now();
    await db
      .updateTable('targets')
      .set({ group_name: group, updated_at: now })
      .where('name', '=', name)
      .execute();
    await record(transaction, {
      at: now,
      actor: actor.label,
      action: 'target.group',
      subject: `target:${name}`,
      detail: { from: before.group, to: group },
    });
    // Work that a full group held up may go on in another one.
    await store.announceFacts(transaction);
    return await findTarget(db, actor.scope, name);
  });
}

type TargetRow = Awaited<ReturnType<ReturnType<typeof targetRows>['execute']>>[number];

/** Targets with the newest of their jobs that the scope sees; that which holds them is told only if it sees it. */
function targetRows(db: Kysely<Database>, scope: Scope) {
  const visible = visibleJobs(scope) as unknown as (
    eb: ExpressionBuilder<Database, 'jobs' | 'targets'>,
  ) => ReturnType<ReturnType<typeof visibleJobs>>;
  return db
    .selectFrom('targets')
    .innerJoin('jobs as last', (join) =>
      join.on('last.id', '=', (eb) =>
        (eb as unknown as ExpressionBuilder<Database, 'targets'>)
          .selectFrom('jobs')
          .select('jobs.id')
          .whereRef('jobs.target', '=', 'targets.name')
          .where(visible)
          .orderBy('jobs.id', 'desc')
          .limit(1),
      ),
    )
    .select((eb) =>
      (eb as unknown as ExpressionBuilder<Database, 'targets'>)
        .selectFrom('jobs')
        .select('jobs.id')
        .whereRef('jobs.id', '=', 'targets.active_job_id')
        .where(visible)
        .as('active_job_id'),
    )
    .select([
      'targets.name',
      'targets.group_name',
      'targets.updated_at',
      'last.id as job_id',
      'last.name as job_name',
      'last.status',
      'last.operation',
      'last.user_name',
      'last.updated_at as job_updated_at',
    ]);
}

function targetOf(row: TargetRow): Target {
  return {
    name: row.name,
    group: row.group_name,
    activeJobId: row.active_job_id,
    lastJob: {
      id: row.job_id,
      name: row.job_name,
      status: row.status as Target['lastJob']['status'],
      operation: row.operation,
      user: row.user_name,
      at: toIso(row.job_updated_at),
    },
    updatedAt: toIso(row.updated_at),
  };
}
