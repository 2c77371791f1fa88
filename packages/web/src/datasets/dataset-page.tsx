import { type DatasetMember, formatBytes, formatCount } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { datasetQuery } from '../api/queries.ts';
import { Page } from '../shell/page.tsx';
import { RoomLinks } from '../shell/room-links.tsx';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import part from '../ui/section.module.css';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import css from './datasets.module.css';
import { DeleteDataset } from './delete-dataset.tsx';
import { Problems } from './problems.tsx';

const route = getRouteApi('/datasets/$name');

/** One dataset and what its tar holds. */
export function DatasetPage() {
  const t = useT();
  const { name } = route.useParams();
  const { archived = false } = route.useSearch();
  const navigate = useNavigate();
  const mayDelete = useMay('datasets.delete');
  const [asked, setAsked] = useState(false);
  const { data, error, refetch } = useQuery(datasetQuery(name, archived));
  const columns: Column<DatasetMember>[] = [
    {
      key: 'path',
      head: t('datasets.member'),
      look: 'wide',
      cell: ({ path }) => <code>{path || './'}</code>,
    },
    { key: 'type', head: t('datasets.type'), cell: (each) => t(`datasets.type.${each.type}`) },
    { key: 'size', head: t('datasets.size'), look: 'end', cell: (each) => formatBytes(each.size, t) },
  ];
  return (
    <Page
      wide
      title={name}
      actions={
        <div className={part.actions}>
          <Link to="/targets/$name" params={{ name }}>
            {t('targets.jobs')}
          </Link>
          {mayDelete && data && (
            <Button look="risky" onClick={() => setAsked(true)}>
              {t('datasets.delete')}
            </Button>
          )}
        </div>
      }
    >
      <RoomLinks />
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data && (
        <>
          <dl className={part.facts}>
            <div>
              <dt>{t('datasets.size')}</dt>
              <dd>{formatBytes(data.size, t)}</dd>
            </div>
            <div>
              <dt>{t('datasets.age')}</dt>
              <dd>
                <Ago at={data.modifiedAt} />
              </dd>
            </div>
            <div>
              <dt>{t('datasets.problems')}</dt>
              <dd>
                {data.problems.length === 0 ? t('datasets.noProblem') : <Problems problems={data.problems} />}
              </dd>
            </div>
          </dl>
          <section className={part.section}>
            <h2>{t('datasets.members')}</h2>
            {data.memberList.length < data.members && (
              <p className={css.count}>
                {t('datasets.members.some', {
                  shown: formatCount(data.memberList.length, t),
                  all: formatCount(data.members, t),
                })}
              </p>
            )}
            <DataTable
              label={t('datasets.members')}
              columns={columns}
              rows={data.memberList}
              keyOf={(each) => each.path}
            />
          </section>
        </>
      )}
      {asked && (
        <DeleteDataset
          dataset={{ name, archived }}
          onClose={() => setAsked(false)}
          onDeleted={() => void navigate({ to: '/datasets' })}
        />
      )}
    </Page>
  );
}
