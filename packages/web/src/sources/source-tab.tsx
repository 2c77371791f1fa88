import { formatMoment, type JobSource } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { ApiError } from '../api/client.ts';
import { useMay } from '../shell/session.ts';
import { CodeBlock } from '../ui/copy.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Ago } from '../ui/time.tsx';
import { timeZone, useT } from '../words/language.tsx';
import { jobSourceQuery } from './source-queries.ts';
import { Sentence, StateMark } from './source-text.tsx';
import css from './sources.module.css';
import { TicketEdits } from './ticket-edits.tsx';

/** Where a job comes from: its file, what stands in it, and what became of what was changed from here. */
export function SourceTab({ jobId }: { jobId: number }) {
  const t = useT();
  const { data, error, refetch } = useQuery(jobSourceQuery(jobId));
  if (error instanceof ApiError && error.status === 404)
    return <p className={css.quiet}>{t('ticket.none')}</p>;
  if (error && !data) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  return (
    <div className={css.tab}>
      <Standing of={data} />
      <TicketEdits jobId={jobId} source={data} />
      {data.document !== null && <CodeBlock label={t('ticket.document')} code={data.document} />}
    </div>
  );
}

function Standing({ of }: { of: JobSource }) {
  const t = useT();
  const mayManage = useMay('sources.manage');
  return (
    <>
      <dl className={css.facts}>
        <div>
          <dt>{t('job.tab.source')}</dt>
          <dd>
            {mayManage ? <a href="/diary/sources">{of.source.name}</a> : of.source.name}{' '}
            <StateMark state={of.source.state} />
          </dd>
        </div>
        <div>
          <dt>{t('ticket.file')}</dt>
          <dd>
            <code>{of.place ?? of.item}</code>
          </dd>
        </div>
        <div>
          <dt>{t('ticket.read')}</dt>
          <dd>
            <Ago at={of.seenAt} />
          </dd>
        </div>
        <div>
          <dt>{t('ticket.changed')}</dt>
          <dd>
            <Ago at={of.changedAt} />
          </dd>
        </div>
      </dl>
      {of.waiting && (
        <p>
          <Sentence of={of.waiting} />
        </p>
      )}
      {of.problem && (
        <p className={css.stale} role="status">
          {of.item} <Sentence of={of.problem} />
        </p>
      )}
      {of.goneAt && (
        <p className={css.stale} role="status">
          {t('ticket.gone', { when: formatMoment(Date.parse(of.goneAt), t, timeZone) })}
        </p>
      )}
    </>
  );
}
