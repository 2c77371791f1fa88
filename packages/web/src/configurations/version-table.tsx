import { type ConfigurationHistory, formatCount, type Translate } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import type { StoredConfiguration } from '../api/wire.ts';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import { compareVersions, countChanges } from './compare-versions.ts';
import css from './configurations.module.css';

type Row = StoredConfiguration & {
  readonly previous: StoredConfiguration | undefined;
  readonly use: ConfigurationHistory['versions'][number] | undefined;
};

/** All versions, newest first: which jobs used them, and what changed from one to the next. */
export function VersionTable({
  versions,
  history,
}: {
  versions: readonly StoredConfiguration[];
  history: ConfigurationHistory | undefined;
}) {
  const t = useT();
  const uses = new Map(history?.versions.map((each) => [each.version, each]));
  const rows = versions.map(
    (each, index): Row => ({ ...each, previous: versions[index + 1], use: uses.get(each.version) }),
  );
  const columns: Column<Row>[] = [
    { key: 'version', head: t('field.version'), look: 'lead', cell: (row) => row.version },
    { key: 'created', head: t('field.createdAt'), cell: (row) => <Ago at={row.createdAt} /> },
    { key: 'jobs', head: t('configurations.jobCount'), look: 'end', cell: (row) => <Jobs row={row} /> },
    { key: 'used', head: t('configurations.lastUsed'), cell: (row) => <LastUsed row={row} /> },
    {
      key: 'changed',
      head: t('configurations.whatChanged'),
      look: 'wide',
      cell: (row) => changeText(row, t),
    },
  ];
  return (
    <section className={css.part}>
      <h2>{t('configurations.versions')}</h2>
      <DataTable
        label={t('configurations.versions')}
        columns={columns}
        rows={rows}
        keyOf={(row) => row.version}
      />
    </section>
  );
}

function Jobs({ row }: { row: Row }) {
  const t = useT();
  const count = row.use?.jobs ?? 0;
  if (count === 0) return row.use && 0;
  return (
    <Link to="/" search={{ configuration: [row.tag], configurationVersion: [row.version] }}>
      {formatCount(count, t)}
    </Link>
  );
}

function LastUsed({ row: { use } }: { row: Row }) {
  const t = useT();
  if (use === undefined) return null;
  return use.lastSubmittedAt === null ? t('configurations.never') : <Ago at={use.lastSubmittedAt} />;
}

function changeText({ steps, previous }: Row, t: Translate): string {
  if (previous === undefined) return t('configurations.first');
  const counts = countChanges(compareVersions(previous.steps, steps));
  if (counts.length === 0) return t('configurations.same');
  return counts.map(({ change, count }) => t(`configurations.change.${change}`, { count })).join(' · ');
}
