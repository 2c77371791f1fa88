import {
  formatDuration,
  formatRelativeTime,
  type JobStatus,
  type JobSummary,
  type StepStatus,
  translator,
} from '@daybook/core';

/** How jobs are shown in a terminal: the shapes are those of the diary, readable without colour. */

const t = translator('en');

const shapes = {
  queued: '◌',
  running: '◔',
  succeeded: '●',
  failed: '✕',
  finished: '◐',
  canceled: '⊘',
  unknown: '?',
  other: '◇',
  pending: '◌',
  skipped: '⊘',
} as const satisfies Record<JobStatus | StepStatus, string>;

const styles = {
  queued: 'dim',
  running: 'blue',
  succeeded: 'green',
  failed: 'red',
  finished: 'cyan',
  canceled: 'dim',
  unknown: 'yellow',
  other: 'magenta',
  pending: 'dim',
  skipped: 'dim',
} as const satisfies Record<JobStatus | StepStatus, string>;

export function statusStyle(status: JobStatus | StepStatus) {
  return styles[status];
}

/** `◔ running 61 % solve`, with what somebody should look at. */
export function jobStatusText(job: JobSummary): string {
  const parts: string[] = [shapes[job.status], t(`status.${job.status}`)];
  if (job.status === 'running') parts.push(`${Math.floor(job.progress)} %`);
  if (job.status === 'running' && job.step !== null) parts.push(job.step);
  if (job.stalled) parts.push('(stalled)');
  return parts.join(' ');
}

export function stepStatusText(status: StepStatus): string {
  return `${shapes[status]} ${status}`;
}

/** How long a job ran or runs: `3 h 12 m`; '' before it started. */
export function jobDuration(job: Pick<JobSummary, 'startedAt' | 'endedAt'>, now: number): string {
  if (job.startedAt === null) return '';
  const end = job.endedAt === null ? now : Date.parse(job.endedAt);
  return formatDuration(Math.max(0, end - Date.parse(job.startedAt)), t);
}

export function ago(iso: string | null, now: number): string {
  return iso === null ? '' : formatRelativeTime(Date.parse(iso), now, t);
}
