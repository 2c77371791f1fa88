import type { Job } from '@daybook/core';
import type { Daybook } from '@daybook/sdk';
import { jobStatusText } from '../terminal/job-words.ts';
import { print, printJson, type Terminal } from '../terminal/terminal.ts';
import { printable } from '../terminal/text-width.ts';

interface ActFlags {
  readonly message?: string;
  readonly json?: boolean;
}

export async function cancelJobs(
  daybook: Daybook,
  ids: readonly number[],
  flags: ActFlags,
  terminal: Terminal,
): Promise<void> {
  await act(ids, (id) => daybook.jobs.cancel(id, flags.message), flags, terminal);
}

export async function retryJobs(
  daybook: Daybook,
  ids: readonly number[],
  flags: ActFlags,
  terminal: Terminal,
): Promise<void> {
  await act(ids, (id) => daybook.jobs.retry(id, flags.message), flags, terminal);
}

/** One after the other; the first that is refused ends it, and what was done before stays done. */
async function act(
  ids: readonly number[],
  one: (id: number) => Promise<Job>,
  flags: ActFlags,
  terminal: Terminal,
): Promise<void> {
  const done: Job[] = [];
  try {
    for (const id of ids) {
      const job = await one(id);
      done.push(job);
      if (!flags.json) print(terminal, `job ${job.id}  ${printable(job.name)}  ${jobStatusText(job)}`);
    }
  } finally {
    if (flags.json) printJson(terminal, { items: done });
  }
}
