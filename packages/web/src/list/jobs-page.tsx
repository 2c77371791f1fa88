import { formatCount } from '@daybook/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { facetsQuery, jobsQuery } from '../api/queries.ts';
import { useTitle } from '../shell/page.tsx';
import { useMay } from '../shell/session.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import { narrowScreen, useMedia } from '../ui/use-media.ts';
import { useT } from '../words/language.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { ChosenFilters, fieldOf } from './chosen-filters.tsx';
import { FacetColumn } from './facet-column.tsx';
import { Greeting } from './greeting.tsx';
import { JobTable } from './job-table.tsx';
import css from './jobs-page.module.css';
import { useLeftOut } from './left-out.ts';
import { NoJobs } from './no-jobs.tsx';
import { isFiltered, searchText } from './search.ts';
import { SortMenu } from './sort-menu.tsx';
import { useNewcomers } from './use-newcomers.ts';
import { useSelection } from './use-selection.ts';

const route = getRouteApi('/');

/** One list for everything: simulation, import, ingest, script. The address holds all of its state. */
export function JobsPage() {
  const t = useT();
  const search = route.useSearch();
  const leftOut = useLeftOut(search);
  const narrow = useMedia(narrowScreen);
  const [filtersShown, setFiltersShown] = useState(false);
  const jobs = useInfiniteQuery(jobsQuery(search));
  const facets = useQuery(facetsQuery(search));
  const allFacets = useQuery(facetsQuery({}));
  const pages = jobs.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
  const newcomers = useNewcomers(search, rows, jobs.hasNextPage);
  const mayAct = useMay('jobs.retry');
  const selection = useSelection(searchText({ ...search, sort: undefined }), rows);
  useTitle(t('app.name'));

  const showNew = () => {
    scrollTo({ top: 0 });
    void jobs.refetch();
  };
  const first = pages?.[0];
  const isEmpty = first !== undefined && rows.length === 0;
  if (isEmpty && !isFiltered(search)) {
    return (
      <main id="content" className={css.page} tabIndex={-1}>
        <h1 className="visually-hidden">{t('jobs.title')}</h1>
        <NoJobs filtered={false} onShowNew={newcomers > 0 ? showNew : undefined} />
      </main>
    );
  }

  return (
    <main id="content" className={css.page} tabIndex={-1}>
      <h1 className="visually-hidden">{t('jobs.title')}</h1>
      <Greeting />
      <div className={css.columns}>
        {(!narrow || filtersShown) && (
          <div className={css.side}>
            <FacetColumn search={search} facets={facets.data} all={allFacets.data} />
          </div>
        )}
        <section className={css.list} aria-label={t('jobs.title')}>
          <div className={css.strip}>
            {narrow && (
              <button
                type="button"
                className={css.toggle}
                aria-expanded={filtersShown}
                onClick={() => setFiltersShown(!filtersShown)}
              >
                {t('jobs.filter')}
              </button>
            )}
            <p className={css.count} aria-live="off">
              {first?.total !== undefined &&
                t('list.count', {
                  count: first.total,
                  total: formatCount(first.total, t, { atLeast: first.totalIsExact === false }),
                })}
            </p>
            <ChosenFilters search={search} />
            <div className={css.right}>
              <span role="status">
                {newcomers > 0 && (
                  <button type="button" className={css.new} onClick={showNew}>
                    {t('jobs.new.show', { count: newcomers })}
                  </button>
                )}
              </span>
              <SortMenu search={search} />
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
          {isEmpty ? (
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
