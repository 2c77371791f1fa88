import { type JobEvent, type JobSummary, type Step, type StepState, toIso } from '@daybook/core';
import type { Selectable } from 'kysely';
import type { EventsTable, JobsTable, LogLinesTable, StepsTable } from '../storage/index.ts';

/** Rows to the wire: milliseconds become ISO 8601, 0 and 1 truth values, JSON text its value. */

export type JobRow = Selectable<JobsTable> & { info: string | null; summary: string | null; tags?: string[] };

export function jobSummary(row: JobRow, tags: readonly string[]): JobSummary {
  return {
    id: row.id,
    externalId: row.external_id,
    source: row.source,
    execution: row.execution as JobSummary['execution'],
    kind: row.kind,
    name: row.name,
    configuration:
      row.configuration_tag === null
        ? null
        : { tag: row.configuration_tag, version: row.configuration_version as string },
    status: row.status as JobSummary['status'],
    step: row.step,
    progress: row.progress,
    stalled: row.stalled === 1,
    error: row.error,
    target: row.target,
    operation: row.operation,
    project: row.project,
    user: row.user_name,
    customer: row.customer,
    parentId: row.parent_id,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    priority: row.priority,
    runAfter: isoOrNull(row.run_after),
    solver: row.solver,
    submitDirectory: row.submit_directory,
    jobDirectory: row.job_directory,
    logFile: row.log_file,
    readmeFile: row.readme_file,
    info: row.info ?? '',
    analysisStatus: row.analysis_status as JobSummary['analysisStatus'],
    assessment: row.assessment as JobSummary['assessment'],
    summary: row.summary ?? '',
    tags: [...tags],
    submittedAt: toIso(row.submitted_at),
    startedAt: isoOrNull(row.started_at),
    endedAt: isoOrNull(row.ended_at),
    createdAt: toIso(row.created_at),
    updatedAt: toIso(row.updated_at),
    estimatedEndAt: isoOrNull(row.estimated_end_at),
    version: row.version,
  };
}

export function stepOf(row: Selectable<StepsTable>): Step {
  return {
    tag: row.tag,
    name: row.name,
    points: row.points,
    status: row.status as Step['status'],
    percent: row.percent,
    message: row.message,
    metadata: parsed(row.metadata),
    startedAt: isoOrNull(row.started_at),
    endedAt: isoOrNull(row.ended_at),
  };
}

/** The same of a step that the writer has in memory. */
export function stepOfState({ startedAt, endedAt, ...step }: StepState): Step {
  return { ...step, startedAt: isoOrNull(startedAt), endedAt: isoOrNull(endedAt) };
}

export function eventOf(row: Selectable<EventsTable>): JobEvent {
  return {
    id: row.id,
    jobId: row.job_id,
    kind: row.kind as JobEvent['kind'],
    step: row.step,
    status: row.status,
    percent: row.percent,
    message: row.message,
    metadata: row.kind === 'created' ? isoMoments(parsed(row.metadata)) : parsed(row.metadata),
    attempt: row.attempt,
    cause: row.cause as JobEvent['cause'],
    unapplied: row.unapplied as JobEvent['unapplied'],
    actor: row.actor,
    at: toIso(row.at),
    receivedAt: toIso(row.received_at),
  };
}

/** The moments that a job was created with, which are kept in milliseconds. */
function isoMoments(moments: Record<string, unknown> | null): Record<string, unknown> | null {
  if (moments === null) return null;
  return Object.fromEntries(Object.entries(moments).map(([name, ms]) => [name, toIso(ms as number)]));
}

export function logLineOf(row: Selectable<LogLinesTable>): JobEvent {
  return {
    id: row.id,
    jobId: row.job_id,
    kind: 'log',
    step: row.step,
    status: null,
    percent: null,
    message: row.message,
    stream: row.stream as 'stdout' | 'stderr' | null,
    metadata: null,
    attempt: null,
    cause: null,
    unapplied: null,
    actor: null,
    at: toIso(row.at),
    receivedAt: toIso(row.received_at),
  };
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : toIso(ms);
}

export function parsed(text: string | null): Record<string, unknown> | null {
  return text === null ? null : JSON.parse(text);
}
