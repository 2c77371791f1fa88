import { isEnded, type Job } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { lastLinesQuery, lineageQuery } from '../api/diary-queries.ts';
import { useCellText, useRowName } from '../compare/cell-text.ts';
import { readAnsi } from '../job/ansi.ts';
import { isErrorLine } from '../job/log-errors.ts';
import { Note } from '../notes/note.tsx';
import { useT } from '../words/language.tsx';
import css from './inbox.module.css';

/** What helps to judge a job: what it printed last, what it changed against its base run, what was said of it. */
export function Evidence({ job }: { job: Job }) {
  const t = useT();
  return (
    <div className={css.evidence}>
      <section>
        <h3>{t('inbox.log')}</h3>
        <LastLines jobId={job.id} />
      </section>
      <section>
        <Difference job={job} />
        {job.info !== '' && (
          <>
            <h3>{t('field.info')}</h3>
            <Note text={job.info} />
          </>
        )}
      </section>
    </div>
  );
}

const shownLines = 14;

function LastLines({ jobId }: { jobId: number }) {
  const t = useT();
  const { data } = useQuery(lastLinesQuery(jobId, shownLines));
  if (data === undefined) return <div className={css.log} />;
  if (data.length === 0) return <p className={css.hint}>{t('inbox.log.empty')}</p>;
  return (
    <pre className={css.log}>
      {data.map((line) => (
        <span key={line.id} data-error={isErrorLine(line) || undefined}>
          {readAnsi(line.message ?? '').map(({ text }) => text)}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}

function Difference({ job }: { job: Job }) {
  const t = useT();
  const rowName = useRowName();
  const cellText = useCellText();
  const hasBase = job.baseRuns.some(({ id }) => id !== null);
  const { data } = useQuery({ ...lineageQuery(job.id, 1), enabled: hasBase && isEnded(job.status) });
  const edges = data?.edges.filter((edge) => edge.job === job.id) ?? [];
  if (!hasBase) return <p className={css.hint}>{t('inbox.difference.none')}</p>;
  return edges.map((edge) => {
    const base = data?.nodes.find(({ id }) => id === edge.base);
    return (
      <section key={edge.base}>
        <h3>{t('inbox.difference', { base: base?.externalId ?? `#${edge.base}` })}</h3>
        <ul className={css.differences}>
          {edge.differences.map(({ group, name, from, to }) => (
            <li key={`${group} ${name}`}>
              <span className={css.hint}>{rowName(group, name)}</span> {cellText(group, name, from)} →{' '}
              <b>{cellText(group, name, to)}</b>
            </li>
          ))}
          {edge.count === 0 && <li>{t('lineage.differences', { count: 0 })}</li>}
        </ul>
      </section>
    );
  });
}
