import type { ServerResponse } from 'node:http';
import type { JobFilter, JobSort, JobSummary, Scope } from '@daybook/core';
import type { Store } from '../storage/index.ts';
import { csvHead, csvRow } from './csv.ts';
import { drained } from './drained.ts';
import { listJobs } from './list-jobs.ts';

/** Jobs that are read at once. */
const PAGE = 500;

export interface ExportQuery {
  readonly filter: JobFilter;
  readonly sort: JobSort;
  readonly format: 'csv' | 'jsonl';
}

/** What the format is called in HTTP, and how a file of it ends. */
export const exportFormats = {
  csv: { type: 'text/csv; charset=utf-8; header=present', suffix: 'csv' },
  jsonl: { type: 'application/jsonl; charset=utf-8', suffix: 'jsonl' },
} as const;

/**
 * Writes all jobs of a list, page by page, as fast as they are taken and no faster. A page that cannot be read ends the
 * connection, so that nobody takes a part for the whole.
 */
export async function exportJobs(
  store: Store,
  scope: Scope,
  { filter, sort, format }: ExportQuery,
  shown: (job: JobSummary) => JobSummary,
  out: ServerResponse,
): Promise<void> {
  const reads = { profile: store.profile, read: store.bulk, people: store.bulk };
  const textOf = format === 'csv' ? csvRow : (job: JobSummary) => `${JSON.stringify(job)}\n`;
  if (format === 'csv') out.write(csvHead);
  let cursor: string | undefined;
  do {
    const page = await listJobs(reads, scope, { ...filter, sort, limit: PAGE, cursor });
    if (out.destroyed) return;
    if (!out.write(page.items.map((job) => textOf(shown(job))).join(''))) await drained(out);
    cursor = page.nextCursor;
  } while (cursor !== undefined && !out.destroyed);
  out.end();
}
