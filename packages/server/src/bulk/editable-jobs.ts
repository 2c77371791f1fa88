import { type BulkField, limits, type Scope, sees } from '@daybook/core';
import type { Kysely } from 'kysely';
import type { Actor } from '../actor.ts';
import type { Appender } from '../jobs/appender.ts';
import type { BulkRead, BulkWrite, Database, Transaction } from '../storage/index.ts';

/** What an edit of many jobs can change of one. */
export interface Said {
  readonly analysisStatus: string;
  readonly assessment: string | null;
  /** Sorted. */
  readonly tags: readonly string[];
}

export interface EditableJob extends Said {
  readonly id: number;
  readonly version: number;
}

/** A job and what shall be said of it. */
export interface Edit {
  readonly job: EditableJob;
  readonly next: Said;
}

const columns = [
  'id',
  'version',
  'analysis_status',
  'assessment',
  'provider_id',
  'project',
  'customer',
] as const;

interface Row {
  readonly id: number;
  readonly version: number;
  readonly analysis_status: string;
  readonly assessment: string | null;
  readonly provider_id: number;
  readonly project: string | null;
  readonly customer: string | null;
}

const readJobs: BulkRead = {
  name: 'read_editable_jobs',
  table: 'jobs',
  key: { id: 'int' },
  columns,
  orderBy: 'id',
  lock: true,
};
const writeJobs: BulkWrite = {
  name: 'write_edited_jobs',
  table: 'jobs',
  mode: 'update',
  key: ['id'],
  columns: { id: 'int', version: 'int', analysis_status: 'text', assessment: 'text', updated_at: 'int' },
};
const readTags: BulkRead = {
  name: 'read_edited_tags',
  table: 'job_tags',
  key: { job_id: 'int' },
  columns: ['job_id', 'tag'],
};
const writeTags: BulkWrite = {
  name: 'write_edited_tags',
  table: 'job_tags',
  mode: 'insert',
  columns: { job_id: 'int', tag: 'text' },
};
const writeEdits: BulkWrite = {
  name: 'write_bulk_edit_jobs',
  table: 'bulk_edit_jobs',
  mode: 'insert',
  columns: { edit_id: 'int', job_id: 'int', event_id: 'int' },
};

/** Those of the jobs that the scope sees, by id, locked until the transaction ends. */
export async function lockEditable(
  transaction: Transaction,
  scope: Scope,
  ids: readonly number[],
): Promise<EditableJob[]> {
  const keys = ids.map((id) => [id]);
  const rows = await transaction.read<Row>(readJobs, keys);
  return editable(rows, await transaction.read<{ job_id: number; tag: string }>(readTags, keys), scope);
}

/** The same without a lock, to say what would be. */
export async function readEditable(
  db: Kysely<Database>,
  scope: Scope,
  ids: readonly number[],
): Promise<EditableJob[]> {
  const rows = await db.selectFrom('jobs').select(columns).where('id', 'in', ids).orderBy('id').execute();
  const tags = await db.selectFrom('job_tags').selectAll().where('job_id', 'in', ids).execute();
  return editable(rows, tags, scope);
}

function editable(
  rows: readonly Row[],
  tags: readonly { job_id: number; tag: string }[],
  scope: Scope,
): EditableJob[] {
  const tagsOf = Map.groupBy(tags, ({ job_id }) => job_id);
  return rows
    .filter(({ project, provider_id, customer }) =>
      sees(scope, { project, providerId: provider_id, customer }),
    )
    .map(({ id, version, analysis_status, assessment }) => ({
      id,
      version,
      analysisStatus: analysis_status,
      assessment,
      tags: (tagsOf.get(id) ?? []).map(({ tag }) => tag).sort(),
    }));
}

/** The fields in which two verdicts differ. */
export function changedFields(a: Said, b: Said): BulkField[] {
  const fields: BulkField[] = [];
  if (a.analysisStatus !== b.analysisStatus) fields.push('analysisStatus');
  if (a.assessment !== b.assessment) fields.push('assessment');
  if (a.tags.join('\n') !== b.tags.join('\n')) fields.push('tags');
  return fields;
}

export function hasTooManyTags({ tags }: Said): boolean {
  return tags.length > limits.tagsPerJob;
}

/** Writes edits, each with the fact that says so, as part of the one with this number. */
export async function writeEdited(
  transaction: Transaction,
  { appender, actor, now, edit }: { appender: Appender; actor: Actor; now: number; edit: number },
  edits: readonly Edit[],
): Promise<void> {
  if (edits.length === 0) return;
  await transaction.write(
    writeJobs,
    edits.map(({ job, next }) => [job.id, job.version + 1, next.analysisStatus, next.assessment, now]),
  );
  const tagged = edits.filter(({ job, next }) => changedFields(job, next).includes('tags'));
  if (tagged.length > 0) {
    const ids = tagged.map(({ job }) => job.id);
    await transaction.db.deleteFrom('job_tags').where('job_id', 'in', ids).execute();
    await transaction.write(
      writeTags,
      tagged.flatMap(({ job, next }) => next.tags.map((tag) => [job.id, tag])),
    );
  }
  const entries = edits.map(({ job, next }) => ({
    jobId: job.id,
    event: { kind: 'annotation' as const, metadata: changesOf(job, next) },
  }));
  const receipts = await appender.appendWithin(transaction, { actor, entries });
  await transaction.write(
    writeEdits,
    receipts.map(({ jobId, id }) => [edit, jobId, id]),
  );
}

/** `{field: {from, to}}`, as every annotation is kept. */
function changesOf(job: EditableJob, next: Said): Record<string, { from: unknown; to: unknown }> {
  return Object.fromEntries(
    changedFields(job, next).map((field) => [field, { from: job[field], to: next[field] }]),
  );
}
