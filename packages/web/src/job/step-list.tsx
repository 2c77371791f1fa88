import {
  formatDuration,
  formatPercent,
  type Job,
  type Step,
  type StepStatus,
  type UsualDurations,
} from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { usualDurationsQuery } from '../api/queries.ts';
import { useMay } from '../shell/session.ts';
import hue from '../ui/status-hue.module.css';
import { useNow } from '../ui/use-now.ts';
import { useT } from '../words/language.tsx';
import css from './step-list.module.css';

const signs: Readonly<Record<StepStatus, string>> = {
  pending: '◌',
  running: '◔',
  succeeded: '✓',
  failed: '✕',
  skipped: '–',
};

export function StepList({ job }: { job: Job }) {
  const t = useT();
  const usual = useUsual(job);
  if (job.steps.length === 0) return null;
  const points = job.steps.reduce((sum, step) => sum + step.points, 0);
  return (
    <section>
      <h2 className={css.heading}>{t('field.steps')}</h2>
      <ol className={css.steps}>
        {job.steps.map((step) => (
          <StepRow
            key={step.tag}
            step={step}
            share={points > 0 ? step.points / points : undefined}
            usual={usual?.steps.find(({ tag }) => tag === step.tag)}
          />
        ))}
      </ol>
    </section>
  );
}

type Usual = UsualDurations['steps'][number];

/** How long the same steps took in past jobs; customers are not told. */
function useUsual(job: Job): UsualDurations | undefined {
  const may = useMay('jobs.inspect');
  const enabled = may && job.configuration !== null && job.steps.length > 0;
  return useQuery({ ...usualDurationsQuery(job.id), enabled }).data;
}

interface StepRowProps {
  readonly step: Step;
  readonly share: number | undefined;
  readonly usual: Usual | undefined;
}

function StepRow({ step, share, usual }: StepRowProps) {
  const t = useT();
  const filled = step.status === 'succeeded' ? 100 : step.status === 'running' ? (step.percent ?? 0) : 0;
  return (
    <li className={css.step} title={step.tag}>
      <span className={`${css.sign} ${hueOf(step.status)}`} aria-hidden="true">
        {signs[step.status]}
      </span>
      <span className={css.name}>
        {step.name}
        <span className="visually-hidden">, {t(`stepStatus.${step.status}`)}</span>
      </span>
      <span className={css.percent}>
        {step.status === 'running' && step.percent !== null ? formatPercent(step.percent, t) : ''}
      </span>
      <span className={css.usual}>{usual && <UsualDuration usual={usual} />}</span>
      <span className={css.duration}>
        <StepDuration step={step} />
      </span>
      {/* As long as the step weighs, as full as it is. */}
      <span className={css.track} aria-hidden="true" style={{ width: `${Math.max(2, (share ?? 1) * 100)}%` }}>
        <span className={hueOf(step.status)} style={{ width: `${filled}%` }} />
      </span>
      {step.message && <span className={css.message}>{step.message}</span>}
    </li>
  );
}

function UsualDuration({ usual }: { usual: Usual }) {
  const t = useT();
  const [median, most] = [usual.median, usual.p90].map((seconds) => formatDuration(seconds * 1_000, t)) as [
    string,
    string,
  ];
  const title = t('step.usual.hint', { count: usual.samples, median, most });
  return <span title={title}>{t('step.usual', { median })}</span>;
}

function StepDuration({ step }: { step: Step }) {
  const t = useT();
  if (step.startedAt === null) return null;
  if (step.status === 'running') return <RunningFor since={Date.parse(step.startedAt)} />;
  if (step.endedAt === null) return null;
  return <>{formatDuration(Date.parse(step.endedAt) - Date.parse(step.startedAt), t)}</>;
}

function RunningFor({ since }: { since: number }) {
  const t = useT();
  return <>{formatDuration(Math.max(0, useNow(true) - since), t)}</>;
}

/** Steps have two statuses that no job has. */
function hueOf(status: Step['status']): string | undefined {
  return css[status] ?? hue[status];
}
