import { isActive, type Job } from '@daybook/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, lazy, Suspense, useEffect, useMemo, useRef } from 'react';
import { ApiError } from '../api/client.ts';
import { lineageQuery } from '../api/diary-queries.ts';
import { jobQuery, timelineQuery } from '../api/queries.ts';
import { MyJob } from '../customer/my-job.tsx';
import { useLiveRow } from '../live/live-rows.ts';
import { Page, useTitle } from '../shell/page.tsx';
import { useMay } from '../shell/session.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { useT } from '../words/language.tsx';
import { JobHeader } from './job-header.tsx';
import css from './job-page.module.css';
import { type JobTab, jobTabs } from './job-tabs.ts';
import { LifeBar } from './life-bar.tsx';
import { StepList } from './step-list.tsx';
import { Timeline } from './timeline.tsx';
import { VerdictForm } from './verdict-form.tsx';

const FilesTab = lazy(() => import('./files-tab.tsx').then((module) => ({ default: module.FilesTab })));
const LogView = lazy(() => import('./log-view.tsx').then((module) => ({ default: module.LogView })));
const MetadataTab = lazy(() =>
  import('./metadata-tab.tsx').then((module) => ({ default: module.MetadataTab })),
);
const LineageTab = lazy(() =>
  import('../lineage/lineage-tab.tsx').then((module) => ({ default: module.LineageTab })),
);
const HistoryTab = lazy(() => import('./history-tab.tsx').then((module) => ({ default: module.HistoryTab })));
const RawTab = lazy(() => import('./raw-tab.tsx').then((module) => ({ default: module.RawTab })));
const SourceTab = lazy(() =>
  import('../sources/source-tab.tsx').then((module) => ({ default: module.SourceTab })),
);
const TerminalTab = lazy(() =>
  import('./terminal-tab.tsx').then((module) => ({ default: module.TerminalTab })),
);

const route = getRouteApi('/jobs/$id');

export function JobPage() {
  const t = useT();
  const { id: text } = route.useParams();
  const id = Number(text);
  const exists = Number.isInteger(id) && id > 0;
  const { tab } = route.useSearch();
  const { data, error, refetch } = useQuery({ ...jobQuery(id), enabled: exists });
  const client = useQueryClient();
  const maySeeInside = useMay('jobs.inspect');
  // Asked for together with the job, not after it.
  useEffect(() => {
    if (!exists || !maySeeInside) return;
    if (tab === undefined) void client.prefetchInfiniteQuery(timelineQuery(id));
    if (tab === 'lineage') void client.prefetchQuery(lineageQuery(id));
  }, [client, exists, id, maySeeInside, tab]);
  const missing = !(id > 0) || (error instanceof ApiError && error.status < 500 && error.status >= 400);
  if (data) return maySeeInside ? <WholeJob key={id} job={data} /> : <MyJob key={id} job={data} />;
  if (missing) {
    return (
      <Page title={t('job.notFound', { id: text })}>
        <p>
          <Link to="/">{t('nav.back')}</Link>
        </p>
      </Page>
    );
  }
  return <main id="content">{error && <ErrorNote error={error} onRetry={() => void refetch()} />}</main>;
}

function WholeJob({ job: loaded }: { job: Job }) {
  const job = useLiveRow(loaded);
  const t = useT();
  useTitle(`${job.name} · ${t(`status.${job.status}`)}`);
  return (
    <main id="content" className={css.page} tabIndex={-1}>
      <JobHeader job={job} />
      <LifeBar job={job} />
      {job.assessment === 'obsolete' && <p className={css.obsolete}>{t('job.obsolete.note')}</p>}
      {job.error && <p className={css.error}>{job.error}</p>}
      <div className={css.columns}>
        <div className={css.side}>
          <StepList job={job} />
          <VerdictForm job={job} />
        </div>
        <Tabs job={job} />
      </div>
    </main>
  );
}

function Tabs({ job }: { job: Job }) {
  const t = useT();
  const { tab: chosen = 'timeline' } = route.useSearch();
  const navigate = useNavigate({ from: '/jobs/$id' });
  const show = useMemo(
    () => (tab: JobTab) =>
      void navigate({
        search: tab === 'timeline' ? {} : { tab },
        state: (old) => old,
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  useTabKeys(show);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = jobTabs[(jobTabs.indexOf(chosen) + step + jobTabs.length) % jobTabs.length] ?? chosen;
    show(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  const list = useRef<HTMLDivElement>(null);
  // On a narrow screen they do not all fit: the chosen one is among those that are seen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another one is chosen then
  useEffect(() => {
    const tab = list.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (!list.current || !tab) return;
    const before = tab.offsetLeft - list.current.offsetLeft;
    list.current.scrollLeft = before - (list.current.clientWidth - tab.offsetWidth) / 2;
  }, [chosen]);
  return (
    <div className={css.main}>
      <div
        ref={list}
        role="tablist"
        aria-label={t('job.title', { id: job.id })}
        className={css.tabs}
        onKeyDown={onKeyDown}
      >
        {jobTabs.map((tab) => (
          <button
            key={tab}
            id={`tab-${tab}`}
            type="button"
            role="tab"
            aria-selected={tab === chosen}
            aria-controls="tab-panel"
            tabIndex={tab === chosen ? 0 : -1}
            onClick={() => show(tab)}
          >
            {t(`job.tab.${tab}`)}
          </button>
        ))}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${chosen}`} className={css.panel}>
        <Suspense fallback={<Skeleton />}>
          <TabContent tab={chosen} job={job} />
        </Suspense>
      </div>
    </div>
  );
}

function TabContent({ tab, job }: { tab: JobTab; job: Job }) {
  switch (tab) {
    case 'timeline':
      return <Timeline job={job} />;
    case 'log':
      return <LogView jobId={job.id} active={isActive(job.status)} />;
    case 'files':
      return <FilesTab job={job} />;
    case 'lineage':
      return <LineageTab job={job} />;
    case 'history':
      return <HistoryTab jobId={job.id} />;
    case 'metadata':
      return <MetadataTab job={job} />;
    case 'source':
      return <SourceTab jobId={job.id} />;
    case 'raw':
      return <RawTab job={job} />;
    case 'terminal':
      return <TerminalTab job={job} />;
  }
}

function useTabKeys(show: (tab: JobTab) => void): void {
  const t = useT();
  const shortcuts = useMemo(
    (): Shortcut[] =>
      jobTabs.map((tab, index) => ({
        keys: String(index + 1),
        label: t(`job.tab.${tab}`),
        run: () => show(tab),
      })),
    [t, show],
  );
  useShortcuts(shortcuts);
}
