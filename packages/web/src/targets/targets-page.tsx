import { type JobStatus, jobStatuses, type Target } from '@daybook/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { targetsQuery } from '../api/queries.ts';
import { Page } from '../shell/page.tsx';
import { RoomLinks } from '../shell/room-links.tsx';
import { CodeBlock } from '../ui/copy.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { More } from '../ui/more.tsx';
import part from '../ui/section.module.css';
import { Skeleton } from '../ui/skeleton.tsx';
import { Ago } from '../ui/time.tsx';
import { useTableKeys } from '../ui/use-table-keys.ts';
import { useT } from '../words/language.tsx';
import { LastStatus } from './last-status.tsx';
import { TargetLink } from './target-link.tsx';
import css from './targets.module.css';

const route = getRouteApi('/targets');

/** What jobs change, each with what was done to it last. The address holds what is looked for. */
export function TargetsPage() {
  const t = useT();
  useTableKeys();
  const search = route.useSearch();
  const navigate = useNavigate();
  const targets = useInfiniteQuery(targetsQuery(search));
  const pages = targets.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
  const isNarrowed = Object.values(search).some(Boolean);
  const narrow = (change: typeof search) =>
    void navigate({ to: '/targets', search: { ...search, ...change }, replace: true });
  const columns: Column<Target>[] = [
    { key: 'name', head: t('field.target'), look: 'lead', cell: (each) => <TargetLink name={each.name} /> },
    { key: 'status', head: t('field.status'), cell: (each) => <LastStatus target={each} /> },
    { key: 'operation', head: t('field.operation'), cell: (each) => each.lastJob.operation },
    {
      key: 'job',
      head: t('targets.status'),
      look: 'wide',
      cell: (each) => (
        <Link to="/jobs/$id" params={{ id: String(each.lastJob.id) }}>
          {each.lastJob.name}
        </Link>
      ),
    },
    { key: 'group', head: t('targets.group'), cell: (each) => each.group },
    { key: 'by', head: t('targets.by'), cell: (each) => each.lastJob.user },
    { key: 'at', head: t('targets.changed'), look: 'end', cell: (each) => <Ago at={each.lastJob.at} /> },
  ];
  return (
    <Page wide title={t('nav.targets')}>
      <RoomLinks />
      <p className={part.explain}>{t('targets.explain')}</p>
      <form className={css.search} onSubmit={(event) => event.preventDefault()}>
        <TextField
          type="search"
          label={t('targets.find')}
          value={search.q ?? ''}
          spellCheck={false}
          onChange={(event) => narrow({ q: event.target.value || undefined })}
        />
        <SelectField
          label={t('targets.status')}
          value={search.status ?? ''}
          onChange={(event) => narrow({ status: (event.target.value || undefined) as JobStatus | undefined })}
        >
          <option value="">{t('targets.status.any')}</option>
          {jobStatuses.map((status) => (
            <option key={status} value={status}>
              {t(`status.${status}`)}
            </option>
          ))}
        </SelectField>
      </form>
      {targets.error && <ErrorNote error={targets.error} onRetry={() => void targets.refetch()} />}
      {targets.isPending && <Skeleton />}
      {pages && rows.length === 0 && (isNarrowed ? <p>{t('targets.noMatch')}</p> : <NoTargets />)}
      {rows.length > 0 && (
        <DataTable label={t('nav.targets')} columns={columns} rows={rows} keyOf={(each) => each.name} />
      )}
      <More query={targets} />
    </Page>
  );
}

function NoTargets() {
  const t = useT();
  const job = { name: 'import', execution: 'claimed', target: 'MY_DATASET', operation: 'ADD' };
  return (
    <Empty title={t('targets.empty.title')}>
      <p>{t('targets.empty.explain')}</p>
      <CodeBlock
        code={`curl ${location.origin}/api/v1/jobs \\\n  -H "Authorization: Bearer $DAYBOOK_API_KEY" -H "Content-Type: application/json" \\\n  -d '${JSON.stringify(job)}'`}
      />
    </Empty>
  );
}
