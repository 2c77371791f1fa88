import type { JobSummary } from '@daybook/core';

/** The columns of the file, by the names that the API has for them. */
const columns = [
  'id',
  'externalId',
  'name',
  'kind',
  'status',
  'progress',
  'analysisStatus',
  'assessment',
  'info',
  'summary',
  'tags',
  'project',
  'user',
  'solver',
  'configuration',
  'source',
  'target',
  'operation',
  'submittedAt',
  'startedAt',
  'endedAt',
  'submitDirectory',
  'jobDirectory',
  'logFile',
  'parentId',
  'attempt',
  'error',
  'version',
] as const satisfies readonly (keyof JobSummary)[];

/** RFC 4180: the first line names the columns. */
export const csvHead = `${columns.join(',')}\r\n`;

export function csvRow(job: JobSummary): string {
  return `${columns.map((name) => cell(textOf(job, name))).join(',')}\r\n`;
}

function textOf(job: JobSummary, name: (typeof columns)[number]): string {
  const value = job[name];
  if (value === null) return '';
  if (Array.isArray(value)) return value.join(' ');
  if (typeof value === 'object') return (value as { tag: string }).tag;
  return String(value);
}

/**
 * Spreadsheets run what looks like a formula, so such a text begins with an apostrophe, which they do not show (OWASP, CSV
 * injection). Numbers of ours begin with none of these characters.
 */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
