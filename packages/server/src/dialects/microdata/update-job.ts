import {
  DaybookError,
  type EventInput,
  isEnded,
  type JobStatus,
  limits,
  type TransitionCause,
} from '@daybook/core';
import type { Actor } from '../../actor.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import { visibleJobs } from '../../jobs/visible-jobs.ts';
import { enterGate, isPaused, pausedConfigurations } from '../../maintenance/gate.ts';
import type { Transaction } from '../../storage/index.ts';
import { expressible } from './list-jobs.ts';
import { isStage, precedes, type Stage, statusOnWire, storable, type WireStatus } from './words.ts';

/** What an executor says of a job; at least one of them. */
export interface JobUpdate {
  readonly status?: WireStatus | undefined;
  readonly description?: string | undefined;
  readonly log?: string | undefined;
}

interface FoundJob {
  readonly id: number;
  readonly status: JobStatus;
  readonly step: string | null;
  readonly configuration_id: number | null;
  readonly configuration_tag: string | null;
}

/** Facts that are written with one cause. */
interface Facts {
  readonly cause?: TransitionCause;
  readonly events: readonly EventInput[];
}

/** The beginning of a log text that a list of failed jobs shows. */
const ERROR_SHOWN = 1_000;

/**
 * Writes what an executor reports, in one transaction. `initiated` is this dialect's claim, without a lease: the row is
 * locked, so of two executors the second sees that the job is taken. Every other report on a job that has not ended is
 * taken: executors end on a refusal (contracts/microdata.md, "An executor in the wild").
 *
 * @throws DaybookError `not_found`; `illegal_transition` for a job that has ended or is taken already; `conflict` for a
 * claim while paused
 */
export async function updateJob(
  { appender, clock }: Jobs,
  actor: Actor,
  operations: readonly string[],
  id: number,
  update: JobUpdate,
): Promise<void> {
  await appender.write(async (transaction) => {
    if (update.status === 'initiated') await enterGate(transaction);
    const job = await lockJob(transaction, actor, operations, id);
    if (isEnded(job.status)) {
      const word = statusOnWire(job.status, job.step);
      throw new DaybookError('illegal_transition', `Job ${id} is ${word} already. Nothing was stored.`);
    }
    if (update.status === 'initiated') await refuseClaim(transaction, job, clock.now());
    const all = [...(await statusFacts(transaction, job, update)), { events: otherFacts(job, update) }];
    for (const { cause, events } of all) {
      if (events.length === 0) continue;
      const entries = events.map((event) => ({ jobId: id, event }));
      await appender.appendWithin(transaction, { actor, entries, ...(cause !== undefined && { cause }) });
    }
  });
}

async function lockJob(
  { db }: Transaction,
  actor: Actor,
  operations: readonly string[],
  id: number,
): Promise<FoundJob> {
  // The row is locked first, so that nobody changes it between the look and the write.
  await db.updateTable('jobs').set({ id }).where('id', '=', id).execute();
  const row = await db
    .selectFrom('jobs')
    .select(['jobs.id', 'jobs.status', 'jobs.step'])
    .select(['jobs.configuration_id', 'jobs.configuration_tag'])
    .where('jobs.id', '=', id)
    .where(visibleJobs(actor.scope))
    .where(expressible(operations))
    .executeTakeFirst();
  if (row === undefined) throw new DaybookError('not_found', `There is no job ${id}.`);
  return row as FoundJob;
}

async function refuseClaim(transaction: Transaction, job: FoundJob, now: number): Promise<void> {
  if (job.status === 'running')
    throw new DaybookError(
      'illegal_transition',
      `Job ${job.id} is taken already: it is ${statusOnWire(job.status, job.step)}. Nothing was stored.`,
    );
  const paused = await pausedConfigurations(transaction, now);
  if (isPaused(paused, job.configuration_tag, job.configuration_id))
    throw new DaybookError('conflict', `Job ${job.id} cannot be initiated: paused for maintenance.`);
}

async function statusFacts(transaction: Transaction, job: FoundJob, update: JobUpdate): Promise<Facts[]> {
  const { status, log } = update;
  switch (status) {
    case undefined:
      return [];
    case 'queued':
      // Broken off: what was done stays to be seen until somebody takes it again.
      return [{ events: [statusEvent('queued')], ...(job.status === 'running' && { cause: 'requeue' }) }];
    case 'completed':
      return [{ events: [statusEvent('succeeded')] }];
    case 'failed':
      return [{ events: [statusEvent('failed', log === undefined ? undefined : shown(log))] }];
    default:
      return job.status === 'running' ? [await stageFacts(transaction, job, status)] : begin(job, status);
  }
}

/**
 * Somebody sets to work. A job that was worked on before begins a new try: its progress starts from nothing. (A reported
 * job is created with its first try.)
 */
function begin({ status, step }: FoundJob, stage: Stage): Facts[] {
  const isNewTry = status === 'queued' && step !== null;
  const cause = isNewTry ? 'claim' : 'report';
  return [{ cause, events: [statusEvent('running')] }, { events: [stepEvent(stage, 'running')] }];
}

/**
 * The next stage ends the one before. A stage that is over already is done once more; if it comes before the one that
 * runs, that one was broken off (an executor that crashed while importing goes back to `built`).
 */
async function stageFacts({ db }: Transaction, job: FoundJob, stage: Stage): Promise<Facts> {
  if (job.step === stage) return { cause: 'retry', events: [stepEvent(stage, 'running')] };
  const rows = await db.selectFrom('steps').select(['tag', 'status']).where('job_id', '=', job.id).execute();
  const statusOf = new Map(rows.map((row) => [row.tag, row.status]));
  const isOver = ['succeeded', 'skipped'].includes(statusOf.get(stage) ?? '');
  const before = isStage(job.step) && statusOf.get(job.step) === 'running' ? job.step : undefined;
  const ends = (each: Stage) => (isOver && precedes(stage, each) ? 'failed' : 'succeeded');
  return {
    ...(isOver && { cause: 'retry' }),
    events: [...(before === undefined ? [] : [stepEvent(before, ends(before))]), stepEvent(stage, 'running')],
  };
}

function otherFacts(job: FoundJob, { status, description, log }: JobUpdate): EventInput[] {
  const events: EventInput[] = [];
  if (description !== undefined)
    events.push({ kind: 'metadata', metadata: { description: storable(description) } });
  const step = isStage(status ?? null) ? status : isStage(job.step) ? job.step : undefined;
  for (const message of pieces(log ?? ''))
    events.push({ kind: 'log', message, ...(step !== undefined && { step }) });
  return events;
}

function statusEvent(status: JobStatus, message?: string): EventInput {
  return { kind: 'status', status, ...(message !== undefined && { message }) };
}

function stepEvent(step: Stage, status: 'running' | 'succeeded' | 'failed'): EventInput {
  return { kind: 'step', step, status };
}

function shown(log: string): string {
  return storable(log.slice(0, ERROR_SHOWN));
}

/** A line takes so much; a stack trace may be longer. */
function pieces(log: string): string[] {
  const text = storable(log);
  const count = Math.ceil(text.length / limits.message);
  return Array.from({ length: count }, (_, i) =>
    text.slice(i * limits.message, (i + 1) * limits.message).toWellFormed(),
  );
}
