import { type Bundle, formatBytes, formatCount, type JobSummary } from '@daybook/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { JobStatusWord } from '../list/job-status.tsx';
import { Page } from '../shell/page.tsx';
import { useMay } from '../shell/session.ts';
import { CodeBlock } from '../ui/copy.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { More } from '../ui/more.tsx';
import { Ago } from '../ui/time.tsx';
import { daybook, settingsOf } from '../words/commands.ts';
import { useT } from '../words/language.tsx';
import css from './ingest.module.css';
import { NewBundle } from './new-bundle.tsx';
import { bundlesQuery, failedIngestsQuery, incomingQuery } from './queries.ts';
import { useUploads } from './upload-list.ts';
import { UploadRow } from './upload-row.tsx';

/** Bundles: those that one sends from here, those on their way in, and those in the archive. */
export function IngestPage() {
  const t = useT();
  const maySend = useMay('bundles.create');
  const uploads = useUploads();
  const own = uploads.flatMap(({ jobId }) => jobId ?? []);
  return (
    <Page wide title={t('nav.ingest')}>
      {maySend && <NewBundle />}
      {uploads.length > 0 && (
        <section className={css.section} aria-label={t('ingest.mine')}>
          <h2>{t('ingest.mine')}</h2>
          <ul className={css.uploads}>
            {uploads.map((upload) => (
              <UploadRow key={upload.key} upload={upload} />
            ))}
          </ul>
        </section>
      )}
      <Incoming own={own} />
      <Failed own={own} />
      <Archive />
    </Page>
  );
}

/** What others send. */
function Incoming({ own }: { own: readonly number[] }) {
  const t = useT();
  const { data } = useQuery(incomingQuery);
  const rows = (data?.items ?? []).filter(({ id }) => !own.includes(id));
  if (rows.length === 0) return null;
  const columns: Column<JobSummary>[] = [
    { key: 'name', head: t('field.name'), look: 'lead', cell: (job) => <JobLink job={job} /> },
    { key: 'status', head: t('field.status'), cell: (job) => <JobStatusWord job={job} /> },
    { key: 'task', head: t('ingest.task'), look: 'wide', cell: ({ step }) => step },
    { key: 'user', head: t('field.user'), cell: ({ user }) => user },
    { key: 'age', head: t('ingest.begun'), look: 'end', cell: (job) => <Ago at={job.submittedAt} /> },
  ];
  return (
    <section className={css.section}>
      <h2>{t('ingest.incoming')}</h2>
      <DataTable label={t('ingest.incoming')} columns={columns} rows={rows} keyOf={({ id }) => id} />
    </section>
  );
}

/** What came to nothing lately, and why; it can be tried again as long as its bytes are kept. */
function Failed({ own }: { own: readonly number[] }) {
  const t = useT();
  const { data } = useQuery(failedIngestsQuery);
  const rows = (data?.items ?? []).filter(({ id }) => !own.includes(id));
  if (rows.length === 0) return null;
  const columns: Column<JobSummary>[] = [
    { key: 'name', head: t('field.name'), look: 'lead', cell: (job) => <JobLink job={job} /> },
    { key: 'task', head: t('ingest.task'), cell: ({ step }) => step },
    {
      key: 'why',
      head: t('ingest.failed.why'),
      look: 'wide',
      cell: ({ error }) => <span className={css.bad}>{error}</span>,
    },
    { key: 'user', head: t('field.user'), cell: ({ user }) => user },
    { key: 'ended', head: t('ingest.failed.when'), look: 'end', cell: (job) => <Ago at={endOf(job)} /> },
  ];
  return (
    <section className={css.section}>
      <h2>{t('ingest.failed')}</h2>
      <p className={css.faint}>{t('ingest.failed.explain')}</p>
      <DataTable label={t('ingest.failed')} columns={columns} rows={rows} keyOf={({ id }) => id} />
    </section>
  );
}

function endOf({ endedAt, submittedAt }: JobSummary): string {
  return endedAt ?? submittedAt;
}

function JobLink({ job: { id, name } }: { job: JobSummary }) {
  return (
    <Link to="/jobs/$id" params={{ id: String(id) }}>
      {name}
    </Link>
  );
}

function Archive() {
  const t = useT();
  const bundles = useInfiniteQuery(bundlesQuery);
  const rows = bundles.data?.pages.flatMap(({ items }) => items) ?? [];
  const columns: Column<Bundle>[] = [
    {
      key: 'id',
      head: t('ingest.bundle'),
      look: 'lead',
      cell: ({ id }) => (
        <Link to="/bundles/$id" params={{ id: String(id) }}>
          {t('ingest.bundle.one', { id })}
        </Link>
      ),
    },
    { key: 'project', head: t('field.project'), look: 'wide', cell: ({ project }) => project },
    { key: 'files', head: t('ingest.files'), look: 'end', cell: ({ files }) => formatCount(files, t) },
    { key: 'size', head: t('datasets.size'), look: 'end', cell: ({ size }) => formatBytes(size, t) },
    { key: 'came', head: t('ingest.came'), look: 'end', cell: (each) => <Ago at={each.publishedAt} /> },
    { key: 'verified', head: t('ingest.verified'), cell: (each) => <Verified bundle={each} /> },
  ];
  return (
    <section className={css.section}>
      <h2>{t('ingest.archive')}</h2>
      {bundles.error && <ErrorNote error={bundles.error} onRetry={() => void bundles.refetch()} />}
      {bundles.data && rows.length === 0 && (
        <Empty title={t('ingest.empty.title')}>
          <p>{t('ingest.empty.explain')}</p>
          <CodeBlock
            code={`${settingsOf()}\n${daybook} ingest run1/ --project 1234a --instrument 54 --submitter 10`}
          />
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable label={t('ingest.archive')} columns={columns} rows={rows} keyOf={({ id }) => id} />
      )}
      <More query={bundles} />
    </section>
  );
}

/** When it was last read whole, and whether it was as it came. */
export function Verified({ bundle: { verified, verifiedAt, openIncidents } }: { bundle: Bundle }) {
  const t = useT();
  if (openIncidents > 0)
    return <span className={css.bad}>{t('ingest.incidents', { count: openIncidents })}</span>;
  if (verified === null || verifiedAt === null) return t('ingest.verified.arrival');
  return (
    <>
      {t(`ingest.verified.${verified}`)}, <Ago at={verifiedAt} />
    </>
  );
}
