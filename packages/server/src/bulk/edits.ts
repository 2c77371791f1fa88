import { DaybookError } from '@daybook/core';
import type { Kysely } from 'kysely';
import type { Actor } from '../actor.ts';
import type { Database, Transaction } from '../storage/index.ts';

/** Remembers that an edit of many jobs begins; answers its number. */
export async function beginEdit({ db }: Transaction, actor: Actor, now: number): Promise<number> {
  const { id } = await db
    .insertInto('bulk_edits')
    .values({ actor_kind: actor.kind, actor_id: actor.id, created_at: now, undone_at: null })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** What an edit said of one of its jobs: `{field: {from, to}}`. */
export interface EditedJob {
  readonly jobId: number;
  readonly changes: Partial<Record<string, { from: unknown; to: unknown }>>;
}

/**
 * The jobs of an edit, oldest first.
 *
 * @throws DaybookError `not_found` for an edit of somebody else, unless an admin asks; `conflict` for one that is undone
 */
export async function jobsOfEdit(db: Kysely<Database>, actor: Actor, id: number): Promise<EditedJob[]> {
  const edit = await db.selectFrom('bulk_edits').selectAll().where('id', '=', id).executeTakeFirst();
  const isOwn = edit?.actor_kind === actor.kind && edit.actor_id === actor.id;
  if (edit === undefined || !(isOwn || actor.role === 'admin'))
    throw new DaybookError('not_found', `There is no edit ${id} of yours; they are kept for 30 days.`);
  if (edit.undone_at !== null) throw new DaybookError('conflict', `Edit ${id} was undone already.`);
  // Which of the jobs may be seen is asked again where they are locked.
  const rows = await db
    .selectFrom('bulk_edit_jobs')
    .innerJoin('events', (join) =>
      join
        .onRef('events.job_id', '=', 'bulk_edit_jobs.job_id')
        .onRef('events.id', '=', 'bulk_edit_jobs.event_id'),
    )
    .select(['bulk_edit_jobs.job_id', 'events.metadata'])
    .where('bulk_edit_jobs.edit_id', '=', id)
    .orderBy('bulk_edit_jobs.job_id')
    .execute();
  return rows.map(({ job_id, metadata }) => ({ jobId: job_id, changes: JSON.parse(metadata ?? '{}') }));
}

export async function markUndone({ db }: Transaction, id: number, now: number): Promise<void> {
  await db.updateTable('bulk_edits').set({ undone_at: now }).where('id', '=', id).execute();
}

/** Forgets edits that nobody will undo any more. */
export async function forgetEdits({ db }: Transaction, before: number): Promise<void> {
  await db
    .deleteFrom('bulk_edit_jobs')
    .where('edit_id', 'in', (old) =>
      old.selectFrom('bulk_edits').select('id').where('created_at', '<', before),
    )
    .execute();
  await db.deleteFrom('bulk_edits').where('created_at', '<', before).execute();
}
