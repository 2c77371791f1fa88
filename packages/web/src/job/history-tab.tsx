import type { FieldChange, Translate } from '@daybook/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { historyQuery } from '../api/diary-queries.ts';
import { Note } from '../notes/note.tsx';
import { actorName } from '../ui/actor-name.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import css from './history-tab.module.css';

/** What people changed of a job, the latest first: who, when, from what, to what. */
export function HistoryTab({ jobId }: { jobId: number }) {
  const t = useT();
  const query = useInfiniteQuery(historyQuery(jobId));
  if (query.error && !query.data)
    return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton />;
  const changes = query.data.pages.flatMap(({ items }) => items);
  if (changes.length === 0) return <p>{t('history.empty')}</p>;
  // What was saved together stands together.
  const saves = [...Map.groupBy(changes, ({ eventId }) => eventId)];
  return (
    <>
      <ol className={css.saves}>
        {saves.map(([id, fields]) => (
          <li key={id} className={css.save}>
            <p className={css.head}>
              <b>{actorName(fields[0]?.actor ?? '')}</b> <Ago at={fields[0]?.at ?? ''} />
            </p>
            {fields.map((change) => (
              <Change key={change.field} change={change} />
            ))}
          </li>
        ))}
      </ol>
      {query.hasNextPage && (
        <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('history.more')}
        </Button>
      )}
    </>
  );
}

function Change({ change: { field, from, to } }: { change: FieldChange }) {
  const t = useT();
  if (field === 'info' || field === 'summary') {
    return (
      <div className={css.texts}>
        <h3>{t(`field.${field}`)}</h3>
        <Side label={t('history.before')} text={String(from ?? '')} />
        <Side label={t('history.after')} text={String(to ?? '')} />
      </div>
    );
  }
  return (
    <p className={css.line}>
      <span className={css.field}>{t(`field.${field}`)}</span> {wordOf(field, from, t)} →{' '}
      <b>{wordOf(field, to, t)}</b>
    </p>
  );
}

function Side({ label, text }: { label: string; text: string }) {
  const t = useT();
  return (
    <details open={text.length < 400}>
      <summary>{label}</summary>
      {text.trim() === '' ? <p className={css.field}>{t('history.nothing')}</p> : <Note text={text} />}
    </details>
  );
}

function wordOf(field: FieldChange['field'], value: unknown, t: Translate): string {
  switch (field) {
    case 'status':
      return value === null ? t('history.nothing') : t(`status.${value as 'failed'}`);
    case 'analysisStatus':
      return t(`analysisStatus.${value as 'open'}`);
    case 'assessment':
      return t(`assessment.${(value ?? 'none') as 'ok'}`);
    default:
      return Array.isArray(value) && value.length > 0 ? value.join(' ') : t('history.nothing');
  }
}
