import type { EventKind, UnappliedReason } from './event.ts';
import { limits } from './limits.ts';
import { clampPercent, progressOf } from './progress.ts';
import {
  isEnded,
  isStepDone,
  type JobStatus,
  mayBecome,
  type StepStatus,
  stepMayBecome,
  type TransitionCause,
} from './status.ts';

/**
 * The projection: what a job's row says is the fold of its events. The server applies each event with
 * {@link applyEvent} in the transaction that stores it; the tests fold the stored events again and compare.
 */

/** A job before its first event. `attempt` is 0 for claimed jobs: claiming begins the first one. */
export function blankJob(options: {
  attempt: number;
  claimed: boolean;
  openSteps: boolean;
  steps: StepState[];
}): JobState {
  return {
    status: 'queued',
    step: null,
    progress: 0,
    percent: null,
    error: null,
    metadata: null,
    startedAt: null,
    endedAt: null,
    ...options,
  };
}

/** A step before anything was reported of it. */
export function pendingStep(tag: string, name: string, points: number): StepState {
  return {
    tag,
    name,
    points,
    status: 'pending',
    percent: null,
    message: null,
    metadata: null,
    startedAt: null,
    endedAt: null,
  };
}

export interface StepState {
  readonly tag: string;
  readonly name: string;
  readonly points: number;
  status: StepStatus;
  percent: number | null;
  message: string | null;
  metadata: Record<string, unknown> | null;
  startedAt: number | null;
  endedAt: number | null;
}

/** What events change of a job. Times are milliseconds since 1970. Mutable: it is folded in place. */
export interface JobState {
  status: JobStatus;
  attempt: number;
  /** Tag of the step that was reported last. */
  step: string | null;
  progress: number;
  /** Percent that was reported for the job as a whole. */
  percent: number | null;
  error: string | null;
  metadata: Record<string, unknown> | null;
  startedAt: number | null;
  endedAt: number | null;
  /** True if the queue hands it to workers: then a claim begins an attempt, and a retry only makes it wait for one. */
  readonly claimed: boolean;
  /** True if steps that are not known yet are added as they are reported: the job has no configuration. */
  readonly openSteps: boolean;
  steps: StepState[];
}

/** The part of an event that the projection reads. */
export interface Fact {
  readonly kind: EventKind;
  readonly step: string | null;
  readonly status: string | null;
  readonly percent: number | null;
  readonly message: string | null;
  readonly metadata: Record<string, unknown> | null;
  readonly cause: TransitionCause | null;
  /** When it happened, never later than when we heard of it. */
  readonly at: number;
}

/** Applies one event in place. Answers why it changed nothing, or null when it was applied. */
export function applyEvent(job: JobState, fact: Fact): UnappliedReason | null {
  switch (fact.kind) {
    case 'status':
      return applyStatus(job, fact);
    case 'step':
      return applyStep(job, fact);
    case 'progress':
      return applyProgress(job, fact);
    case 'error':
      return applyError(job, fact);
    case 'metadata':
      return applyMetadata(job, fact);
    case 'created':
      return applyCreated(job, fact);
    case 'annotation':
    case 'learned':
    case 'file':
    case 'link':
    case 'log':
      return null;
  }
}

/** The first fact about a job: the status that it came with, and (in metadata, milliseconds) when it started and ended. */
function applyCreated(job: JobState, fact: Fact): null {
  job.status = fact.status as JobStatus;
  if (job.status !== 'queued') job.startedAt = momentOf(fact, 'startedAt');
  if (job.status === 'running') job.startedAt ??= fact.at;
  if (isEnded(job.status)) job.endedAt = momentOf(fact, 'endedAt') ?? fact.at;
  updateProgress(job);
  return null;
}

function momentOf(fact: Fact, name: string): number | null {
  const value = fact.metadata?.[name];
  return typeof value === 'number' ? value : null;
}

/** An error that comes with a status which cannot be taken any more says nothing about the job as it is now. */
function applyError(job: JobState, fact: Fact): UnappliedReason | null {
  const refused = fact.status === null ? null : applyStatus(job, fact);
  if (refused === null) job.error = fact.message;
  return refused;
}

function applyStatus(job: JobState, fact: Fact): UnappliedReason | null {
  const to = fact.status as JobStatus;
  const cause = fact.cause ?? 'report';
  if (!mayBecome(job.status, to, cause)) return 'illegal_transition';
  const from = job.status;
  // What is claimed already cannot be claimed, what waits cannot be put back.
  if (from === to && (cause === 'claim' || cause === 'requeue')) return 'illegal_transition';
  if (cause === 'retry' && to === 'queued') beginAttempt(job, job.claimed ? 0 : 1);
  if (cause === 'claim') beginAttempt(job, 1);
  if (cause === 'requeue') breakOff(job, fact);
  job.status = to;
  if (to === 'running') {
    job.startedAt ??= fact.at;
    job.endedAt = null;
  } else if (isEnded(to)) {
    endJob(job, from, fact);
  }
  updateProgress(job);
  return null;
}

