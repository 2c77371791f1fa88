import { endedStatuses, type JobStatus } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { facetsQuery, latestFailuresQuery, maintenanceQuery } from '../api/queries.ts';
import type { FacetCount } from '../api/wire.ts';
import { draftedJobs } from '../job/draft-store.ts';
import { pauseClause } from '../maintenance/pause-text.ts';
import { useMay, useSession } from '../shell/session.ts';
import { useNow } from '../ui/use-now.ts';
import { timeZone, useT } from '../words/language.tsx';
import css from './greeting.module.css';
import type { ListSearch } from './search.ts';

/** Who canceled a job has said what there is to say. */
const judged: readonly JobStatus[] = endedStatuses.filter((status) => status !== 'canceled');

/** So many jobs are named; the rest comes when these are saved. */
const namedDrafts = 5;

/** The first line: what the person wants to know on arrival, in words; each clause leads to its list. */
export function Greeting() {
  const t = useT();
  const me = useSession().name;
  const mayJudge = useMay('jobs.annotate');
  const all = useQuery(facetsQuery({}));
  const mine = all.data?.user.some((each) => each.value === me) ? [me] : undefined;
  const waitingSearch: ListSearch = {
    status: judged,
    analysisStatus: ['open'],
    assessment: ['none'],
    user: mine,
  };
  const waiting = useQuery({ ...facetsQuery(waitingSearch), enabled: all.data !== undefined });
  const failures = useQuery(latestFailuresQuery);
  const pause = useQuery(maintenanceQuery).data?.current;
  const now = useNow();
  if (!all.data || !waiting.data || !failures.data) return <p className={css.greeting} />;

  const open = countOf(waiting.data.analysisStatus, 'open');
  const since = startOfYesterday();
  const failed = failures.data.items.filter(
    (job) => job.endedAt !== null && Date.parse(job.endedAt) >= since,
  ).length;
  const running = countOf(all.data.status, 'running');
  const clauses: { search: ListSearch; text: string; count: number; inbox?: boolean }[] = [
    {
      search: waitingSearch,
      // Who may judge goes where one judges.
      inbox: mayJudge,
      text: mine ? t('jobs.greeting.waiting', { count: open }) : t('greeting.waitingAll', { count: open }),
      count: open,
    },
    {
      search: { q: 'ended-after:yesterday', status: ['failed'], sort: '-endedAt' },
      text: t('jobs.greeting.failed', { count: failed }),
      count: failed,
    },
    { search: { status: ['running'] }, text: t('jobs.greeting.running', { count: running }), count: running },
  ];
  const said = clauses.filter((clause) => clause.count > 0);
  const drafted = mayJudge ? draftedJobs() : [];
  return (
    <p className={css.greeting}>
      {said.length === 0
        ? !pause && drafted.length === 0 && t('jobs.greeting.calm')
        : said.map((clause, index) => (
            <Clause key={clause.text} first={index === 0}>
              {clause.inbox ? (
                <Link to="/inbox" search={mine ? {} : { of: 'all' }}>
                  {clause.text}
                </Link>
              ) : (
                <Link to="/" search={clause.search}>
                  {clause.text}
                </Link>
              )}
            </Clause>
          ))}
      {drafted.length > 0 && (
        <Clause first={said.length === 0}>
          {t('greeting.drafts', { count: drafted.length })}
          {drafted.slice(0, namedDrafts).map(({ id, name }) => (
            <Fragment key={id}>
              {' '}
              <Link to="/jobs/$id" params={{ id: String(id) }}>
                {name}
              </Link>
            </Fragment>
          ))}
          {drafted.length > namedDrafts && ' …'}
        </Clause>
      )}
      {pause && (
        <Clause first={said.length === 0 && drafted.length === 0}>
          <Link to="/maintenance">{pauseClause(pause, now, t, timeZone)}</Link>
        </Clause>
      )}
    </p>
  );
}

function Clause({ first, children }: { first: boolean; children: ReactNode }) {
  return (
    <>
      {!first && <span className={css.dot}> · </span>}
      {children}
    </>
  );
}

function countOf(counts: readonly FacetCount[], value: string): number {
  return counts.find((each) => each.value === value)?.count ?? 0;
}

function startOfYesterday(): number {
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  return day.setDate(day.getDate() - 1);
}
