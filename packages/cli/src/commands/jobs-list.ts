import type { JobSummary } from '@daybook/core';
import type { Daybook, JobQuery } from '@daybook/sdk';
import type { ClientFlags } from '../client-settings.ts';
import { ago, jobDuration, jobStatusText, statusStyle } from '../terminal/job-words.ts';
import { type Column, tableLines } from '../terminal/table.ts';
import { columnsOf, paint, print, printJson, type Terminal, tell } from '../terminal/terminal.ts';
import { printable } from '../terminal/text-width.ts';
import { type FilterFlags, filterQuery } from './job-filters.ts';

export interface ListFlags extends ClientFlags, FilterFlags {
  readonly limit: number;
  readonly all?: boolean;
  readonly json?: boolean;
}

const PAGE = 500;

/** Lists the jobs that a query in the language of the search box finds, all of them for an empty one. */
export async function listJobs(
  daybook: Daybook,
  q: string,
  flags: ListFlags,
  terminal: Terminal,
): Promise<void> {
  const wanted = flags.all ? Number.POSITIVE_INFINITY : flags.limit;
  const { items, nextCursor } = await readPages(
    daybook,
    { ...filterQuery(flags), ...(q !== '' && { q }) },
    wanted,
  );
  if (flags.json) {
    printJson(terminal, { items, ...(nextCursor !== undefined && { nextCursor }) });
    return;
  }
  if (items.length === 0) {
    const asked = q !== '' || Object.keys(filterQuery(flags)).length > 0;
    tell(terminal, asked ? 'no job matches' : 'no jobs; track one with: daybook run -- COMMAND');
    return;
  }
  const title = (text: string) => paint(terminal.stdout, 'dim', text);
  for (const line of tableLines(listColumns(items, terminal), items, columnsOf(terminal.stdout), title))
    print(terminal, line);
  if (nextCursor !== undefined) tell(terminal, 'there are more: --limit N or --all');
}

async function readPages(daybook: Daybook, query: JobQuery, wanted: number) {
  const items: JobSummary[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(PAGE, wanted - items.length);
    const page = await daybook.jobs.list({ ...query, limit, cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && items.length < wanted);
  return { items, nextCursor: cursor };
}

/** With the numbers that jobs have elsewhere, at a scheduler for example, where some have one. */
function listColumns(items: readonly JobSummary[], terminal: Terminal): Column<JobSummary>[] {
  const [id, ...others] = jobColumns(terminal);
  const number = { title: 'NUMBER', value: (job: JobSummary) => printable(job.externalId ?? '') };
  const numbered = items.some(({ externalId }) => externalId !== null);
  return id === undefined || !numbered ? jobColumns(terminal) : [id, number, ...others];
}

/** The columns of a list of jobs, coloured where the terminal is. */
export function jobColumns(terminal: Terminal): Column<JobSummary>[] {
  const now = Date.now();
  return [
    { title: 'ID', value: (job) => String(job.id), align: 'right' },
    { title: 'NAME', value: (job) => printable(job.name), flexible: true },
    {
      title: 'STATUS',
      value: (job) => printable(jobStatusText(job)),
      paint: (text, job) => paint(terminal.stdout, statusStyle(job.status), text),
    },
    { title: 'TOOK', value: (job) => jobDuration(job, now), align: 'right', extra: true },
    { title: 'SUBMITTED', value: (job) => ago(job.submittedAt, now), extra: true },
    { title: 'KIND', value: (job) => printable(job.kind), extra: true },
    { title: 'PROJECT', value: (job) => printable(job.project ?? ''), flexible: true, extra: true },
    { title: 'USER', value: (job) => printable(job.user ?? ''), flexible: true, extra: true },
  ];
}
