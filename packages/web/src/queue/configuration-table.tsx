import { formatCount, formatDuration, type QueueOverview } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ListSearch } from '../list/search.ts';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { useNow } from '../ui/use-now.ts';
import { useT } from '../words/language.tsx';
import { sumOf } from './flow.ts';
import { FlowChart } from './flow-chart.tsx';
import css from './queue.module.css';
import { due, jobsBehind, later, queuedBehind } from './queue-links.ts';

type Row = QueueOverview['configurations'][number];

/** One configuration per line, always in the same order: numbers aligned, and its last quarter of an hour drawn. */
export function ConfigurationTable({ rows, at }: { rows: readonly Row[]; at: number }) {
  const t = useT();
  const columns: Column<Row>[] = [
    { key: 'tag', head: t('field.configuration'), look: 'lead', cell: (row) => <Name row={row} /> },
    {
      key: 'waiting',
      head: t('queue.waiting'),
      look: 'end',
      cell: (row) => <Jobs count={row.waiting} search={queuedBehind(due, row.tag)} />,
    },
    { key: 'oldest', head: t('queue.oldest'), look: 'end', cell: (row) => <Oldest row={row} /> },
    {
      key: 'scheduled',
      head: t('queue.scheduled'),
      look: 'end',
      cell: (row) => <Jobs count={row.scheduled} search={queuedBehind(later, row.tag)} />,
    },
    { key: 'running', head: t('queue.running'), look: 'end', cell: (row) => <Running row={row} /> },
    {
      key: 'flow',
      head: t('queue.flow'),
      cell: (row) => <FlowChart inPerMinute={row.inPerMinute} outPerMinute={row.outPerMinute} at={at} />,
    },
    {
      key: 'in',
      head: t('queue.in'),
      look: 'end',
      cell: (row) => (
        <Jobs count={sumOf(row.inPerMinute)} search={jobsBehind(undefined, row.tag, '-submittedAt')} />
      ),
    },
    {
      key: 'out',
      head: t('queue.out'),
      look: 'end',
      cell: (row) => (
        <Jobs count={sumOf(row.outPerMinute)} search={jobsBehind(undefined, row.tag, '-endedAt')} />
      ),
    },
    { key: 'state', head: t('queue.state'), look: 'wide', cell: (row) => <State row={row} /> },
  ];
  const sorted = [...rows].sort((a, b) => byTag.compare(a.tag ?? '\uffff', b.tag ?? '\uffff'));
  return (
    <DataTable
      label={t('queue.configurations')}
      columns={columns}
      rows={sorted}
      keyOf={(row) => row.tag ?? ''}
    />
  );
}

const byTag = new Intl.Collator(undefined, { numeric: true });

function Name({ row }: { row: Row }) {
  const t = useT();
  if (row.tag === null) return <span className={css.quiet}>{t('queue.noConfiguration')}</span>;
  return (
    <Link to="/configurations/$tag" params={{ tag: row.tag }}>
      {row.tag}
    </Link>
  );
}

/** A number that leads to its jobs; none leads nowhere, and stands back. */
function Jobs({ count, search }: { count: number; search: ListSearch }): ReactNode {
  const t = useT();
  if (count === 0) return <span className={css.zero}>0</span>;
  return (
    <Link to="/" search={search}>
      {formatCount(count, t)}
    </Link>
  );
}

function Oldest({ row }: { row: Row }) {
  const t = useT();
  const now = useNow(true);
  if (row.oldestWaitingAt === null) return null;
  return (
    <Link to="/" search={jobsBehind(['queued'], row.tag, 'id')}>
      {formatDuration(Math.max(0, now - Date.parse(row.oldestWaitingAt)), t)}
    </Link>
  );
}

function Running({ row }: { row: Row }) {
  const t = useT();
  return (
    <>
      <Jobs count={row.running} search={jobsBehind(['running'], row.tag)} />
      {row.limit !== null && (
        <span className={css.quiet}> {t('queue.ofLimit', { limit: formatCount(row.limit, t) })}</span>
      )}
    </>
  );
}

function State({ row }: { row: Row }) {
  const t = useT();
  if (row.paused) return <span className={css.warn}>{t('queue.isPaused')}</span>;
  if (row.limit !== null && row.running >= row.limit && row.waiting > 0) {
    return <span className={css.quiet}>{t('queue.isFull')}</span>;
  }
  return null;
}
