import { formatCount } from '@daybook/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { facetsQuery, jobsQuery } from '../api/queries.ts';
import { useTitle } from '../shell/page.tsx';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { narrowScreen, useMedia } from '../ui/use-media.ts';
import { useT } from '../words/language.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { ChosenFilters, fieldOf } from './chosen-filters.tsx';
import { ColumnsMenu } from './columns-menu.tsx';
import { useDefaultView } from './default-view.ts';
import { ExportMenu } from './export-menu.tsx';
import { FacetColumn } from './facet-column.tsx';
import { Greeting } from './greeting.tsx';
import { JobTable } from './job-table.tsx';
import css from './jobs-page.module.css';
import { useLeftOut } from './left-out.ts';
import { LookSwitch } from './look-switch.tsx';
import { LastSearch, NoJobs, UnreadableSearch } from './no-jobs.tsx';
import { parsed } from './parsed-query.ts';
import { hidesObsolete, isFiltered, searchText, withoutLook } from './search.ts';
import { SortMenu } from './sort-menu.tsx';
import { useUnread } from './unread-query.ts';
import { useNewcomers } from './use-newcomers.ts';
import { useSelection } from './use-selection.ts';
import { ViewsMenu } from './views-menu.tsx';

const route = getRouteApi('/');

/** One list for everything: simulation, import, ingest, script. The address holds all of its state. */
export function JobsPage() {
  const t = useT();
  const search = route.useSearch();
  useDefaultView(search);
  const leftOut = useLeftOut(search);
  const narrow = useMedia(narrowScreen);
  const [filtersShown, setFiltersShown] = useState(false);
  const { fault } = parsed(search.q ?? '');
  const readable = fault === undefined;
  const unread = useUnread();
  const told = unread?.fault ?? fault;
  const jobs = useInfiniteQuery({ ...jobsQuery(search), enabled: readable });
  const facets = useQuery({ ...facetsQuery(search), enabled: readable });
  const allFacets = useQuery(facetsQuery({}));
  const pages = jobs.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
  const newcomers = useNewcomers(search, rows, jobs.hasNextPage);
  const mayAct = useMay('jobs.retry');
  const selection = useSelection(searchText(withoutLook(search)), rows);
  useTitle(t('app.name'));

  const list = useRef<HTMLElement>(null);
  /** They take the place of the rows, which begin at the top again: the button for it stays where it is. */
  const showFilters = (shown: boolean) => {
    setFiltersShown(shown);
    if (isAbove(list.current)) list.current?.scrollIntoView();
  };
  const showNew = () => {
    scrollTo({ top: 0 });
    void jobs.refetch();
  };
  const isEmpty = pages !== undefined && rows.length === 0;
  // Nothing is shown for what cannot be read; only rows of the query before may stay until it can.
  const answered = readable && !(unread && isEmpty);
  const counted = answered ? facets.data : undefined;
  const first = pages?.[0] && {
    ...pages[0],
    total: counted?.total ?? 0,
    totalIsExact: counted?.exact ?? false,
  };
  const total = formatCount(counted?.total ?? 0, t, { atLeast: counted?.exact === false });
  const hidden = hidesObsolete(search);
  if (isEmpty && !isFiltered(search)) {
    return (
      <main id="content" className={css.page} tabIndex={-1}>
        <h1 className="visually-hidden">{t('jobs.title')}</h1>
        <NoJobs filtered={false} onShowNew={newcomers > 0 ? showNew : undefined} />
      </main>
    );
  }

  const filters = <FacetColumn search={search} facets={counted} all={allFacets.data} />;
  return (
    <main id="content" className={css.page} tabIndex={-1}>
      <h1 className="visually-hidden">{t('jobs.title')}</h1>
      <Greeting />
      <div className={css.columns} data-unread={answered && unread !== undefined}>
        {!narrow && <div className={css.side}>{filters}</div>}
        <section ref={list} className={css.list} aria-label={t('jobs.title')}>
          <div className={css.strip}>
            {narrow && (
              <button
                type="button"
                className={css.toggle}
                aria-expanded={filtersShown}
                onClick={() => showFilters(!filtersShown)}
              >
                {t('jobs.filter')}
              </button>
            )}
            <p className={css.count} aria-live="off">
              {counted && t('list.count', { count: counted.total, total })}
            </p>
            <ChosenFilters search={search} />
            <Link
              to="/"
              search={{ ...search, obsolete: hidden ? 'shown' : undefined }}
              className={css.quiet}
              activeProps={{ 'aria-current': undefined }}
            >
              {t(hidden ? 'list.obsolete.show' : 'list.obsolete.hide')}
            </Link>
            <div className={css.right}>
              <span role="status">
                {readable && newcomers > 0 && (
                  <button type="button" className={css.new} onClick={showNew}>
                    {t('jobs.new.show', { count: newcomers })}
                  </button>
                )}
              </span>
              <ViewsMenu search={search} />
              <SortMenu search={search} />
              {!narrow && search.look === undefined && <ColumnsMenu search={search} />}
              {!narrow && <LookSwitch search={search} />}
              {answered && <ExportMenu search={search} />}
            </div>
          </div>
          {leftOut.length > 0 && (
            <p role="status" className={css.leftOut}>
              {t('list.leftOut', {
                values: leftOut.map(({ name, value }) => `${t(fieldOf(name))} ${value}`).join(', '),
              })}
            </p>
          )}
          {jobs.error && <ErrorNote error={jobs.error} onRetry={() => void jobs.refetch()} />}
          {unread && answered && <LastSearch unread={unread} />}
          {narrow && filtersShown ? (
            <div className={css.side}>
              {filters}
              <Button look="main" className={css.showJobs} onClick={() => showFilters(false)}>
                {counted ? t('list.showJobs', { count: counted.total, total }) : t('list.showJobs.any')}
              </Button>
            </div>
          ) : told && !answered ? (
            <UnreadableSearch fault={told} onClear={unread?.drop} />
          ) : isEmpty ? (
            <NoJobs filtered onShowNew={undefined} />
          ) : (
            <JobTable
              search={search}
              rows={rows}
              loading={jobs.isPending}
              hasMore={jobs.hasNextPage}
              onMore={() => !jobs.isFetchingNextPage && void jobs.fetchNextPage()}
              onShowNew={newcomers > 0 ? showNew : undefined}
              selection={mayAct ? selection : undefined}
            />
          )}
          {mayAct && <BulkBar search={search} {...selection} first={first} rows={rows} />}
        </section>
      </div>
    </main>
  );
}

function isAbove(element: HTMLElement | null): boolean {
  return element !== null && element.getBoundingClientRect().top < 0;
}
