import { formatDuration, formatTimeLeft, type JobSummary, type Translate } from '@daybook/core';
import { useNow } from '../ui/use-now.ts';
import { useT } from '../words/language.tsx';

/** How long it took; of a running job how long it will about still take, if that is known, and how long it runs on hover. */
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
  const duration = formatDuration(Math.max(0, now - Date.parse(job.startedAt)), t);
  const left =
    job.estimatedEndAt === null || job.stalled ? 0 : (Date.parse(job.estimatedEndAt) - now) / 1_000;
  // One that is later than was said does not say "now" for an hour, and one that fell silent nothing at all: nobody
  // knows, and how long it runs is true.
  if (!(left > 0)) return duration;
  const about = formatTimeLeft({ likely: left, low: left, high: left }, t);
  return <span title={t('timeLeft.runsAnd', { duration, left: about })}>{shortTimeLeft(left, t)}</span>;
}

/** One unit is enough for a table: "12 m left", "3 h left". */
function shortTimeLeft(seconds: number, t: Translate): string {
  if (seconds < 60) return t('timeLeft.short.underMinute');
  const grain = seconds < 3_600 ? 60 : seconds < 86_400 ? 3_600 : 86_400;
  return t('timeLeft.short', { left: formatDuration(Math.round(seconds / grain) * grain * 1_000, t) });
}
