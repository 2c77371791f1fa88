import { type Dataset, formatBytes, formatCount } from '@daybook/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { datasetsQuery } from '../api/queries.ts';
import { Page } from '../shell/page.tsx';
import { RoomLinks } from '../shell/room-links.tsx';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/copy.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import { More } from '../ui/more.tsx';
import part from '../ui/section.module.css';
import { Skeleton } from '../ui/skeleton.tsx';
import { Ago } from '../ui/time.tsx';
import { useTableKeys } from '../ui/use-table-keys.ts';
import { useT } from '../words/language.tsx';
import css from './datasets.module.css';
import { DeleteDataset } from './delete-dataset.tsx';
import { Problems } from './problems.tsx';

const route = getRouteApi('/datasets');

/** What lies ready to be imported, and what is wrong with it. The address holds what is looked for. */
export function DatasetsPage() {
  const t = useT();
  useTableKeys();
  const { q = '' } = route.useSearch();
  const datasets = useInfiniteQuery(datasetsQuery(q));
  const pages = datasets.data?.pages;
  const isOff = pages?.[0] === null;
  const rows = useMemo(() => pages?.flatMap((page) => page?.items ?? []) ?? [], [pages]);
  return (
    <Page wide title={t('nav.datasets')}>
      <RoomLinks />
      {!isOff && <p className={part.explain}>{t('datasets.explain')}</p>}
      {!isOff && <Find q={q} total={pages?.[0]?.total} />}
      {datasets.error && <ErrorNote error={datasets.error} onRetry={() => void datasets.refetch()} />}
      {datasets.isPending && <Skeleton />}
      {isOff && (
        <Empty title={t('datasets.off.title')}>
          <p>{t('datasets.off.explain')}</p>
          <CodeBlock code="npm start -- --input-dir /data/input" />
        </Empty>
      )}
      {pages && !isOff && rows.length === 0 && q !== '' && <p>{t('datasets.noMatch')}</p>}
      {pages && !isOff && rows.length === 0 && q === '' && (
        <Empty title={t('datasets.empty.title')}>
          <p>{t('datasets.empty.explain')}</p>
        </Empty>
      )}
      {rows.length > 0 && <DatasetTable rows={rows} />}
      <More query={datasets} />
    </Page>
  );
}

function Find({ q, total }: { q: string; total: number | undefined }) {
  const t = useT();
  const navigate = useNavigate();
  return (
    <form className={css.search} onSubmit={(event) => event.preventDefault()}>
      <TextField
        type="search"
        label={t('datasets.find')}
        value={q}
        spellCheck={false}
        onChange={(event) =>
          void navigate({ to: '/datasets', search: { q: event.target.value || undefined }, replace: true })
        }
      />
      <p className={css.count}>{total !== undefined && t('datasets.count', { count: total })}</p>
    </form>
  );
}

function DatasetTable({ rows }: { rows: readonly Dataset[] }) {
  const t = useT();
  const mayDelete = useMay('datasets.delete');
  const [asked, setAsked] = useState<Dataset>();
  const columns: Column<Dataset>[] = [
    { key: 'name', head: t('field.name'), look: 'lead', cell: (each) => <Name dataset={each} /> },
    { key: 'size', head: t('datasets.size'), look: 'end', cell: (each) => formatBytes(each.size, t) },
    { key: 'age', head: t('datasets.age'), look: 'end', cell: (each) => <Ago at={each.modifiedAt} /> },
    {
      key: 'members',
      head: t('datasets.members'),
      look: 'end',
      cell: (each) => formatCount(each.members, t),
    },
    { key: 'holds', head: t('datasets.holds'), cell: (each) => <Holds dataset={each} /> },
    {
      key: 'problems',
      head: t('datasets.problems'),
      look: 'wide',
      cell: (each) => each.problems.length > 0 && <Problems problems={each.problems} />,
    },
    {
      key: 'delete',
      head: t('datasets.delete'),
      look: 'verbs',
      cell: (each) =>
        mayDelete &&
        canBeNamed(each) && (
          <Button
            look="plain"
            onClick={() => setAsked(each)}
            aria-label={t('datasets.delete.one', { name: each.name })}
          >
            {t('datasets.delete')}
          </Button>
        ),
    },
  ];
  return (
    <>
      <DataTable
        label={t('nav.datasets')}
        columns={columns}
        rows={rows}
        keyOf={(each) => `${each.archived} ${each.name}`}
        isOver={(each) => each.archived}
      />
      {asked && <DeleteDataset dataset={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

/** What has no name of a dataset has no page either, and whoever put it there takes it away. */
function canBeNamed({ problems }: Dataset): boolean {
  return !problems.includes('bad_name');
}

function Name({ dataset }: { dataset: Dataset }) {
  const t = useT();
  return (
    <>
      {canBeNamed(dataset) ? (
        <Link to="/datasets/$name" params={{ name: dataset.name }} search={{ archived: dataset.archived }}>
          {dataset.name}
        </Link>
      ) : (
        dataset.name
      )}
      {dataset.archived && <span className={css.archived}>{t('datasets.archived')}</span>}
    </>
  );
}

function Holds({ dataset }: { dataset: Dataset }) {
  const t = useT();
  const held = [dataset.hasMetadata && t('datasets.metadata'), dataset.hasData && t('datasets.data')];
  return held.filter(Boolean).join(', ') || t('datasets.nothing');
}
