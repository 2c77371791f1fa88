import type { Job, JobEvent, Step } from '@daybook/core';
import type { Daybook } from '@daybook/sdk';
import type { ClientFlags } from '../client-settings.ts';
import { CommandError } from '../explain.ts';
import { ago, jobDuration, jobStatusText, statusStyle, stepStatusText } from '../terminal/job-words.ts';
import { type Column, tableLines } from '../terminal/table.ts';
import { columnsOf, paint, print, printJson, type Terminal } from '../terminal/terminal.ts';
import { printable, textWidth } from '../terminal/text-width.ts';

export interface ShowFlags extends ClientFlags {
  readonly log?: string | true;
  readonly json?: boolean;
}

const LOG_LINES = 10;
const PAGE = 500;

export async function showJob(
  daybook: Daybook,
  id: number,
  flags: ShowFlags,
  terminal: Terminal,
): Promise<void> {
  const lines = wantedLines(flags.log);
  const job = await daybook.jobs.get(id);
  if (flags.json) {
    printJson(terminal, flags.log === undefined ? job : { ...job, log: await lastLines(daybook, id, lines) });
    return;
  }
  printHead(job, terminal);
  if (job.steps.length > 0) printSteps(job.steps, terminal);
  const log = await lastLines(daybook, id, lines);
  if (log.length > 0) print(terminal, '');
  for (const line of log) print(terminal, printable(line.message ?? '', true));
}

function wantedLines(log: string | true | undefined): number {
  if (log === undefined) return LOG_LINES;
  if (log === true) return Number.POSITIVE_INFINITY;
  if (!/^\d+$/.test(log)) throw new CommandError(`--log ${log}: not a number of lines`);
  return Number(log);
}

async function lastLines(daybook: Daybook, id: number, wanted: number): Promise<JobEvent[]> {
  const lines: JobEvent[] = [];
  let cursor: string | undefined;
  while (lines.length < wanted) {
    const page = await daybook.jobs.log(id, {
      sort: '-id',
      limit: Math.min(PAGE, wanted - lines.length),
      cursor,
    });
    lines.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  return lines.reverse();
}

function printHead(job: Job, terminal: Terminal): void {
  const status = paint(terminal.stdout, statusStyle(job.status), printable(jobStatusText(job)));
  print(terminal, `${paint(terminal.stdout, 'bold', `job ${job.id}  ${printable(job.name)}`)}  ${status}`);
  const facts = Object.entries(factsOf(job)).filter(([, value]) => value !== '');
  const width = Math.max(...facts.map(([name]) => textWidth(name)));
  for (const [name, value] of facts)
    print(terminal, `  ${name}${' '.repeat(width - textWidth(name))}  ${printable(value)}`);
}

/** What `daybook run` notes, in words. */
const ownWords: Readonly<Record<string, string>> = { exitCode: 'exit code', targetHeldBy: 'target held by' };

function factsOf(job: Job): Record<string, string> {
  const now = Date.now();
  const at = (iso: string | null) => (iso === null ? '' : `${iso}  (${ago(iso, now)})`);
  return {
    error: job.error ?? '',
    number: job.externalId === null ? '' : [job.externalId, job.source].filter(Boolean).join('  '),
    verdict: verdictOf(job),
    summary: job.summary.trim().split('\n')[0] ?? '',
    configuration: job.configuration === null ? '' : `${job.configuration.tag} ${job.configuration.version}`,
    target: [job.target, job.operation].filter(Boolean).join('  '),
    project: job.project ?? '',
    user: job.user ?? '',
    tags: job.tags.join(', '),
    submitted: at(job.submittedAt),
    started: at(job.startedAt),
    ended: at(job.endedAt),
    took: jobDuration(job, now),
    attempt: job.attempt > 1 || job.maxAttempts > 1 ? `${job.attempt} of ${job.maxAttempts}` : '',
    ...Object.fromEntries(
      Object.entries(job.metadata ?? {}).map(([name, value]) => [
        ownWords[name] ?? printable(name),
        asLine(value),
      ]),
    ),
  };
}

/** What people say of it, once they do: `done  ok`. */
function verdictOf({ analysisStatus, assessment }: Job): string {
  if (analysisStatus === 'open' && assessment === null) return '';
  return [analysisStatus, assessment?.replace('_', ' ')].filter(Boolean).join('  ');
}

function asLine(value: unknown): string {
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
}

function printSteps(steps: readonly Step[], terminal: Terminal): void {
  const now = Date.now();
  const columns: Column<Step>[] = [
    { title: 'STEP', value: (step) => printable(step.name), flexible: true },
    {
      title: 'STATUS',
      value: (step) =>
        stepStatusText(step.status) +
        (step.status === 'running' && step.percent !== null ? ` ${Math.floor(step.percent)} %` : ''),
      paint: (text, step) => paint(terminal.stdout, statusStyle(step.status), text),
    },
    { title: 'POINTS', value: (step) => (step.points > 0 ? String(step.points) : ''), align: 'right' },
    { title: 'TOOK', value: (step) => jobDuration(step, now), align: 'right' },
    { title: 'MESSAGE', value: (step) => printable(step.message ?? ''), flexible: true },
  ];
  print(terminal, '');
  const title = (text: string) => paint(terminal.stdout, 'dim', text);
  for (const line of tableLines(columns, steps, columnsOf(terminal.stdout), title)) print(terminal, line);
}
