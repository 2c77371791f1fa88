import {
  DaybookError,
  humanFields,
  isActive,
  isEnded,
  type Job,
  type JobPatch,
  type JobStatus,
  mayBecome,
} from '@daybook/core';
import type { Actor } from '../actor.ts';
import type { Transaction } from '../storage/index.ts';
import type { Appender } from './appender.ts';
import { writeBaseRuns } from './base-runs.ts';
import { findJobs } from './find-jobs.ts';
import { holdTarget } from './targets.ts';

type FoundJob = Omit<Job, 'timeLeft'>;

/**
 * What a person changes of a job: its human columns under their version, and its status as a correction. The change is
 * a fact of its own, with what was before. Throws `not_found`, `version_conflict` (with the job as it is now),
 * `illegal_transition`.
 */
export async function patchJob(
  appender: Appender,
  actor: Actor,
  id: number,
  patch: JobPatch & { version: number },
  now: number,
): Promise<void> {
  await appender.write(async (transaction) => {
    const job = await lockJob(transaction, actor, id);
    if (job.version !== patch.version)
      throw new DaybookError(
        'version_conflict',
        `Job ${id} is at version ${job.version} now. Nothing was stored.`,
        {
          extra: { current: job },
        },
      );
    const { status } = patch;
    const changes = changesOf(job, patch);
    if (Object.keys(changes).length > 0) {
      await writeHumanColumns(transaction, actor, job, patch, now);
      const event = { kind: 'annotation', metadata: changes } as const;
      await appender.appendWithin(transaction, { actor, entries: [{ jobId: id, event }] });
    }
    if (status !== undefined && status !== job.status) {
      if (isActive(job.status)) throw stillActive(job, status);
      refuseUnless(mayBecome(job.status, status, 'correction') && status !== 'queued', job, status);
      await changeStatus(transaction, appender, actor, id, status, 'correction');
    }
  });
}

/** A new attempt of a job that has ended. Throws `illegal_transition`, `target_busy`. */
export async function retryJob(
  appender: Appender,
  actor: Actor,
  id: number,
  message: string | undefined,
  now: number,
) {
  await appender.write(async (transaction) => {
    const job = await lockJob(transaction, actor, id);
    refuseUnless(isEnded(job.status), job, 'queued');
    if (job.target !== null) await holdTarget(transaction, actor.scope, job.target, id, now);
    await changeStatus(transaction, appender, actor, id, 'queued', 'retry', message);
  });
}

/** Ends an active job as canceled. A job that is canceled already stays so; any other end is `illegal_transition`. */
export async function cancelJob(appender: Appender, actor: Actor, id: number, message: string | undefined) {
  await appender.write(async (transaction) => {
    const job = await lockJob(transaction, actor, id);
    if (job.status === 'canceled') return;
    refuseUnless(!isEnded(job.status), job, 'canceled');
    await changeStatus(transaction, appender, actor, id, 'canceled', 'report', message);
  });
}

function stillActive(job: FoundJob, to: JobStatus): DaybookError {
  return new DaybookError(
    'illegal_transition',
    `Job ${job.id} is ${job.status}: only how an ended job ended can be corrected. To end it, cancel it. Nothing was stored.`,
    { extra: { from: job.status, to } },
  );
}

function refuseUnless(allowed: boolean, job: FoundJob, to: JobStatus): void {
  if (allowed) return;
  throw new DaybookError(
    'illegal_transition',
    `Job ${job.id} is ${job.status}: it cannot become ${to} now.`,
    {
      extra: { from: job.status, to },
    },
  );
}

async function changeStatus(
  transaction: Transaction,
  appender: Appender,
  actor: Actor,
  jobId: number,
  status: JobStatus,
  cause: 'correction' | 'retry' | 'report',
  message?: string,
): Promise<void> {
  const event = { kind: 'status', status, ...(message !== undefined && { message }) } as const;
  await appender.appendWithin(transaction, { actor, cause, unfenced: true, entries: [{ jobId, event }] });
}

async function lockJob(transaction: Transaction, actor: Actor, id: number): Promise<FoundJob> {
  // The row is locked first, so that nobody changes it between the look and the write.
  await transaction.db.updateTable('jobs').set({ id }).where('id', '=', id).execute();
  const [job] = await findJobs(transaction.db, actor.scope, [id]);
  if (job === undefined) throw new DaybookError('not_found', `There is no job ${id}, or you may not see it.`);
  return job;
}

/** `{field: {from, to}}` of what differs. */
function changesOf(job: FoundJob, patch: JobPatch): Record<string, { from: unknown; to: unknown }> {
  const before = { ...job, baseRuns: job.baseRuns.map((base) => base.externalId ?? `#${base.id}`) };
  const changes: Record<string, { from: unknown; to: unknown }> = {};
  for (const field of humanFields) {
    const to = patch[field];
    if (to === undefined) continue;
    const from = before[field];
    if (JSON.stringify(normal(from)) !== JSON.stringify(normal(to))) changes[field] = { from, to };
  }
  return changes;
}

/** Tags and base runs are sets. */
function normal(value: unknown): unknown {
  return Array.isArray(value) ? [...new Set(value)].sort() : value;
}

async function writeHumanColumns(
  transaction: Transaction,
  actor: Actor,
  job: FoundJob,
  patch: JobPatch,
  now: number,
): Promise<void> {
  const { db } = transaction;
  await db
    .updateTable('jobs')
    .set({
      version: job.version + 1,
      updated_at: now,
      ...(patch.analysisStatus !== undefined && { analysis_status: patch.analysisStatus }),
      ...(patch.assessment !== undefined && { assessment: patch.assessment }),
    })
    .where('id', '=', job.id)
    .execute();
  if (patch.info !== undefined || patch.summary !== undefined) {
    const texts = { info: patch.info ?? job.info, summary: patch.summary ?? job.summary };
    await db
      .insertInto('annotations')
      .values({ job_id: job.id, ...texts })
      .onConflict((conflict) => conflict.column('job_id').doUpdateSet(texts))
      .execute();
  }
  if (patch.tags !== undefined) {
    await db.deleteFrom('job_tags').where('job_id', '=', job.id).execute();
    for (const tag of new Set(patch.tags))
      await db.insertInto('job_tags').values({ job_id: job.id, tag }).execute();
  }
  if (patch.baseRuns !== undefined) await writeBaseRuns(transaction, actor.scope, job.id, patch.baseRuns);
}
