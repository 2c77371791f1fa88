// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed by hand and become cards cannot be a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: a table is read, not operated; the focus is on the links in it
import type { JobSummary, Translate } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import { CardTexts } from './card-texts.tsx';
import { type ColumnName, columns } from './columns.ts';
import { firstLine } from './first-line.ts';
import { JobDuration } from './job-duration.tsx';
import { JobStatusWord } from './job-status.tsx';
import css from './job-table.module.css';
import { type ListSearch, searchText } from './search.ts';
import { AssessmentWord, Verdict } from './verdict.tsx';

/** What a job shows in a column that people may choose. */
export function JobCell({ name, job }: { name: ColumnName; job: JobSummary }) {
  const t = useT();
  const place = name === 'submittedAt' ? css.ago : columns[name].end && css.end;
  return (
    <span role="cell" className={[css[name], place].filter(Boolean).join(' ')} title={longText(name, job)}>
      {contentOf(name, job, t)}
    </span>
  );
}

function contentOf(name: ColumnName, job: JobSummary, t: Translate): ReactNode {
  switch (name) {
    case 'status':
      return <JobStatusWord job={job} />;
    case 'duration':
      return <JobDuration job={job} />;
    case 'verdict':
      return <Verdict job={job} />;
    case 'analysisStatus':
      return t(`analysisStatus.${job.analysisStatus}`);
    case 'assessment':
      return job.assessment && <AssessmentWord assessment={job.assessment} />;
    case 'note':
    case 'summary':
    case 'info':
      return firstLine(longText(name, job) ?? '');
    case 'tags':
      return job.tags.join(' ');
    case 'configuration':
      return job.configuration?.tag;
    case 'createdAt':
    case 'startedAt':
    case 'endedAt':
    case 'updatedAt':
    case 'submittedAt': {
      const at = job[name];
      return at === null ? '' : <Ago at={at} />;
    }
    case 'project':
    case 'user':
    case 'kind':
    case 'solver':
    case 'target':
      return job[name];
  }
}

/** What may be longer than its cell: all of it shows on hover. */
function longText(name: ColumnName, job: JobSummary): string | undefined {
  switch (name) {
    case 'note':
      return job.summary || (job.status === 'failed' && job.error) || job.info;
    case 'summary':
    case 'info':
      return job[name];
    case 'tags':
      return job.tags.join(' ');
    default:
      return undefined;
  }
}

/** The same on a card: texts open there, and who and what for narrow the list. */
export function CardCell({ name, job, search }: { name: ColumnName; job: JobSummary; search: ListSearch }) {
  if (name === 'note')
    return (
      <span role="cell" className={css.note}>
        <CardTexts job={job} list={searchText(search)} />
      </span>
    );
  if (name !== 'project' && name !== 'user') return <JobCell name={name} job={job} />;
  const value = job[name];
  return (
    <span role="cell" className={css[name]}>
      {value !== null && <NarrowLink name={name} value={value} search={search} />}
    </span>
  );
}

function NarrowLink({
  name,
  value,
  search,
}: {
  name: 'project' | 'user';
  value: string;
  search: ListSearch;
}) {
  const t = useT();
  return (
    <Link
      to="/"
      search={{ ...search, [name]: [value] }}
      title={t(`field.${name}`)}
      activeProps={{ 'aria-current': undefined }}
    >
      {value}
    </Link>
  );
}
