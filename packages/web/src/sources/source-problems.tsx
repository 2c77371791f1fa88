import type { Source, SourceProblem } from '@daybook/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from '../ui/button.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import { sourceProblemsQuery } from './source-queries.ts';
import { Sentence } from './source-text.tsx';
import css from './sources.module.css';

/** What could not be read, file by file, in plain words. */
export function SourceProblems({ source }: { source: Source }) {
  const t = useT();
  const query = useInfiniteQuery(sourceProblemsQuery(source.id, source.cycleAt));
  const columns: Column<SourceProblem>[] = [
    { key: 'file', head: t('source.problem.file'), look: 'lead', cell: ({ item }) => <code>{item}</code> },
    { key: 'why', head: t('source.problem.why'), look: 'wide', cell: (problem) => <Sentence of={problem} /> },
    { key: 'since', head: t('source.problems.since'), cell: ({ since }) => <Ago at={since} /> },
    {
      key: 'job',
      head: t('source.jobs'),
      look: 'end',
      cell: ({ jobId }) =>
        jobId !== null && (
          <Link to="/jobs/$id" params={{ id: String(jobId) }}>
            {jobId}
          </Link>
        ),
    },
  ];
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <div className={css.problems}>
      <h3>{t('source.problems.title')}</h3>
      {query.error && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
      {rows.length > 0 && (
        <DataTable
          label={t('source.problems.title')}
          columns={columns}
          rows={rows}
          keyOf={({ item }) => item}
        />
      )}
      {query.hasNextPage && (
        <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('jobs.more')}
        </Button>
      )}
    </div>
  );
}
