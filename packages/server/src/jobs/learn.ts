import type { LearnedField } from '@daybook/core';
import type { Actor } from '../actor.ts';
import type { Transaction } from '../storage/index.ts';
import type { Appender } from './appender.ts';
import { writeBaseRuns } from './base-runs.ts';

/** What a source found out of a job that it had told of before. */
export interface Learned {
  readonly jobId: number;
  readonly fields: Partial<Readonly<Record<LearnedField, string>>>;
  /** The whole context as it is now; left out if it is the same. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** What a job's own papers say where people write, too: taken only as long as nobody has written anything. */
  readonly papers?: { readonly info?: string; readonly baseRuns?: readonly string[] };
  /** `{field: {from, to}}`, for the fact. */
  readonly changes: Record<string, unknown>;
}

const columns = {
  name: 'name',
  user: 'user_name',
  solver: 'solver',
  submitDirectory: 'submit_directory',
  jobDirectory: 'job_directory',
  logFile: 'log_file',
  readmeFile: 'readme_file',
} as const satisfies Record<LearnedField, string>;

/** Writes machine columns, and the fact that they changed. What people wrote is in other columns. */
export async function learn(
  transaction: Transaction,
  appender: Appender,
  actor: Actor,
  all: readonly Learned[],
  now: number,
): Promise<void> {
  const { db } = transaction;
  for (const { jobId, fields, context, papers } of all) {
    const values = Object.entries(fields).map(([field, value]) => [columns[field as LearnedField], value]);
    await db
      .updateTable('jobs')
      .set({ ...Object.fromEntries(values), updated_at: now })
      .where('id', '=', jobId)
      .execute();
    if (papers !== undefined) await fillIn(transaction, actor, jobId, papers);
    if (context === undefined) continue;
    const text = JSON.stringify(context);
    await db
      .insertInto('documents')
      .values({ job_id: jobId, parameters: null, context: text, metadata: null })
      .onConflict((conflict) => conflict.column('job_id').doUpdateSet({ context: text }))
      .execute();
  }
  if (all.length === 0) return;
  const entries = all.map(({ jobId, changes }) => ({
    jobId,
    event: { kind: 'learned', metadata: changes } as const,
  }));
  await appender.appendWithin(transaction, { actor, entries });
}

/** What people wrote, or took away, stays: then the first save has raised the version. */
async function fillIn(
  transaction: Transaction,
  { scope }: Actor,
  jobId: number,
  { info, baseRuns }: NonNullable<Learned['papers']>,
): Promise<void> {
  const { db } = transaction;
  const untouched = await db
    .selectFrom('jobs')
    .select('id')
    .where('id', '=', jobId)
    .where('version', '=', 1)
    .executeTakeFirst();
  if (untouched === undefined) return;
  if (info !== undefined)
    await db
      .insertInto('annotations')
      .values({ job_id: jobId, info, summary: '' })
      .onConflict((conflict) =>
        conflict.column('job_id').doUpdateSet({ info }).where('annotations.info', '=', ''),
      )
      .execute();
  if (baseRuns === undefined) return;
  const known = db.selectFrom('base_runs').select('external_id').where('job_id', '=', jobId);
  if ((await known.executeTakeFirst()) === undefined)
    await writeBaseRuns(transaction, scope, jobId, baseRuns);
}

/** Gives a parent the children that were made before anybody knew of it. */
export async function adopt(
  { db }: Transaction,
  parentId: number,
  childIds: readonly number[],
): Promise<void> {
  if (childIds.length === 0) return;
  await db
    .updateTable('jobs')
    .set({ parent_id: parentId })
    .where('id', 'in', childIds)
    .where('parent_id', 'is', null)
    .execute();
}

/** Notes that reported jobs are alive, whatever little changed. */
export async function noteAlive({ db }: Transaction, ids: readonly number[], now: number): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('jobs')
    .set({ seen_at: now, stalled: 0 })
    .where('id', 'in', ids)
    .where('execution', '=', 'reported')
    .execute();
}
