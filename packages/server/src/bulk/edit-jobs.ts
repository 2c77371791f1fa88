import type { BulkChanges, BulkEdit, BulkEditOutcome, BulkEditPreview, EditSkip } from '@daybook/core';
import { amend, record } from '../access/audit.ts';
import type { Actor } from '../actor.ts';
import type { Transaction } from '../storage/index.ts';
import type { BulkParts } from './bulk-actions.ts';
import { type ChoosingParts, chooseJobs } from './candidates.ts';
import { chunksOf } from './chunks.ts';
import {
  changedFields,
  type Edit,
  type EditableJob,
  hasTooManyTags,
  lockEditable,
  readEditable,
  type Said,
  writeEdited,
} from './editable-jobs.ts';
import { beginEdit } from './edits.ts';
import { Tally } from './verdicts.ts';

/** Says what {@link editMany} would do, and does nothing. */
export async function previewEdit(
  parts: ChoosingParts,
  actor: Actor,
  input: BulkEdit,
): Promise<BulkEditPreview> {
  const { store } = parts;
  const { ids, more } = await chooseJobs(parts, actor, input);
  let total = new Tally<EditSkip>();
  for (const chunk of chunksOf(ids)) {
    const jobs = await readEditable(store.people, actor.scope, chunk);
    total = total.plus(divide(jobs, chunk.length, input.changes).tally);
  }
  return { matches: ids.length, applicable: total.changed, skipped: total.skipped, more };
}

/**
 * Says the same of many jobs, oldest first. A chunk of them is one transaction: done whole or not at all. If it is
 * interrupted, what was done is done, and the answer says how much. The facts of all jobs are remembered as one edit,
 * which can be undone.
 *
 * @throws whatever the first chunk throws
 */
export async function editMany(
  parts: BulkParts,
  actor: Actor,
  input: BulkEdit,
  gone: AbortSignal,
): Promise<BulkEditOutcome> {
  const { ids, more } = await chooseJobs(parts, actor, input);
  let done: Progress = { edit: null, entry: undefined, total: new Tally() };
  let interrupted: string | undefined;
  for (const chunk of chunksOf(ids)) {
    if (gone.aborted) interrupted = 'Whoever asked has gone.';
    if (interrupted !== undefined) break;
    const before = done;
    try {
      done = await parts.appender.write((transaction) =>
        editChunk(parts, transaction, actor, input, chunk, before),
      );
    } catch (error) {
      if (before.edit === null) throw error;
      parts.log.error({ err: error, changed: before.total.changed }, 'an edit of many jobs was interrupted');
      interrupted = 'The database refused the next jobs. Try again for the rest.';
    }
  }
  const { edit, total } = done;
  return {
    edit,
    changed: total.changed,
    skipped: total.skipped,
    more,
    ...(interrupted !== undefined && { interrupted }),
  };
}

interface Progress {
  /** Number of the edit, once something has changed. */
  readonly edit: number | null;
  /** Of the audit. */
  readonly entry: number | undefined;
  readonly total: Tally<EditSkip>;
}

async function editChunk(
  { appender, clock }: BulkParts,
  transaction: Transaction,
  actor: Actor,
  { changes, filter, ids: named }: BulkEdit,
  ids: readonly number[],
  before: Progress,
): Promise<Progress> {
  const now = clock.now();
  const jobs = await lockEditable(transaction, actor.scope, ids);
  const { edits, tally } = divide(jobs, ids.length, changes);
  const total = before.total.plus(tally);
  if (edits.length === 0) return { ...before, total };
  const edit = before.edit ?? (await beginEdit(transaction, actor, now));
  await writeEdited(transaction, { appender, actor, now, edit }, edits);
  const detail = {
    edit,
    changes,
    ...(filter !== undefined && { filter }),
    ...(named !== undefined && { ids: named.length }),
    changed: total.changed,
  };
  if (before.entry !== undefined) {
    await amend(transaction, before.entry, detail);
    return { edit, entry: before.entry, total };
  }
  const entry = await record(transaction, {
    at: now,
    actor: actor.label,
    action: 'jobs.edit',
    subject: 'jobs',
    detail,
  });
  return { edit, entry, total };
}

/** Divides jobs into those that change and the others, which are counted by their reasons. */
function divide(
  jobs: readonly EditableJob[],
  asked: number,
  changes: BulkChanges,
): { edits: Edit[]; tally: Tally<EditSkip> } {
  const tally = new Tally<EditSkip>();
  tally.skip('not_found', asked - jobs.length);
  const edits = jobs
    .map((job) => ({ job, next: edited(job, changes) }))
    .filter(({ job, next }) => {
      if (changedFields(job, next).length === 0) tally.skip('unchanged');
      else if (hasTooManyTags(next)) tally.skip('too_many_tags');
      else return true;
      return false;
    });
  tally.changed = edits.length;
  return { edits, tally };
}

function edited(
  job: EditableJob,
  { analysisStatus, assessment, addTags = [], removeTags = [] }: BulkChanges,
): Said {
  const kept = job.tags.filter((tag) => !removeTags.includes(tag));
  const tags = new Set([...kept, ...addTags]);
  return {
    analysisStatus: analysisStatus ?? job.analysisStatus,
    assessment: assessment === undefined ? job.assessment : assessment,
    tags: [...tags].sort(),
  };
}
