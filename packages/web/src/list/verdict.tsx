import { type Assessment, isEnded, type JobSummary } from '@daybook/core';
import { useT } from '../words/language.tsx';
import css from './verdict.module.css';

/** What people say of a job: how far the analysis is and, once it says something, the assessment. */
export function Verdict({ job }: { job: Pick<JobSummary, 'analysisStatus' | 'assessment' | 'status'> }) {
  const t = useT();
  // Only what has ended waits for somebody.
  const waits = job.analysisStatus === 'open' && isEnded(job.status);
  return (
    <span className={css.verdict}>
      <span className={waits ? css.waits : css.analysis}>{t(`analysisStatus.${job.analysisStatus}`)}</span>
      {job.assessment && (
        <>
          <span className={css.dot} aria-hidden="true">
            ·
          </span>
          <AssessmentWord assessment={job.assessment} />
        </>
      )}
    </span>
  );
}

const signs: Readonly<Record<Assessment, string>> = {
  ok: '✓',
  not_ok: '✕',
  issue: '!',
  other: '◇',
  obsolete: '–',
};

export function AssessmentWord({ assessment }: { assessment: Assessment }) {
  const t = useT();
  return (
    <span className={css[assessment]}>
      <span aria-hidden="true">{signs[assessment]}</span> {t(`assessment.${assessment}`)}
    </span>
  );
}
