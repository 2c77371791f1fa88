import { type BulkField, bulkFields, type UndoOutcome } from '@daybook/core';
import { record } from '../access/audit.ts';
import type { Actor } from '../actor.ts';
import type { Transaction } from '../storage/index.ts';
import type { BulkParts } from './bulk-actions.ts';
import { chunksOf } from './chunks.ts';
import { type Edit, type EditableJob, lockEditable, type Said, writeEdited } from './editable-jobs.ts';
import { beginEdit, type EditedJob, jobsOfEdit, markUndone } from './edits.ts';

/** Jobs that are named of those that were changed since. */
const NAMED = 100;

interface Progress {
  readonly edit: number | null;
  readonly restored: number;
  readonly refused: UndoOutcome['changedSince'];
}

/**
 * Puts back what an edit of many jobs has changed, field by field, where it still says what the edit said. What somebody
 * has changed since stays, and the answer says where. Undoing is an edit itself, which can be undone.
 *
 * @throws DaybookError `not_found`, `conflict`, or whatever the first chunk throws
 */
export async function undoEdit(
  parts: BulkParts,
  actor: Actor,
  id: number,
  gone: AbortSignal,
): Promise<UndoOutcome> {
  const jobs = await jobsOfEdit(parts.store.read, actor, id);
  const chunks = chunksOf(jobs);
  let done: Progress = { edit: null, restored: 0, refused: [] };
  let interrupted: string | undefined;
  for (const [n, chunk] of chunks.entries()) {
    if (gone.aborted) interrupted = 'Whoever asked has gone.';
    if (interrupted !== undefined) break;
    const before = done;
    try {
      done = await parts.appender.write(async (transaction) => {
        const after = await undoChunk(parts, transaction, actor, chunk, before);
        if (n === chunks.length - 1) await finish(parts, transaction, actor, id, after);
        return after;
      });
    } catch (error) {
      if (n === 0) throw error;
      parts.log.error({ err: error, edit: id }, 'the undoing of an edit was interrupted');
      interrupted = 'The database refused the next jobs. Try again for the rest.';
    }
  }
  return {
    edit: done.edit,
    restored: done.restored,
    refused: done.refused.length,
    changedSince: done.refused.slice(0, NAMED),
    ...(interrupted !== undefined && { interrupted }),
  };
}

async function undoChunk(
  { appender, clock }: BulkParts,
  transaction: Transaction,
  actor: Actor,
  edited: readonly EditedJob[],
  before: Progress,
): Promise<Progress> {
  const now = clock.now();
  const jobs = await lockEditable(
    transaction,
    actor.scope,
    edited.map(({ jobId }) => jobId),
  );
  const changesOf = new Map(edited.map(({ jobId, changes }) => [jobId, changes]));
  const edits: Edit[] = [];
  const refused = [...before.refused];
  for (const job of jobs) {
    const { next, fields, kept } = restored(job, changesOf.get(job.id) ?? {});
    if (fields > 0) edits.push({ job, next });
    if (kept.length > 0) refused.push({ jobId: job.id, fields: kept });
  }
  let { edit } = before;
  if (edits.length > 0) {
    edit ??= await beginEdit(transaction, actor, now);
    await writeEdited(transaction, { appender, actor, now, edit }, edits);
  }
  return { edit, restored: before.restored + edits.length, refused };
}

/** What a job says again, how many fields that changes, and those that somebody has changed since. */
function restored(
  job: EditableJob,
  changes: EditedJob['changes'],
): { next: Said; fields: number; kept: BulkField[] } {
  const next: Record<string, unknown> = { ...job };
  const kept: BulkField[] = [];
  let fields = 0;
  for (const field of bulkFields) {
    const change = changes[field];
    if (change === undefined) continue;
    if (JSON.stringify(job[field]) === JSON.stringify(change.to)) {
      next[field] = change.from;
      fields += 1;
    } else if (JSON.stringify(job[field]) !== JSON.stringify(change.from)) kept.push(field);
  }
  return { next: next as unknown as Said, fields, kept };
}

async function finish(
  { clock }: BulkParts,
  transaction: Transaction,
  actor: Actor,
  id: number,
  { edit, restored: count, refused }: Progress,
): Promise<void> {
  const now = clock.now();
  await markUndone(transaction, id, now);
  await record(transaction, {
    at: now,
    actor: actor.label,
    action: 'jobs.edit.undo',
    subject: 'jobs',
    detail: { undone: id, edit, restored: count, refused: refused.length },
  });
}
