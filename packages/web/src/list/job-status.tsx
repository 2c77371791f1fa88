import { formatPercent, type JobSummary } from '@daybook/core';
import hue from '../ui/status-hue.module.css';
import { StatusMark } from '../ui/status-mark.tsx';
import { useT } from '../words/language.tsx';
import css from './job-status.module.css';

type Shown = Pick<JobSummary, 'status' | 'progress' | 'stalled'>;

/** Shape, word and colour of a status; the figure has a fixed width, so that nothing moves while it counts. */
export function JobStatusWord({ job }: { job: Shown }) {
  const t = useT();
  return (
    <span className={css.status} title={t(`status.${job.status}.hint`)}>
      <StatusMark status={job.status} progress={job.progress} />
      <span className={hue[job.status]}>{t(`status.${job.status}`)}</span>
      {/* A job that reports no progress is not at 0 %: nobody knows where it is. */}
      {job.status === 'running' && job.progress > 0 && (
        <span className={css.percent}>{formatPercent(job.progress, t)}</span>
      )}
      {job.stalled && (
        <span className={css.stalled} title={t('status.stalled.hint')}>
          {t('status.stalled')}
        </span>
      )}
    </span>
  );
}
