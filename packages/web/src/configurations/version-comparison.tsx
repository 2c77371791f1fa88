import { formatNumber, type Translate } from '@daybook/core';
import type { StoredConfiguration } from '../api/wire.ts';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { SelectField } from '../ui/field.tsx';
import { useT } from '../words/language.tsx';
import { compareVersions, type StepPair } from './compare-versions.ts';
import css from './configurations.module.css';
import { shareText } from './step-weights.tsx';

interface Chosen {
  readonly before: StoredConfiguration;
  readonly after: StoredConfiguration;
}

interface VersionComparisonProps extends Chosen {
  readonly versions: readonly StoredConfiguration[];
  readonly onChoose: (chosen: { before?: string; after?: string }) => void;
}

/** Two versions side by side, chosen from all. */
export function VersionComparison({ versions, before, after, onChoose }: VersionComparisonProps) {
  const t = useT();
  const options = versions.map(({ version }) => <option key={version}>{version}</option>);
  return (
    <section className={css.part}>
      <h2>{t('configurations.sideBySide')}</h2>
      <div className={css.choices}>
        <SelectField
          label={t('configurations.before')}
          value={before.version}
          onChange={(event) => onChoose({ before: event.currentTarget.value })}
        >
          {options}
        </SelectField>
        <SelectField
          label={t('configurations.after')}
          value={after.version}
          onChange={(event) => onChoose({ after: event.currentTarget.value })}
        >
          {options}
        </SelectField>
      </div>
      <SideBySide before={before} after={after} />
    </section>
  );
}

/** The steps of two versions: points and share of each, and what changed. */
export function SideBySide({ before, after }: { before: Weights; after: Weights }) {
  const t = useT();
  const [was, is] = [sumOf(before), sumOf(after)];
  const columns: Column<StepPair>[] = [
    { key: 'step', head: t('field.step'), look: 'lead', cell: (pair) => (pair.after ?? pair.before)?.name },
    {
      key: 'before',
      head: before.version,
      look: 'end',
      cell: ({ before }) => before && formatNumber(before.points, t),
    },
    {
      key: 'beforeShare',
      head: t('configurations.share'),
      look: 'end',
      cell: (pair) => pair.before && shareText(pair.before.points, was, t),
    },
    {
      key: 'after',
      head: after.version,
      look: 'end',
      cell: ({ after }) => after && formatNumber(after.points, t),
    },
    {
      key: 'afterShare',
      head: t('configurations.share'),
      look: 'end',
      cell: (pair) => pair.after && shareText(pair.after.points, is, t),
    },
    {
      key: 'changes',
      head: t('configurations.whatChanged'),
      look: 'wide',
      cell: (pair) => changesText(pair, t),
    },
  ];
  return (
    <DataTable
      label={t('configurations.sideBySide')}
      columns={columns}
      rows={compareVersions(before.steps, after.steps)}
      keyOf={(pair) => pair.tag}
      isOver={(pair) => pair.after === undefined}
    />
  );
}

export type Weights = Pick<StoredConfiguration, 'version' | 'steps'>;

function sumOf({ steps }: Weights): number {
  return steps.reduce((sum, step) => sum + step.points, 0);
}

function changesText({ changes, before }: StepPair, t: Translate): string {
  return changes
    .map((change) =>
      change === 'renamed'
        ? t('configurations.step.renamed', { name: before?.name ?? '' })
        : t(`configurations.step.${change}`),
    )
    .join(' · ');
}
