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
import type { Kysely } from 'kysely';
import type { Actor } from '../../actor.ts';
import { parsed } from '../../jobs/job-rows.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import type { Database, Transaction } from '../../storage/index.ts';
import type { TrackerEvent } from './queries.ts';
import { trackerJobs } from './wire-jobs.ts';
import { CARRIED_OVER, statusOfKind } from './words.ts';

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

type Metadata = Record<string, unknown> | undefined;

/** Stores an event of a job that is named by its `provider_job_id`. Throws `not_found`. */
export async function reportEvent(jobs: Jobs, actor: Actor, event: TrackerEvent): Promise<Written> {
  const jobId = await jobNamed(jobs.store.read, actor, event);
  const status = statusOfKind(event.kind) as StepStatus;
  const report = { jobId, step: event.step, status, metadata: event.metadata };
  return jobs.appender.write((transaction) => writeReport(jobs, transaction, actor, report, undefined));
}

/** Lets the step of an event that was answered before take a new state. Throws `not_found`. */
export async function updateEvent(
  jobs: Jobs,
  actor: Actor,
  { id, kind, metadata }: { id: number; kind: string; metadata: Metadata },
): Promise<Written> {
  const event = await trackerJobs(jobs.store.read, actor.scope)
    .innerJoin('events', 'events.job_id', 'jobs.id')
    .select(['events.job_id', 'events.step'])
    .where('events.id', '=', id)
    .where('events.kind', '=', 'step')
    .executeTakeFirst();
  if (event === undefined) throw new DaybookError('not_found', `There is no event ${id}.`);
  const status = statusOfKind(kind) as StepStatus;
  const report = { jobId: event.job_id, step: event.step as string, status, metadata };
  // This is no late report of what was: the step takes the state, whatever it had.
  return jobs.appender.write((transaction) => writeReport(jobs, transaction, actor, report, 'retry'));
}

/** Ids are unique per provider: of an admin, who sees all jobs, the own one is meant, else the newest. */
async function jobNamed(
  db: Kysely<Database>,
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
  if (await goesOn(transaction, report, clock.now(), cause === 'retry'))
    await resume(transaction, report, append);
  const [receipt] = await append(
    [{ kind: 'step', step, status, ...(metadata !== undefined && { metadata }) }],
    cause,
  );
  const { id, reason } = receipt as EventReceipt;
  await concludeJob(transaction, report, append);
  return { id, step, reason, createdAt: toIso(clock.now()) };
}

type Append = (events: readonly EventInput[], cause?: TransitionCause) => Promise<EventReceipt[]>;

/**
 * Whether a job that has ended is to live again: a step of its runs after an error, or is said to (`again`), or is done
 * and was the last with an error (old clients say no more than that; while another has one, the job stays failed).
 */
async function goesOn(
  { db }: Transaction,
  { jobId, step, status: reported }: Report,
  now: number,
  again: boolean,
): Promise<boolean> {
  if (reported !== 'running' && reported !== 'succeeded') return false;
  // Written first, which locks the row: nobody changes it between the look and the write.
  const { status } = await db
    .updateTable('jobs')
    .set({ seen_at: now })
    .where('id', '=', jobId)
    .returning('status')
    .executeTakeFirstOrThrow();
  if (status !== 'failed' && !(again && reported === 'running' && isEnded(status as JobStatus))) return false;
  const steps = await db.selectFrom('steps').select(['tag', 'status']).where('job_id', '=', jobId).execute();
  const hasError = steps.some((other) => other.tag !== step && other.status === 'failed');
  return steps.some(({ tag }) => tag === step) && (reported === 'running' || !hasError);
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
  const [retry] = await append(
    [{ kind: 'status', status: 'queued', message: 'Goes on after it had ended' }],
    'retry',
  );
  await append([{ kind: 'status', status: 'running' }]);
  if (done.length === 0) return;
  await append(
    done.map((row): EventInput => {
      const metadata = parsed(row.metadata);
      return {
        kind: 'step',
        step: row.tag,
        status: row.status as 'succeeded' | 'skipped',
        // Numbered by the attempt's first fact: in each attempt they are facts anew.
        key: `${CARRIED_OVER}${(retry as EventReceipt).id} ${row.tag}`,
        ...(row.ended_at !== null && { at: row.ended_at }),
        ...(metadata !== null && { metadata }),
      };
    }),
  );
}

/** A job is done when every step is; it has failed when its script says that there was an error. */
async function concludeJob(transaction: Transaction, report: Report, append: Append): Promise<void> {
  const { status } = report;
  if (status !== 'failed' && !isStepDone(status)) return;
  const { job, steps, open } = await howFar(transaction, report.jobId);
  // What a person ended stays as they said.
  if (job === 'canceled') return;
  const cause: TransitionCause = isEnded(job) ? 'correction' : 'report';
  if (status === 'failed') await append([{ kind: 'error', status, message: errorText(report) }], cause);
  else if (job !== 'succeeded' && steps > 0 && open === 0)
    await append([{ kind: 'status', status: 'succeeded' }], cause);
}

/** Status of the job, and how many steps it has, and has not done. */
async function howFar(
  { db }: Transaction,
  id: number,
): Promise<{ job: JobStatus; steps: number; open: number }> {
  const { status, steps, done } = await db
    .selectFrom('jobs')
    .leftJoin('steps', 'steps.job_id', 'jobs.id')
    .select((eb) => [
      'jobs.status',
      eb.fn.count<number>('steps.tag').as('steps'),
      eb.fn.count<number>('steps.tag').filterWhere('steps.status', 'in', ['succeeded', 'skipped']).as('done'),
    ])
    .where('jobs.id', '=', id)
    .groupBy('jobs.status')
    .executeTakeFirstOrThrow();
  return { job: status as JobStatus, steps: Number(steps), open: Number(steps) - Number(done) };
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