/** A try that did not come to an end. How far it was stays to be seen until the next one begins. */
function breakOff(job: JobState, fact: Fact): void {
  job.startedAt = null;
  for (const step of job.steps) {
    if (step.status !== 'running') continue;
    step.status = 'failed';
    step.endedAt = fact.at;
  }
}

/** A new try starts from nothing: progress may go back only here. */
function beginAttempt(job: JobState, counts: 0 | 1): void {
  job.attempt += counts;
  job.step = null;
  job.progress = 0;
  job.percent = null;
  job.error = null;
  job.startedAt = null;
  job.endedAt = null;
  job.steps = job.openSteps ? [] : job.steps.map((step) => pendingStep(step.tag, step.name, step.points));
}

function endJob(job: JobState, from: JobStatus, fact: Fact): void {
  // A correction says how it ended, not when.
  if (!isEnded(from) || job.endedAt === null) job.endedAt = fact.at;
  if (fact.message !== null && (job.status === 'failed' || job.status === 'other')) job.error = fact.message;
  for (const step of job.steps) {
    if (step.status !== 'running') continue;
    step.status = job.status === 'succeeded' ? 'succeeded' : 'failed';
    step.endedAt = job.endedAt;
  }
}

function applyStep(job: JobState, fact: Fact): UnappliedReason | null {
  const known = job.steps.find((each) => each.tag === fact.step);
  if (known === undefined && !job.openSteps) return 'unknown_step';
  if (known === undefined && job.steps.length >= limits.stepsPerJob) return 'too_many_steps';
  // A new one has no points: nobody knows how much there is to come.
  const step = known ?? pendingStep(fact.step as string, fact.step as string, 0);
  const to = (fact.status as StepStatus | null) ?? (fact.percent === null ? step.status : 'running');
  if (to === 'running' && isEnded(job.status)) return 'job_is_over';
  if (!stepMayBecome(step.status, to, fact.cause === 'retry')) return 'step_is_over';
  const metadata = { ...step.metadata, ...fact.metadata };
  if (fact.metadata !== null && isTooLarge(metadata)) return 'metadata_too_large';
  if (known === undefined) job.steps.push(step);
  moveStep(step, to, fact);
  if (fact.metadata !== null) step.metadata = metadata;
  job.step = step.tag;
  startIfWaiting(job, fact, to);
  updateProgress(job);
  return null;
}

function moveStep(step: StepState, to: StepStatus, fact: Fact): void {
  const again = to === 'running' && (step.status === 'failed' || isStepDone(step.status));
  if (to === 'running') {
    if (again || step.startedAt === null) step.startedAt = fact.at;
    step.endedAt = null;
    if (fact.percent !== null)
      step.percent = Math.max(again ? 0 : (step.percent ?? 0), clampPercent(fact.percent));
    else if (again) step.percent = null;
  } else if (to === 'pending') {
    step.startedAt = null;
    step.endedAt = null;
    step.percent = null;
  } else if (to !== step.status) {
    step.endedAt = fact.at;
  }
  step.status = to;
  if (fact.message !== null) step.message = fact.message;
}

/** Work that is reported on a job that waits means that it runs. */
function startIfWaiting(job: JobState, fact: Fact, to: StepStatus): void {
  if (to === 'pending' || !mayBecome(job.status, 'running', 'report')) return;
  job.status = 'running';
  job.startedAt ??= fact.at;
}

function applyProgress(job: JobState, fact: Fact): UnappliedReason | null {
  if (isEnded(job.status)) return 'job_is_over';
  job.percent = Math.max(job.percent ?? 0, clampPercent(fact.percent ?? 0));
  startIfWaiting(job, fact, 'running');
  updateProgress(job);
  return null;
}

function applyMetadata(job: JobState, fact: Fact): UnappliedReason | null {
  const merged: Record<string, unknown> = { ...job.metadata };
  for (const [key, value] of Object.entries(fact.metadata ?? {})) {
    if (value === null) delete merged[key];
    else merged[key] = value;
  }
  if (isTooLarge(merged)) return 'metadata_too_large';
  job.metadata = merged;
  return null;
}

/** Each report is small, but what they add up to is read and written with every later one. */
function isTooLarge(metadata: Record<string, unknown>): boolean {
  return JSON.stringify(metadata).length > limits.jsonBytes;
}

function updateProgress(job: JobState): void {
  job.progress = progressOf(job.status, job.steps, job.percent, job.progress);
}
