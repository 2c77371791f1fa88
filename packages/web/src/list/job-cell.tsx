// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed by hand and become cards cannot be a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: a table is read, not operated; the focus is on the links in it
import type { JobSummary } from '@daybook/core';
import type { ReactNode } from 'react';
import { Ago } from '../ui/time.tsx';
import { type ColumnName, columns } from './columns.ts';
import { JobDuration } from './job-duration.tsx';
import { JobStatusWord } from './job-status.tsx';
import css from './job-table.module.css';
import { Verdict } from './verdict.tsx';

/** What a job shows in a column that people may choose. */
export function JobCell({ name, job }: { name: ColumnName; job: JobSummary }) {
  const note = name === 'note' ? noteOf(job) : undefined;
  const place = name === 'submittedAt' ? css.ago : columns[name].end && css.end;
  return (
    <span role="cell" className={[css[name], place].filter(Boolean).join(' ')} title={note}>
      {contentOf(name, job)}
    </span>
  );
}

function contentOf(name: ColumnName, job: JobSummary): ReactNode {
  switch (name) {
    case 'status':
      return <JobStatusWord job={job} />;
    case 'duration':
      return <JobDuration job={job} />;
    case 'verdict':
      return <Verdict job={job} />;
    case 'note':
      return firstLine(noteOf(job));
    case 'configuration':
      return job.configuration?.tag;
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

function noteOf(job: JobSummary): string {
  return job.summary || (job.status === 'failed' && job.error) || job.info;
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}
