import { type Comparison, type ComparisonRow, comparisonGroups, comparisonLimits } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Fragment } from 'react';
import { comparisonQuery } from '../api/diary-queries.ts';
import { JobFinder } from '../job/job-finder.tsx';
import { Page } from '../shell/page.tsx';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { useT } from '../words/language.tsx';
import { useCellText, useRowName } from './cell-text.ts';
import css from './compare.module.css';

const route = getRouteApi('/compare');

/** Two to twenty jobs side by side; the address names them. */
export function ComparePage() {
  const t = useT();
  const { ids = [], all = false } = route.useSearch();
  const navigate = useNavigate({ from: '/compare' });
  const { data, error, refetch, isPending } = useQuery(comparisonQuery(ids));
  const show = (next: readonly number[]) =>
    void navigate({ search: { ids: next, ...(all && { all }) }, replace: true });
  return (
    <Page wide title={t('compare.title')}>
      <div className={css.bar}>
        {ids.length < comparisonLimits.jobs && (
          <div className={css.finder}>
            <JobFinder label={t('compare.add')} without={ids} onPick={({ id }) => show([...ids, id])} />
          </div>
        )}
        <label className={css.only}>
          <input
            type="checkbox"
            checked={!all}
            onChange={() => void navigate({ search: { ids, ...(!all && { all: true }) }, replace: true })}
          />{' '}
          {t('compare.onlyDifferences')}
        </label>
      </div>
      {ids.length < 2 && <p>{t('compare.few')}</p>}
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {isPending && ids.length >= 2 && !error && <Skeleton />}
      {data && ids.length >= 2 && (
        <Table comparison={data} all={all} onRemove={(id) => show(ids.filter((each) => each !== id))} />
      )}
    </Page>
  );
}

function Table({
  comparison,
  all,
  onRemove,
}: {
  comparison: Comparison;
  all: boolean;
  onRemove: (id: number) => void;
}) {
  const t = useT();
  const rows = comparison.rows.filter(({ differs }) => all || differs);
  const groups = comparisonGroups
    .map((group) => ({ group, rows: rows.filter((row) => row.group === group) }))
    .filter((each) => each.rows.length > 0);
  return (
    <>
      <ScrollBox label={t('compare.title')}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{t('compare.field')}</th>
              {comparison.jobs.map((job) => (
                <th key={job.id} scope="col">
                  <Link to="/jobs/$id" params={{ id: String(job.id) }}>
                    {job.externalId ?? `#${job.id}`}
                  </Link>
                  <Button
                    look="plain"
                    aria-label={t('compare.remove', { id: job.externalId ?? job.id })}
                    onClick={() => onRemove(job.id)}
                  >
                    ×
                  </Button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.map(({ group, rows: members }) => (
              <Fragment key={group}>
                <tr className={css.group}>
                  <th scope="colgroup" colSpan={comparison.jobs.length + 1}>
                    {t(`compare.group.${group}`)}
                  </th>
                </tr>
                {members.map((row) => (
                  <Row key={row.name} row={row} marks={all} />
                ))}
              </Fragment>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {rows.length === 0 && <p>{t('compare.same')}</p>}
      {comparison.more && <p>{t('compare.more')}</p>}
    </>
  );
}

function Row({ row, marks }: { row: ComparisonRow; marks: boolean }) {
  const rowName = useRowName();
  const cellText = useCellText();
  return (
    <tr data-differs={marks && row.differs}>
      <th scope="row">{rowName(row.group, row.name)}</th>
      {row.values.map((value, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a place is its job
        <td key={index}>{cellText(row.group, row.name, value)}</td>
      ))}
    </tr>
  );
}
