import { formatDuration, formatTimeLeft, type JobSummary, type Translate } from '@daybook/core';
import { useNow } from '../ui/use-now.ts';
import { useT } from '../words/language.tsx';

/** How long it took; of a running job how long it runs, with the time left on hover. */
export function JobDuration({ job }: { job: JobSummary }) {
  const t = useT();
  return job.status === 'running' ? <Running job={job} /> : ended(job, t);
}

function ended(job: JobSummary, t: Translate): string {
  if (job.startedAt === null || job.endedAt === null) return '';
  return formatDuration(Date.parse(job.endedAt) - Date.parse(job.startedAt), t);
}

function Running({ job }: { job: JobSummary }) {
  const t = useT();
  const now = useNow();
  if (job.startedAt === null) return null;
  const left =
    job.estimatedEndAt === null ? undefined : Math.max(0, Date.parse(job.estimatedEndAt) - now) / 1_000;
  const title = left === undefined ? undefined : formatTimeLeft({ likely: left, low: left, high: left }, t);
  return <span title={title}>{formatDuration(Math.max(0, now - Date.parse(job.startedAt)), t)}</span>;
}
