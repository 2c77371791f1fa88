import {
  endedStatuses,
  formatCount,
  formatDuration,
  formatPercent,
  type Statistics,
  statisticsGroups,
  successRate,
} from '@daybook/core';
import { useNavigate } from '@tanstack/react-router';
import type { StatisticsSearch } from '../api/diary-queries.ts';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { ListLink } from '../ui/list-link.tsx';
import { useT } from '../words/language.tsx';
import css from './dashboard.module.css';
import { filterOf } from './links.ts';

type Group = Statistics['groups'][number];

/** The same figures per project, user or kind; the bar shows how its jobs ended. */
export function GroupTable({ data, search }: { data: Statistics; search: StatisticsSearch }) {
  const t = useT();
  const navigate = useNavigate({ from: '/dashboard' });
  const by = search.by ?? 'project';
  const whole = { since: data.spans[0]?.since ?? '', until: data.spans.at(-1)?.until ?? '' };
  const most = Math.max(...data.groups.map(({ jobs }) => jobs), 1);
  const seconds = (value: number | null) => (value === null ? '–' : formatDuration(value * 1_000, t));
  const columns: Column<Group>[] = [
    {
      key: 'value',
      head: t(`field.${by}`),
      look: 'lead',
      cell: ({ value }) => (
        <ListLink filter={filterOf(search, whole, { by, value })}>{value ?? t('dashboard.nobody')}</ListLink>
      ),
    },
    {
      key: 'bar',
      head: t('dashboard.ended'),
      look: 'wide',
      cell: (group) => <Bar group={group} share={group.jobs / most} />,
    },
    {
      key: 'jobs',
      head: t('field.status'),
      cell: (group) => <Ends group={group} search={search} whole={whole} by={by} />,
    },
    {
      key: 'rate',
      head: t('dashboard.success'),
      look: 'end',
      cell: (group) => {
        const rate = successRate(group);
        return rate === null ? '–' : formatPercent(rate * 100, t);
      },
    },
    { key: 'waited', head: t('dashboard.waited'), look: 'end', cell: ({ waited }) => seconds(waited) },
    { key: 'ran', head: t('dashboard.ran'), look: 'end', cell: ({ ran }) => seconds(ran) },
  ];
  return (
    <section className={css.section}>
      <div className={css.by}>
        <h2>{t('dashboard.by')}</h2>
        {statisticsGroups.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === by}
            onClick={() =>
              void navigate({
                search: { ...search, by: each === 'project' ? undefined : each },
                replace: true,
                resetScroll: false,
              })
            }
          >
            {t(`field.${each}`)}
          </button>
        ))}
      </div>
      <DataTable
        label={t('dashboard.by')}
        columns={columns}
        rows={data.groups}
        keyOf={({ value }) => value ?? ' '}
      />
    </section>
  );
}

function Bar({ group, share }: { group: Group; share: number }) {
  return (
    <span className={css.bar} style={{ width: `${share * 100}%` }} aria-hidden="true">
      {endedStatuses.map((status) => {
        const count = group.ended[status] ?? 0;
        return count > 0 && <span key={status} data-status={status} style={{ flexGrow: count }} />;
      })}
    </span>
  );
}

function Ends({
  group,
  search,
  whole,
  by,
}: {
  group: Group;
  search: StatisticsSearch;
  whole: { since: string; until: string };
  by: (typeof statisticsGroups)[number];
}) {
  const t = useT();
  return (
    <span className={css.ends}>
      {endedStatuses.map((status) => {
        const count = group.ended[status] ?? 0;
        if (count === 0) return null;
        const text = `${formatCount(count, t)} ${t(`status.${status}`)}`;
        return (
          <ListLink key={status} filter={filterOf(search, whole, { status, by, value: group.value })}>
            {text}
          </ListLink>
        );
      })}
    </span>
  );
}
