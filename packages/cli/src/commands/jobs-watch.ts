import { isActive, isEnded, type JobEvent, type JobStatus, type JobSummary } from '@daybook/core';
import type { Daybook, StreamItem } from '@daybook/sdk';
import type { ClientFlags } from '../client-settings.ts';
import { exitCodes } from '../exit-codes.ts';
import { JobBoard } from '../terminal/job-board.ts';
import { jobStatusText } from '../terminal/job-words.ts';
import { print, type Terminal, tell } from '../terminal/terminal.ts';
import { printable } from '../terminal/text-width.ts';
import { type FilterFlags, filterQuery } from './job-filters.ts';

export interface WatchFlags extends ClientFlags, FilterFlags {
  readonly log?: boolean;
  readonly json?: boolean;
}

/** How what is watched is shown. */
interface View {
  job(job: JobSummary): void;
  log(event: JobEvent): void;
  close(): void;
}

/** Answers the exit code: how the named jobs ended; 0 when all jobs were watched until Ctrl-C. */
export async function watchJobs(
  daybook: Daybook,
  ids: readonly number[],
  flags: WatchFlags,
  terminal: Terminal,
): Promise<number> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const view = viewFor(flags, terminal);
  try {
    const known = await follow(daybook, ids, flags, view, stop, terminal);
    if (ids.length === 0) return exitCodes.ok;
    return stop.signal.aborted && !allEnded(ids, known)
      ? 130
      : endOf(ids.map((id) => known.get(id)?.status ?? 'unknown'));
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    view.close();
  }
}

async function follow(
  daybook: Daybook,
  ids: readonly number[],
  flags: WatchFlags,
  view: View,
  stop: AbortController,
  terminal: Terminal,
): Promise<Map<number, JobSummary>> {
  const known = new Map<number, JobSummary>();
  const see = (job: JobSummary) => {
    if (known.get(job.id)?.updatedAt === job.updatedAt && known.get(job.id)?.status === job.status) return;
    known.set(job.id, job);
    view.job(job);
  };
  // The row runs ahead of the facts: only the fact of its end says that no more lines come.
  const over = new Set<number>();
  for await (const item of daybook.stream(streamQuery(ids, flags), stop.signal)) {
    if (item.kind === 'away')
      tell(terminal, `daybook: ${item.error.message.replace('/api/v1', '')}; trying again`);
    // Loaded once the stream is open, so that nothing falls between the two.
    if (item.kind === 'hello' || item.kind === 'reset')
      for (const job of await load(daybook, ids, flags)) {
        see(job);
        if (isEnded(job.status)) over.add(job.id);
      }
    if (item.kind === 'job' && concerns(item, ids)) see(item.job);
    if (item.kind === 'log') view.log(item.event);
    if (item.kind === 'event' && endsJob(item.event)) over.add(item.event.jobId);
    if (ids.length > 0 && ids.every((id) => over.has(id))) stop.abort();
  }
  return known;
}

function endsJob({ kind, status, unapplied }: JobEvent): boolean {
  const ofJob = kind === 'status' || kind === 'error' || kind === 'created';
  return ofJob && unapplied === null && status !== null && isEnded(status as JobStatus);
}

function streamQuery(ids: readonly number[], flags: WatchFlags) {
  if (ids.length === 0) return filterQuery(flags);
  return { job: ids.join(','), ...(flags.log && { log: ids.join(',') }) };
}

function concerns(item: StreamItem & { kind: 'job' }, ids: readonly number[]): boolean {
  return ids.length === 0 || ids.includes(item.job.id);
}

async function load(
  daybook: Daybook,
  ids: readonly number[],
  flags: WatchFlags,
): Promise<readonly JobSummary[]> {
  if (ids.length > 0) return await Promise.all(ids.map((id) => daybook.jobs.get(id)));
  const { items } = await daybook.jobs.list({
    status: ['queued', 'running'],
    ...filterQuery(flags),
    limit: 100,
  });
  return items.filter((job) => isActive(job.status)).toReversed();
}

function allEnded(ids: readonly number[], known: ReadonlyMap<number, JobSummary>): boolean {
  return ids.every((id) => isEnded(known.get(id)?.status ?? 'running'));
}

/** The worst of them. */
function endOf(statuses: readonly JobStatus[]): number {
  if (statuses.includes('failed')) return exitCodes.failed;
  if (statuses.includes('canceled')) return exitCodes.canceled;
  return statuses.every((status) => status === 'succeeded') ? exitCodes.ok : exitCodes.endedOtherwise;
}

function viewFor(flags: WatchFlags, terminal: Terminal): View {
  if (flags.json) return jsonView(terminal);
  return terminal.stdout.isTTY && !flags.log ? new JobBoard(terminal) : lineView(terminal);
}

function jsonView(terminal: Terminal): View {
  return {
    job: (job) => print(terminal, JSON.stringify({ kind: 'job', job })),
    log: (event) => print(terminal, JSON.stringify({ kind: 'log', event })),
    close: () => {},
  };
}

function lineView(terminal: Terminal): View {
  const said = new Map<number, string>();
  return {
    job(job) {
      const line = `job ${job.id}  ${printable(job.name)}  ${printable(jobStatusText(job))}`;
      if (said.get(job.id) === line) return;
      said.set(job.id, line);
      print(terminal, line);
    },
    log: (event) => print(terminal, printable(event.message ?? '', true)),
    close: () => {},
  };
}
