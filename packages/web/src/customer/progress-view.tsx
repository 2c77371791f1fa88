import {
  formatMoment,
  formatPercent,
  formatTimeLeft,
  type SharedProgress,
  type StepStatus,
} from '@daybook/core';
import hue from '../ui/status-hue.module.css';
import { StatusMark } from '../ui/status-mark.tsx';
import { timeZone, useT } from '../words/language.tsx';
import css from './progress-view.module.css';

/** What is shown to whoever waits for a result: how the job goes, in plain words. */
export type Progress = Omit<SharedProgress, 'expiresAt'>;

const signs: Readonly<Record<StepStatus, string>> = {
  pending: '◌',
  running: '◔',
  succeeded: '✓',
  failed: '✕',
  skipped: '–',
};

export function ProgressView({ progress }: { progress: Progress }) {
  const t = useT();
  const { status, timeLeft } = progress;
  return (
    <div className={css.view}>
      <div className={css.line}>
        <StatusMark status={status} progress={progress.progress} />
        <span className={`${css.word} ${hue[status]}`}>{t(`status.${status}`)}</span>
        <span className={css.percent}>{formatPercent(progress.progress, t)}</span>
        {status === 'running' && timeLeft && <span className={css.left}>{formatTimeLeft(timeLeft, t)}</span>}
      </div>
      <ProgressBar progress={progress} />
      <p className={css.sentence}>{useSentence(progress)}</p>
      <Steps progress={progress} />
      <Moments progress={progress} />
    </div>
  );
}

/** As long as the page is wide: full when the job is done. */
export function ProgressBar({ progress }: { progress: Pick<Progress, 'name' | 'status' | 'progress'> }) {
  const t = useT();
  return (
    <div
      className={css.track}
      role="progressbar"
      aria-label={t('progress.of', { name: progress.name })}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(progress.progress)}
    >
      <span className={hue[progress.status]} style={{ width: `${progress.progress}%` }} />
    </div>
  );
}

/** Where the job is, as one would tell it: the step that runs, or how it ended. */
function useSentence({ status, steps }: Progress): string {
  const t = useT();
  const at = steps.findIndex((step) => step.status === 'running');
  const step = steps[at];
  if (status === 'running' && step !== undefined)
    return t('progress.step', { index: at + 1, total: steps.length, step: step.name });
  return t(`progress.${status}`);
}

function Steps({ progress: { steps } }: { progress: Progress }) {
  const t = useT();
  if (steps.length === 0) return null;
  return (
    <section>
      <h2 className={css.heading}>{t('progress.steps')}</h2>
      <ol className={css.steps}>
        {steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps keep their order, and names need not differ
          <li key={index} className={css.step} data-status={step.status}>
            <span className={css.sign} aria-hidden="true">
              {signs[step.status]}
            </span>
            <span className={css.name}>{step.name}</span>
            <span className={css.state}>
              {step.status === 'running' && step.percent !== null
                ? formatPercent(step.percent, t)
                : t(`stepStatus.${step.status}`)}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Moments({ progress }: { progress: Progress }) {
  const t = useT();
  const moments = [
    [t('progress.submitted'), progress.submittedAt],
    [t('progress.started'), progress.startedAt],
    [t('progress.ended'), progress.endedAt],
    ...(progress.endedAt === null ? ([[t('progress.updated'), progress.updatedAt]] as const) : []),
  ] as const;
  return (
    <dl className={css.moments}>
      {moments.map(
        ([name, at]) =>
          at !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <time dateTime={at}>{formatMoment(Date.parse(at), t, timeZone)}</time>
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}
