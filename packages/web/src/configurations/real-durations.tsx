import {
  type ConfigurationHistory,
  type EstimateError,
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
  type StepConfiguration,
  type Translate,
} from '@daybook/core';
import type { StoredConfiguration } from '../api/wire.ts';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { useT } from '../words/language.tsx';
import css from './configurations.module.css';
import { errorText } from './error-text.ts';
import { StepWeights, shareText } from './step-weights.tsx';

type Measured = ConfigurationHistory['steps'][number];
type Row = StepConfiguration & { readonly past: Measured | undefined };

/** The steps of a version: what they weigh beside what they really take. */
export function RealDurations({
  configuration,
  history,
}: {
  configuration: StoredConfiguration;
  history: ConfigurationHistory | undefined;
}) {
  const t = useT();
  const past = new Map(history?.steps.map((step) => [step.tag, step]));
  const rows = configuration.steps.map((step): Row => ({ ...step, past: past.get(step.tag) }));
  const points = rows.reduce((sum, step) => sum + step.points, 0);
  const seconds = rows.reduce((sum, step) => sum + (step.past?.median ?? 0), 0);
  const columns: Column<Row>[] = [
    { key: 'name', head: t('field.step'), look: 'lead', cell: (row) => row.name },
    { key: 'tag', head: t('configurations.tag'), cell: (row) => <code>{row.tag}</code> },
    { key: 'points', head: t('field.points'), look: 'end', cell: (row) => formatNumber(row.points, t) },
    {
      key: 'share',
      head: t('configurations.share'),
      look: 'end',
      cell: (row) => shareText(row.points, points, t),
    },
    {
      key: 'real',
      head: t('configurations.realShare'),
      look: 'end',
      cell: ({ past }) => (past && seconds > 0 ? shareText(past.median, seconds, t) : ''),
    },
    {
      key: 'median',
      head: t('configurations.median'),
      look: 'end',
      cell: ({ past }) => lengthOf(past?.median, t),
    },
    { key: 'p90', head: t('configurations.p90'), look: 'end', cell: ({ past }) => lengthOf(past?.p90, t) },
  ];
  return (
    <section className={css.part}>
      <h2>{t('configurations.steps', { version: configuration.version })}</h2>
      <div className={css.bars}>
        <span>{t('configurations.byPoints')}</span>
        <StepWeights steps={configuration.steps} />
        {seconds > 0 && (
          <>
            <span>{t('configurations.byTime')}</span>
            <StepWeights
              steps={rows.map((row) => ({ ...row, points: row.past?.median ?? 0 }))}
              text={(step) => formatDuration(step.points * 1_000, t)}
            />
          </>
        )}
      </div>
      <DataTable
        label={t('configurations.steps', { version: configuration.version })}
        columns={columns}
        rows={rows}
        keyOf={(row) => row.tag}
      />
      {history && <p className={css.explain}>{measuredText(history, t)}</p>}
    </section>
  );
}

function lengthOf(seconds: number | undefined, t: Translate): string {
  return seconds === undefined ? '' : formatDuration(seconds * 1_000, t);
}

function measuredText({ jobs, whole }: ConfigurationHistory, t: Translate): string {
  if (jobs === 0) return t('configurations.notMeasured');
  const by = t('configurations.measuredBy', { count: jobs });
  if (whole.samples < 2) return by;
  return `${by} ${t('configurations.whole', { median: lengthOf(whole.median, t), most: lengthOf(whole.p90, t) })}`;
}

/** What was said of the end at 25, 50 and 75 %, held against what came. */
export function Foretold({ estimates }: { estimates: readonly EstimateError[] }) {
  const t = useT();
  const columns: Column<EstimateError>[] = [
    {
      key: 'at',
      head: t('configurations.foretold.at'),
      look: 'lead',
      cell: (row) => formatPercent(row.percent, t),
    },
    {
      key: 'within',
      head: t('configurations.foretold.within'),
      look: 'end',
      cell: (row) => `± ${errorText(row.within, t)}`,
    },
    {
      key: 'late',
      head: t('configurations.foretold.late'),
      look: 'end',
      cell: (row) => lateText(row.late, t),
    },
    { key: 'jobs', head: t('configurations.jobCount'), look: 'end', cell: (row) => formatCount(row.jobs, t) },
  ];
  return (
    <section className={css.part}>
      <h2>{t('configurations.foretold')}</h2>
      {estimates.length === 0 ? (
        <p className={css.explain}>{t('configurations.foretold.none')}</p>
      ) : (
        <DataTable
          label={t('configurations.foretold')}
          columns={columns}
          rows={estimates}
          keyOf={(row) => row.percent}
        />
      )}
    </section>
  );
}

function lateText(seconds: number, t: Translate): string {
  if (Math.abs(seconds) < 1) return t('configurations.foretold.exact');
  const time = errorText(Math.abs(seconds), t);
  return t(seconds > 0 ? 'configurations.foretold.later' : 'configurations.foretold.sooner', { time });
}
