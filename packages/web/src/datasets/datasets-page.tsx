import { type Dataset, formatBytes, formatCount } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
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
import { Skeleton } from '../ui/skeleton.tsx';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import css from './datasets.module.css';
import { DeleteDataset } from './delete-dataset.tsx';
import { Problems } from './problems.tsx';

/** So many more are drawn at a time: a directory may hold ten thousand. */
const drawnAtOnce = 200;

/** What lies ready to be imported, and what is wrong with it. */
export function DatasetsPage() {
  const t = useT();
  const { data, error, refetch, isPending } = useQuery(datasetsQuery);
  return (
    <Page wide title={t('nav.datasets')}>
      <RoomLinks />
      {data !== null && <p className={css.explain}>{t('datasets.explain')}</p>}
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {isPending && <Skeleton />}
      {data === null && (
        <Empty title={t('datasets.off.title')}>
          <p>{t('datasets.off.explain')}</p>
          <CodeBlock code="DAYBOOK_INPUT_DIR=/data/input npx daybook serve" />
        </Empty>
      )}
      {data?.items.length === 0 && (
        <Empty title={t('datasets.empty.title')}>
          <p>{t('datasets.empty.explain')}</p>
        </Empty>
      )}
      {data && data.items.length > 0 && <Datasets all={data.items} />}
    </Page>
  );
}

function Datasets({ all }: { all: readonly Dataset[] }) {
  const t = useT();
  const [text, setText] = useState('');
  const [onlyProblems, setOnlyProblems] = useState(false);
  const [drawn, setDrawn] = useState(drawnAtOnce);
  const wanted = text.trim().toUpperCase();
  const found = all.filter(
    (each) => each.name.toUpperCase().includes(wanted) && (!onlyProblems || each.problems.length > 0),
  );
  return (
    <>
      <form className={css.search} onSubmit={(event) => event.preventDefault()}>
        <TextField
          type="search"
          label={t('datasets.find')}
          value={text}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        <label className={css.only}>
          <input
            type="checkbox"
            checked={onlyProblems}
            onChange={(event) => setOnlyProblems(event.target.checked)}
          />
          {t('datasets.onlyProblems')}
        </label>
        <p className={css.count}>{t('datasets.count', { count: found.length })}</p>
      </form>
      {found.length === 0 ? <p>{t('datasets.noMatch')}</p> : <DatasetTable rows={found.slice(0, drawn)} />}
      {found.length > drawn && (
        <p>
          <Button onClick={() => setDrawn(drawn + drawnAtOnce)}>{t('jobs.more')}</Button>
        </p>
      )}
    </>
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
        mayDelete && (
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
      {asked && <DeleteDataset name={asked.name} onClose={() => setAsked(undefined)} />}
    </>
  );
}

function Name({ dataset }: { dataset: Dataset }) {
  const t = useT();
  return (
    <>
      <Link to="/datasets/$name" params={{ name: dataset.name }}>
        {dataset.name}
      </Link>
      {dataset.archived && <span className={css.archived}>{t('datasets.archived')}</span>}
    </>
  );
}

function Holds({ dataset }: { dataset: Dataset }) {
  const t = useT();
  const held = [dataset.hasMetadata && t('datasets.metadata'), dataset.hasData && t('datasets.data')];
  return held.filter(Boolean).join(', ') || t('datasets.nothing');
}
