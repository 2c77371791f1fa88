import {
  dayAfter,
  formatCount,
  formatDay,
  formatDuration,
  formatPercent,
  localDate,
  type Statistics,
  statisticsGroups,
  successRate,
} from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { type StatisticsSearch, statisticsQuery } from '../api/diary-queries.ts';
import { Page } from '../shell/page.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { ListLink } from '../ui/list-link.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { timeZone, useT } from '../words/language.tsx';
import css from './dashboard.module.css';
import { GroupTable } from './group-table.tsx';
import { filterOf } from './links.ts';
import { SpanTable } from './span-table.tsx';

const Charts = lazy(() => import('./charts.tsx').then((module) => ({ default: module.Charts })));

const route = getRouteApi('/dashboard');
const ranges = [7, 30, 90, 365] as const;

/** How the jobs went that ended: every mark leads to the jobs that it counts. */
export function DashboardPage() {
  const t = useT();
  const search = route.useSearch();
  const { data, error, refetch } = useQuery(statisticsQuery(search));
  return (
    <Page wide title={t('nav.dashboard')}>
      <p className={css.lead}>{t('dashboard.explain')}</p>
      <Choices search={search} />
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton />}
      {data && <Figures data={data} search={search} />}
    </Page>
  );
}

function Figures({ data, search }: { data: Statistics; search: StatisticsSearch }) {
  const t = useT();
  if (data.total.jobs === 0) return <p>{t('dashboard.none')}</p>;
  return (
    <>
      <Total data={data} search={search} />
      <Suspense fallback={<div className={css.waiting} />}>
        <Charts data={data} search={search} />
      </Suspense>
      <GroupTable data={data} search={search} />
      <details>
        <summary>{t('dashboard.asTable')}</summary>
        <SpanTable data={data} search={search} />
      </details>
    </>
  );
}

function Total({
  data: { total, spans, timeZone: zone },
  search,
}: {
  data: Statistics;
  search: StatisticsSearch;
}) {
  const t = useT();
  const rate = successRate(total);
  const whole = { since: spans[0]?.since ?? '', until: spans.at(-1)?.until ?? '' };
  const seconds = (value: number | null) => (value === null ? '–' : formatDuration(value * 1_000, t));
  const facts = [
    {
      name: t('dashboard.ended'),
      value: <ListLink filter={filterOf(search, whole)}>{formatCount(total.jobs, t)}</ListLink>,
    },
    {
      name: t('dashboard.success'),
      value: (
        <span title={t('dashboard.success.hint')}>{rate === null ? '–' : formatPercent(rate * 100, t)}</span>
      ),
    },
    { name: `${t('dashboard.waited')} (${t('dashboard.median')})`, value: seconds(total.waited) },
    { name: `${t('dashboard.ran')} (${t('dashboard.median')})`, value: seconds(total.ran) },
  ];
  return (
    <dl className={css.total}>
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div>
        <dt>{t('dashboard.time')}</dt>
        <dd className={css.span}>
          {formatDay(Date.parse(whole.since), t, zone)} {t('dashboard.to')}{' '}
          {formatDay(Date.parse(whole.until) - 1, t, zone)}
        </dd>
      </div>
    </dl>
  );
}

function Choices({ search }: { search: StatisticsSearch }) {
  const t = useT();
  const navigate = useNavigate({ from: '/dashboard' });
  const show = (change: StatisticsSearch) =>
    void navigate({ search: { ...search, ...change }, replace: true });
  const today = localDate(Date.now(), timeZone);
  const range =
    search.to === undefined ? ranges.find((days) => search.from === dayAfter(today, 1 - days)) : undefined;
  return (
    <div className={css.choices}>
      <SelectField
        label={t('dashboard.time')}
        value={search.from === undefined && search.to === undefined ? '30' : String(range ?? '')}
        onChange={(event) => {
          const days = Number(event.target.value);
          show({
            from: days === 30 ? undefined : dayAfter(today, 1 - days),
            to: undefined,
            per: days > 90 ? 'week' : undefined,
          });
        }}
      >
        {range === undefined && search.from !== undefined && <option value="">…</option>}
        {ranges.map((days) => (
          <option key={days} value={days}>
            {t('dashboard.last', { count: days })}
          </option>
        ))}
      </SelectField>
      <TextField
        type="date"
        label={t('dashboard.range')}
        value={search.from ?? ''}
        onChange={(event) => show({ from: event.target.value || undefined })}
      />
      <TextField
        type="date"
        label={t('dashboard.until')}
        value={search.to ?? ''}
        onChange={(event) => show({ to: event.target.value || undefined })}
      />
      <SelectField
        label={t('dashboard.by')}
        value={search.per ?? 'day'}
        onChange={(event) => show({ per: event.target.value === 'week' ? 'week' : undefined })}
      >
        <option value="day">{t('dashboard.days')}</option>
        <option value="week">{t('dashboard.weeks')}</option>
      </SelectField>
      {statisticsGroups.map((name) => (
        <Filter key={name} name={name} search={search} onChange={(value) => show({ [name]: value })} />
      ))}
    </div>
  );
}

function Filter({
  name,
  search,
  onChange,
}: {
  name: (typeof statisticsGroups)[number];
  search: StatisticsSearch;
  onChange: (value: string | undefined) => void;
}) {
  const t = useT();
  // What can be chosen is what there is in this time, whatever is chosen now.
  const { data } = useQuery(statisticsQuery({ ...search, [name]: undefined, by: name }));
  const values = (data?.groups ?? []).flatMap(({ value }) => value ?? []);
  const chosen = search[name];
  const offered = chosen !== undefined && !values.includes(chosen) ? [chosen, ...values] : values;
  return (
    <SelectField
      label={t(`field.${name}`)}
      value={chosen ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">{t('jobs.filter.any')}</option>
      {offered.map((value) => (
        <option key={value} value={value}>
          {value}
        </option>
      ))}
    </SelectField>
  );
}
