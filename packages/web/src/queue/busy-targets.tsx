import type { Target } from '@daybook/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { targetsQuery } from '../api/queries.ts';
import { LastStatus } from '../targets/last-status.tsx';
import { TargetLink } from '../targets/target-link.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { useT } from '../words/language.tsx';
import css from './queue.module.css';

/** The targets that somebody holds right now. */
export function BusyTargets() {
  const t = useT();
  // A job holds its target from the moment that it waits.
  const running = useInfiniteQuery(targetsQuery({ status: 'running' }));
  const waiting = useInfiniteQuery(targetsQuery({ status: 'queued' }));
  const error = running.error ?? waiting.error;
  const rows = [running, waiting]
    .flatMap(({ data }) => data?.pages[0]?.items ?? [])
    .filter((each) => each.activeJobId !== null);
  const columns: Column<Target>[] = [
    { key: 'name', head: t('field.target'), look: 'lead', cell: (each) => <TargetLink name={each.name} /> },
    { key: 'status', head: t('field.status'), cell: (each) => <LastStatus target={each} /> },
    { key: 'operation', head: t('field.operation'), cell: (each) => each.lastJob.operation },
    {
      key: 'job',
      head: t('queue.worker.job'),
      look: 'wide',
      cell: (each) => (
        <Link to="/jobs/$id" params={{ id: String(each.lastJob.id) }}>
          {each.lastJob.name}
        </Link>
      ),
    },
  ];
  return (
    <section className={css.section}>
      <h2>{t('queue.busy')}</h2>
      {error && <ErrorNote error={error} />}
      {running.data && waiting.data && rows.length === 0 && (
        <p className={css.quiet}>{t('queue.busy.none')}</p>
      )}
      {rows.length > 0 && (
        <DataTable label={t('queue.busy')} columns={columns} rows={rows} keyOf={(each) => each.name} />
      )}
      <p>
        <Link to="/targets">{t('queue.busy.all')}</Link>
      </p>
    </section>
  );
}
