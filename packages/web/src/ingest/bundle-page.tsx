import {
  type Bundle,
  type BundleMember,
  formatBytes,
  formatCount,
  type Incident,
  type Verification,
  visibleName,
} from '@daybook/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../api/client.ts';
import { Page } from '../shell/page.tsx';
import { useMay } from '../shell/session.ts';
import { actorName } from '../ui/actor-name.ts';
import { Button } from '../ui/button.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import css from './ingest.module.css';
import { Verified } from './ingest-page.tsx';
import { MemberPreview } from './member-preview.tsx';
import { MemberTree } from './member-tree.tsx';
import { bundleQuery, verificationsQuery } from './queries.ts';

const route = getRouteApi('/bundles/$id');

/** A bundle in the archive: what is in it, what was signed for, and how it has kept. */
export function BundlePage() {
  const t = useT();
  const id = Number(route.useParams().id);
  const bundle = useQuery(bundleQuery(id));
  const [member, setMember] = useState<BundleMember>();
  return (
    <Page wide title={t('ingest.bundle.one', { id })}>
      {bundle.error && <ErrorNote error={bundle.error} onRetry={() => void bundle.refetch()} />}
      {bundle.isPending && <Skeleton />}
      {bundle.data && (
        <>
          <Facts bundle={bundle.data} />
          <div className={css.content}>
            <section className={css.section}>
              <h2>{t('ingest.files')}</h2>
              <MemberTree bundleId={id} chosen={member?.path} onChoose={setMember} />
            </section>
            {member && <MemberPreview key={member.path} bundleId={id} member={member} />}
          </div>
          <History bundleId={id} />
        </>
      )}
    </Page>
  );
}

function Facts({ bundle }: { bundle: Bundle }) {
  const t = useT();
  const { id, jobId, project, size, files, unlisted, publishedAt } = bundle;
  const facts = [
    { key: 'project', head: t('field.project'), value: project },
    { key: 'size', head: t('datasets.size'), value: formatBytes(size, t) },
    { key: 'files', head: t('ingest.files'), value: formatCount(files, t) },
    ...(unlisted > 0
      ? [{ key: 'unlisted', head: t('ingest.unlisted'), value: formatCount(unlisted, t) }]
      : []),
    { key: 'came', head: t('ingest.came'), value: <Ago at={publishedAt} /> },
    { key: 'verified', head: t('ingest.verified'), value: <Verified bundle={bundle} /> },
  ];
  const download = (what: string) => `/api/v1/bundles/${id}/${what}`;
  return (
    <>
      <dl className={css.facts}>
        {facts.map(({ key, head, value }) => (
          <div key={key}>
            <dt>{head}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className={css.verbs}>
        <Link to="/jobs/$id" params={{ id: String(jobId) }}>
          {t('ingest.job', { id: jobId })}
        </Link>
        <a href={download('receipt')} download>
          {t('ingest.receipt')}
        </a>
        <a href={download('manifest')} download>
          {t('ingest.manifest')}
        </a>
        <a href={download('export?as=tar')} download>
          {t('ingest.tar')}
        </a>
        {(['bagit', 'ro-crate', 'ocfl'] as const).map((form) => (
          <a key={form} href={download(`export?as=${form}`)} download>
            {t(`ingest.export.${form}`)}
          </a>
        ))}
      </p>
    </>
  );
}

function History({ bundleId }: { bundleId: number }) {
  const t = useT();
  const mayVerify = useMay('bundles.verify');
  const client = useQueryClient();
  const { data, error } = useQuery(verificationsQuery(bundleId));
  const verify = useMutation({
    mutationFn: () => call(`/bundles/${bundleId}/verify`, { method: 'POST' }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['bundle', bundleId] }),
  });
  const columns: Column<Verification>[] = [
    { key: 'asked', head: t('ingest.readAt'), look: 'lead', cell: ({ askedAt }) => <Ago at={askedAt} /> },
    {
      key: 'why',
      head: t('ingest.why'),
      cell: ({ reason, actor }) => t(`ingest.why.${reason}`, { actor: actorName(actor ?? '') }),
    },
    { key: 'bytes', head: t('ingest.read'), look: 'end', cell: ({ bytes }) => formatBytes(bytes, t) },
    {
      key: 'result',
      head: t('ingest.result'),
      look: 'wide',
      cell: ({ result, detail }) =>
        result === null ? (
          t('ingest.result.waits')
        ) : (
          <span className={result === 'ok' ? undefined : css.bad}>
            {[t(`ingest.verified.${result}`), detail].filter(Boolean).join(': ')}
          </span>
        ),
    },
  ];
  return (
    <section className={css.section}>
      <h2>{t('ingest.history')}</h2>
      <p className={css.faint}>{t('ingest.history.explain')}</p>
      {(error ?? verify.error) && <ErrorNote error={error ?? verify.error} />}
      {data && data.incidents.length > 0 && <Incidents incidents={data.incidents} />}
      {data && data.items.length > 0 && (
        <DataTable label={t('ingest.history')} columns={columns} rows={data.items} keyOf={({ id }) => id} />
      )}
      {mayVerify && (
        <div className={css.verbs}>
          <Button onClick={() => verify.mutate()} disabled={verify.isPending}>
            {t('ingest.verifyNow')}
          </Button>
        </div>
      )}
    </section>
  );
}

function Incidents({ incidents }: { incidents: readonly Incident[] }) {
  const t = useT();
  const columns: Column<Incident>[] = [
    {
      key: 'path',
      head: t('ingest.file'),
      look: 'lead',
      cell: ({ path, kind }) => visibleName(path ?? kind),
    },
    {
      key: 'found',
      head: t('ingest.difference'),
      look: 'wide',
      cell: ({ expected, found }) => <Difference {...{ expected, found }} />,
    },
    { key: 'opened', head: t('ingest.readAt'), look: 'end', cell: ({ openedAt }) => <Ago at={openedAt} /> },
    {
      key: 'note',
      head: t('ingest.dealtWith'),
      cell: ({ closedAt, note }) => (closedAt === null ? t('ingest.no') : note),
    },
  ];
  return (
    <DataTable
      label={t('ingest.incidentList')}
      columns={columns}
      rows={incidents}
      keyOf={({ id }) => id}
      isOver={({ closedAt }) => closedAt !== null}
    />
  );
}

function Difference({ expected, found }: Pick<Incident, 'expected' | 'found'>) {
  const t = useT();
  return t('ingest.expectedFound', {
    expected: visibleName(expected ?? '–'),
    found: visibleName(found ?? '–'),
  });
}
