import {
  DaybookError,
  dayAfter,
  endedStatuses,
  type Figures,
  type JobStatus,
  localDate,
  type Scope,
  type Span,
  type Statistics,
  type StatisticsGroup,
  type StatisticsQuery,
  spansOf,
  statisticsLimits,
  toIso,
} from '@daybook/core';
import { type Kysely, sql } from 'kysely';
import { filteredJobs } from '../jobs/filtered-jobs.ts';
import { visibleJobs } from '../jobs/visible-jobs.ts';
import type { Database } from '../storage/index.ts';

/**
 * Counts what ended in each day or week, and how, and takes the medians of how long it waited and ran.
 *
 * Days are given to the database as pairs of instants, so that both engines agree on where one ends, whatever the clocks
 * of the zone do that night; each pair is a range of the index on ends. Medians are of ranks, because only one of the
 * engines has a function for them.
 *
 * @throws DaybookError `invalid_request` for days the wrong way round, or too many
 */
export async function readStatistics(
  db: Kysely<Database>,
  scope: Scope,
  query: StatisticsQuery,
  { now, timeZone }: { now: number; timeZone: string },
): Promise<Statistics> {
  const spans = spansAsked(query, now, timeZone);
  const ended = endedJobs(db, scope, query, spans);
  // One after the other: they share one reader.
  const counts = await countEnds(ended);
  const figures = new Map<string, Draft>();
  const draft = (part: Part, key: Key) => {
    const name = JSON.stringify([part, key]);
    const known = figures.get(name) ?? { ended: {}, jobs: 0, waited: null, ran: null };
    figures.set(name, known);
    return known;
  };
  for (const { n, value, status, count } of counts)
    for (const [part, key] of [
      ['span', n],
      ['value', value],
      ['total', null],
    ] as const) {
      const each = draft(part, key);
      each.ended[status] = (each.ended[status] ?? 0) + Number(count);
      each.jobs += Number(count);
    }
  for (const part of ['span', 'value', 'total'] as const)
    for (const time of ['waited', 'ran'] as const)
      for (const { key, median } of await medians(ended, part, time))
        draft(part, key)[time] = Number(median) / 1_000;
  const values = [...new Set(counts.map(({ value }) => value))];
  return {
    timeZone,
    spans: spans.map(({ since, until }, n) => ({
      since: toIso(since),
      until: toIso(until),
      ...draft('span', n),
    })),
    groups: values
      .map((value) => ({ value, ...draft('value', value) }))
      .sort((a, b) => b.jobs - a.jobs || String(a.value).localeCompare(String(b.value)))
      .slice(0, statisticsLimits.groups),
    total: draft('total', null),
  };
}

type Draft = { -readonly [Name in keyof Figures]: Figures[Name] };
type Part = 'span' | 'value' | 'total';
type Key = number | string | null;

function spansAsked({ from, to, per }: StatisticsQuery, now: number, timeZone: string): Span[] {
  const last = to ?? localDate(now, timeZone);
  const first = from ?? dayAfter(last, -29);
  const spans = first > last ? [] : spansOf(per, { first, last }, timeZone);
  const message =
    spans.length === 0
      ? 'must not be after the last day'
      : spans.length > statisticsLimits.spans
        ? `must be at most ${statisticsLimits.spans} ${per}s before the last`
        : undefined;
  if (message !== undefined)
    throw new DaybookError('invalid_request', undefined, { faults: [{ path: 'from', message }] });
  return spans;
}

const columns = {
  project: 'jobs.project',
  user: 'jobs.user_name',
  kind: 'jobs.kind',
} as const satisfies Record<StatisticsGroup, string>;

/** The jobs that ended in one of the spans, each with the number of its span, what it is grouped by, and its times. */
function endedJobs(db: Kysely<Database>, scope: Scope, query: StatisticsQuery, spans: readonly Span[]) {
  const rows = spans.map(({ since, until }, n) => sql`(${sql.lit(n)}, ${sql.lit(since)}, ${sql.lit(until)})`);
  return db
    .with(
      'span(n, since, until)',
      () => sql<{ n: number; since: number; until: number }>`(VALUES ${sql.join(rows)})`,
    )
    .with('ended', (cte) =>
      cte
        .selectFrom('span')
        .innerJoin('jobs', (join) =>
          join
            .onRef('jobs.ended_at', '>=', sql.ref('span.since'))
            .onRef('jobs.ended_at', '<', sql.ref('span.until')),
        )
        .select((eb) => [
          'span.n as n',
          eb.ref(columns[query.by]).as('value'),
          'jobs.status as status',
          sql<number | null>`jobs.started_at - jobs.submitted_at`.as('waited'),
          sql<number | null>`jobs.ended_at - jobs.started_at`.as('ran'),
        ])
        .where('jobs.status', 'in', endedStatuses)
        .where((eb) => visibleJobs(scope)(eb as never))
        .where((eb) => filteredJobs(query)(eb as never)),
    );
}

type Ended = ReturnType<typeof endedJobs>;

function countEnds(ended: Ended) {
  return ended
    .selectFrom('ended')
    .select((eb) => [
      'n',
      sql<string | null>`value`.as('value'),
      sql<JobStatus>`status`.as('status'),
      eb.fn.countAll<number>().as('count'),
    ])
    .groupBy(['n', 'value', 'status'])
    .execute();
}

/** The middle one of the times of each part, or the mean of the two in the middle, milliseconds. */
function medians(ended: Ended, part: Part, time: 'waited' | 'ran') {
  const key = { span: sql`n`, value: sql`value`, total: sql`NULL` }[part];
  const times = sql.ref(time);
  return ended
    .with('ranked', (cte) =>
      cte
        .selectFrom('ended')
        .select([
          sql<Key>`${key}`.as('key'),
          sql<number>`${times}`.as('time'),
          sql<number>`row_number() OVER (PARTITION BY ${key} ORDER BY ${times})`.as('place'),
          sql<number>`count(*) OVER (PARTITION BY ${key})`.as('total'),
        ])
        .where(sql<boolean>`${times} >= 0`),
    )
    .selectFrom('ranked')
    .select(['key', (eb) => eb.fn.avg<number>('time').as('median')])
    .where(sql<boolean>`2 * place IN (total, total + 1, total + 2)`)
    .groupBy('key')
    .execute();
}
