import {
  DaybookError,
  type EventInput,
  type EventReceipt,
  isEnded,
  isStepDone,
  type JobStatus,
  type StepStatus,
  type TransitionCause,
  toIso,
  type UnappliedReason,
} from '@daybook/core';
import type { Actor } from '../../actor.ts';
import { parsed } from '../../jobs/job-rows.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import type { Transaction } from '../../storage/index.ts';
import type { TrackerEvent } from './queries.ts';
import { trackerJobs } from './wire-jobs.ts';
import { statusOfKind } from './words.ts';

/** What was written of a step: the number of the fact, and why it changed nothing if it did not. */
export interface Written {
  readonly id: number;
  readonly step: string;
  readonly reason: UnappliedReason | undefined;
  readonly createdAt: string;
}

/** What is to become of a step of a job. */
interface Report {
  readonly jobId: number;
  readonly step: string;
  readonly status: StepStatus;
  readonly metadata: Record<string, unknown> | undefined;
}

interface FoundJob {
  readonly id: number;
  readonly status: JobStatus;
}

type Metadata = Record<string, unknown> | undefined;

/** Stores an event of a job that is named by its `provider_job_id`. Throws `not_found`. */
export async function reportEvent(jobs: Jobs, actor: Actor, event: TrackerEvent): Promise<Written> {
  return jobs.appender.write(async (transaction) => {
    const jobId = await jobNamed(transaction, actor, event);
    const status = statusOfKind(event.kind) as StepStatus;
    const report = { jobId, step: event.step, status, metadata: event.metadata };
    return writeReport(jobs, transaction, actor, report, undefined);
  });
}

/** Lets the step of an event that was answered before take a new state. Throws `not_found`. */
export async function updateEvent(
  jobs: Jobs,
  actor: Actor,
  { id, kind, metadata }: { id: number; kind: string; metadata: Metadata },
): Promise<Written> {
  return jobs.appender.write(async (transaction) => {
    const event = await trackerJobs(transaction.db, actor.scope)
      .innerJoin('events', 'events.job_id', 'jobs.id')
      .select(['events.job_id', 'events.step'])
      .where('events.id', '=', id)
      .where('events.kind', '=', 'step')
      .executeTakeFirst();
    if (event === undefined) throw new DaybookError('not_found', `There is no event ${id}.`);
    const status = statusOfKind(kind) as StepStatus;
    const report = { jobId: event.job_id, step: event.step as string, status, metadata };
    // This is no late report of what was: the step takes the state, whatever it had.
    return writeReport(jobs, transaction, actor, report, 'retry');
  });
}

/** Ids are unique per provider: of an admin, who sees all jobs, the own one is meant, else the newest. */
async function jobNamed(
  { db }: Transaction,
  actor: Actor,
  { words, providerJobId }: TrackerEvent,
): Promise<number> {
  const rows = await trackerJobs(db, actor.scope)
    .select(['jobs.id', 'jobs.provider_id'])
    .where('jobs.external_id', '=', providerJobId)
    .orderBy('jobs.id', 'desc')
    .limit(1_000)
    .execute();
  const found = rows.find((row) => row.provider_id === actor.providerId) ?? rows[0];
  if (found === undefined)
    throw new DaybookError('not_found', `There is no job with the ${words.id} ${providerJobId}.`);
  return found.id;
}

/** Writes what is said of a step, and what that means for its job. */
async function writeReport(
  { appender, clock }: Jobs,
  transaction: Transaction,
  actor: Actor,
  report: Report,
  cause: TransitionCause | undefined,
): Promise<Written> {
  const { jobId, step, status, metadata } = report;
  const append = async (events: readonly EventInput[], cause?: TransitionCause): Promise<EventReceipt[]> => {
    const entries = events.map((event) => ({ jobId, event }));
    return appender.appendWithin(transaction, { actor, entries, ...(cause !== undefined && { cause }) });
  };
  const job = await lockJob(transaction, jobId);
  const goesOn =
    status === 'running' && (job.status === 'failed' || (cause === 'retry' && isEnded(job.status)));
  if (goesOn && (await knows(transaction, report))) await resume(transaction, report, append);
  const [receipt] = await append(
    [{ kind: 'step', step, status, ...(metadata !== undefined && { metadata }) }],
    cause,
  );
  const { id, reason } = receipt as EventReceipt;
  await concludeJob(transaction, report, append);
  return { id, step, reason, createdAt: toIso(clock.now()) };
}

type Append = (events: readonly EventInput[], cause?: TransitionCause) => Promise<EventReceipt[]>;

async function lockJob({ db }: Transaction, id: number): Promise<FoundJob> {
  // The row is locked first, so that nobody changes it between the look and the write.
  await db.updateTable('jobs').set({ id }).where('id', '=', id).execute();
  return await statusOf(db, id);
}

async function statusOf(db: Transaction['db'], id: number): Promise<FoundJob> {
  const row = await db
    .selectFrom('jobs')
    .select(['id', 'status'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row as FoundJob;
}

async function knows({ db }: Transaction, { jobId, step }: Report): Promise<boolean> {
  const row = await db
    .selectFrom('steps')
    .select('tag')
    .where('job_id', '=', jobId)
    .where('tag', '=', step)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * A script goes on after an error (or does a step once more after all was done). An ended job lives again only in a new
 * attempt (design.md §1), which begins with what was done already.
 */
async function resume({ db }: Transaction, { jobId, step }: Report, append: Append): Promise<void> {
  const rows = await db
    .selectFrom('steps')
    .select(['tag', 'status', 'metadata', 'ended_at'])
    .where('job_id', '=', jobId)
    .orderBy('position')
    .execute();
  const done = rows.filter((row) => row.tag !== step && isStepDone(row.status as StepStatus));
  await append([{ kind: 'status', status: 'queued', message: 'Goes on after it had ended' }], 'retry');
  await append([{ kind: 'status', status: 'running' }]);
  if (done.length === 0) return;
  await append(
    done.map((row): EventInput => {
      const metadata = parsed(row.metadata);
      return {
        kind: 'step',
        step: row.tag,
        status: row.status as 'succeeded' | 'skipped',
        ...(row.ended_at !== null && { at: row.ended_at }),
        ...(metadata !== null && { metadata }),
      };
    }),
  );
}

/** A job is done when every step is; it has failed when its script says that there was an error. */
async function concludeJob(transaction: Transaction, report: Report, append: Append): Promise<void> {
  const { db } = transaction;
  const { jobId, status } = report;
  if (status !== 'failed' && !isStepDone(status)) return;
  const job = await statusOf(db, jobId);
  const cause: TransitionCause = isEnded(job.status) ? 'correction' : 'report';
  // What a person ended stays as they said.
  if (job.status === 'canceled') return;
  if (status === 'failed') {
    await append([{ kind: 'error', status: 'failed', message: errorText(report) }], cause);
    return;
  }
  if (job.status === 'succeeded') return;
  const steps = await db.selectFrom('steps').select('status').where('job_id', '=', jobId).execute();
  if (steps.length > 0 && steps.every((each) => isStepDone(each.status as StepStatus)))
    await append([{ kind: 'status', status: 'succeeded' }], cause);
}

/** What went wrong, as scripts say it in the metadata of an error. */
function errorText({ step, metadata }: Report): string {
  const said = Object.entries(metadata ?? {}).find(
    ([key, value]) =>
      /^(error|message|detail|reason)$/i.test(key) && typeof value === 'string' && value !== '',
  );
  return said === undefined
    ? `${step} ended with an error`
    : (said[1] as string).slice(0, 1_000).toWellFormed();
}
