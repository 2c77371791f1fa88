// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed by hand and become cards cannot be a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: a table is read, not operated; the focus is on the links in it
import type { JobSummary, Translate } from '@daybook/core';
import type { ReactNode } from 'react';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import { type ColumnName, columns } from './columns.ts';
import { JobDuration } from './job-duration.tsx';
import { JobStatusWord } from './job-status.tsx';
import css from './job-table.module.css';
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

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}
