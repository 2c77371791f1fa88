import { formatPercent, type JobSummary } from '@daybook/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { myJobsQuery, myLinksQuery, myRunningQuery } from '../api/people-queries.ts';
import { liveLine } from '../live/live-line.ts';
import { useLiveRow } from '../live/live-rows.ts';
import { later } from '../live/timer.ts';
import { Page } from '../shell/page.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { More } from '../ui/more.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import css from './my-jobs-page.module.css';
import { ProgressBar } from './progress-view.tsx';

/** Jobs come in flocks; the list follows within this time, ms. */
const soon = 1_000;

/** A customer's own page: the jobs that name them, how far they are, and nothing of how they work. */
export function MyJobsPage() {
  const t = useT();
  const jobs = useInfiniteQuery(myJobsQuery);
  const running = useQuery(myRunningQuery);
  const rows = jobs.data?.pages.flatMap((page) => page.items) ?? [];
  useNewJobs();
  return (
    <Page title={t('mine.title')}>
      {jobs.error && <ErrorNote error={jobs.error} onRetry={() => void jobs.refetch()} />}
      {jobs.data && rows.length === 0 && (
        <Empty title={t('mine.empty.title')}>
          <p>{t('mine.empty.explain')}</p>
        </Empty>
      )}
      {rows.length > 0 && running.data !== undefined && (
        <p className={css.summary}>{t('mine.summary', { count: running.data })}</p>
      )}
      <ul className={css.jobs}>
        {rows.map((job) => (
          <MyJobRow key={job.id} job={job} />
        ))}
      </ul>
      <More query={jobs} />
      <Links />
    </Page>
  );
}

function MyJobRow({ job: loaded }: { job: JobSummary }) {
  const t = useT();
  const job = useLiveRow(loaded);
  return (
    <li className={css.job}>
      <div className={css.line}>
        <Link to="/jobs/$id" params={{ id: String(job.id) }} className={css.name}>
          {job.name}
        </Link>
        <span className={css.status}>
          <StatusMark status={job.status} progress={job.progress} />
          {t(`status.${job.status}`)}
          <span className={css.percent}>{formatPercent(job.progress, t)}</span>
        </span>
      </div>
      <ProgressBar progress={job} />
      <p className={css.when}>
        {t('mine.submitted')} <Ago at={job.submittedAt} />
      </p>
    </li>
  );
}

/** Whom they follow, and as whom: what they tell their provider when something is missing. */
function Links() {
  const t = useT();
  const { data } = useQuery(myLinksQuery);
  if (!data || data.items.length === 0) return null;
  const all = data.items.map(({ provider, customer }) => t('mine.link', { provider, customer }));
  return (
    <p className={css.links}>
      {t('mine.links')} {all.join(' · ')}
    </p>
  );
}

/** A job that the list lacks is new, and enters by itself: customers have few, and read rather than work here. */
function useNewJobs(): void {
  const client = useQueryClient();
  useEffect(() => {
    let cancel: (() => void) | undefined;
    const isListed = (id: number) =>
      client
        .getQueryData(myJobsQuery.queryKey)
        ?.pages.some((page) => page.items.some((job) => job.id === id)) === true;
    const stop = liveLine.listen((message) => {
      // What came between the list and the beginning of the stream was told to nobody.
      const begins = message.type === 'state' && message.state === 'live';
      if (message.type !== 'job' && !begins) return;
      const known = message.type === 'job' && isListed(message.job.id);
      cancel ??= later(soon, () => {
        cancel = undefined;
        if (!known) void client.invalidateQueries({ queryKey: myJobsQuery.queryKey });
        void client.invalidateQueries({ queryKey: myRunningQuery.queryKey });
      });
    });
    return () => {
      cancel?.();
      stop();
    };
  }, [client]);
}
