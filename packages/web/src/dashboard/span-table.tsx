import {
  formatCount,
  formatDay,
  formatDuration,
  formatPercent,
  type JobStatus,
  type Statistics,
  successRate,
} from '@daybook/core';
import type { StatisticsSearch } from '../api/diary-queries.ts';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { ListLink } from '../ui/list-link.tsx';
import { useT } from '../words/language.tsx';
import { filterOf } from './links.ts';
import { drawnEnds } from './marks.ts';

type Span = Statistics['spans'][number];

/** What the charts draw, in figures: for those who read them, or have them read to them. */
export function SpanTable({ data, search }: { data: Statistics; search: StatisticsSearch }) {
  const t = useT();
  const seconds = (value: number | null) => (value === null ? '–' : formatDuration(value * 1_000, t));
  const shown = drawnEnds(data.total);
  const columns: Column<Span>[] = [
    {
      key: 'day',
      head: t(search.per === 'week' ? 'dashboard.week' : 'dashboard.day'),
      look: 'lead',
      cell: (span) => {
        const day = formatDay(Date.parse(span.since), t, data.timeZone);
        return span.jobs === 0 ? day : <ListLink filter={filterOf(search, span)}>{day}</ListLink>;
      },
    },
    ...shown.map(
      (status: JobStatus): Column<Span> => ({
        key: status,
        head: t(`status.${status}`),
        look: 'end',
        cell: (span) => {
          const count = span.ended[status] ?? 0;
          return count === 0 ? (
            ''
          ) : (
            <ListLink filter={filterOf(search, span, { status })}>{formatCount(count, t)}</ListLink>
          );
        },
      }),
    ),
    {
      key: 'rate',
      head: t('dashboard.success'),
      look: 'end',
      cell: (span) => {
        const rate = successRate(span);
        return rate === null ? '' : formatPercent(rate * 100, t);
      },
    },
    { key: 'waited', head: t('dashboard.waited'), look: 'end', cell: ({ waited }) => seconds(waited) },
    { key: 'ran', head: t('dashboard.ran'), look: 'end', cell: ({ ran }) => seconds(ran) },
  ];
  return (
    <DataTable
      label={t('dashboard.asTable')}
      columns={columns}
      rows={data.spans.toReversed()}
      keyOf={({ since }) => since}
    />
  );
}
