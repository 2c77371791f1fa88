import { Command, InvalidArgumentError } from 'commander';
import { type ClientFlags, openDaybook, withClientFlags } from '../client-settings.ts';
import { collect } from '../collect.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { cancelJobs, retryJobs } from './jobs-act.ts';
import { type ListFlags, listJobs } from './jobs-list.ts';
import { type ShowFlags, showJob } from './jobs-show.ts';
import { type WatchFlags, watchJobs } from './jobs-watch.ts';

export function jobsCommand(terminal: Terminal): Command {
  const open = (flags: ClientFlags) => openDaybook(flags, terminal.env);
  const jobs = new Command('jobs').description('look at jobs, cancel them, try them again');

  withFilters(withClientFlags(jobs.command('list')))
    .description('list jobs, newest first')
    .argument('[query...]', 'what to look for, as in the search box of the diary')
    .option('--limit <n>', 'how many', wholeNumber, 25)
    .option('--all', 'all of them, however many')
    .option('--json', 'the answer of the API')
    .addHelpText('after', examplesOfList)
    .action(async (query: readonly string[], flags: ListFlags) =>
      listJobs(open(flags), query.join(' '), flags, terminal),
    );

  withClientFlags(jobs.command('show'))
    .description('show a job with its steps and the end of its log')
    .argument('<id>', 'number of the job', jobId)
    .option('--log [lines]', 'how many lines of its log; all of them without a number')
    .option('--json', 'the answer of the API')
    .action(async (id: number, flags: ShowFlags) => showJob(open(flags), id, flags, terminal));

  withFilters(withClientFlags(jobs.command('watch')))
    .description('follow jobs live; ends when all that were named have ended, and as they did')
    .argument('[id...]', 'numbers of jobs; without, all that run or begin', collectIds)
    .option('--log', 'also what they print')
    .option('--json', 'one JSON object per line')
    .action(async (ids: readonly number[] | undefined, flags: WatchFlags) => {
      process.exitCode = await watchJobs(open(flags), ids ?? [], flags, terminal);
    });

  withClientFlags(jobs.command('cancel'))
    .description('cancel jobs')
    .argument('<id...>', 'numbers of jobs', collectIds)
    .option('--message <text>', 'why')
    .option('--json', 'the jobs as they are then')
    .action(async (ids: readonly number[], flags) => cancelJobs(open(flags), ids, flags, terminal));

  withClientFlags(jobs.command('retry'))
    .description('give ended jobs a new attempt')
    .argument('<id...>', 'numbers of jobs', collectIds)
    .option('--message <text>', 'why')
    .option('--json', 'the jobs as they are then')
    .action(async (ids: readonly number[], flags) => retryJobs(open(flags), ids, flags, terminal));

  return jobs;
}

function withFilters(command: Command): Command {
  return command
    .option('--status <status>', 'only of this status (again, or with commas, for more)', collect, [])
    .option('--kind <kind>', 'only of this kind', collect, [])
    .option('--project <project>', 'only of this project', collect, [])
    .option('--user <user>', 'only of this user', collect, [])
    .option('--configuration <tag>', 'only of this configuration', collect, [])
    .option('--source <source>', 'only from this source', collect, [])
    .option('--tag <tag>', 'only with this tag', collect, [])
    .option('--target <target>', 'only on this target', collect, []);
}

function jobId(text: string): number {
  const id = wholeNumber(text.replace(/^#/, ''));
  if (id < 1) throw new InvalidArgumentError('A job has a number from 1 on.');
  return id;
}

function collectIds(text: string, earlier: readonly number[] | undefined): number[] {
  return [...(earlier ?? []), jobId(text)];
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Not a whole number.');
  return Number(text);
}

const examplesOfList = `
Examples:
  daybook jobs list sled status:failed
  daybook jobs list external:1234567
  daybook jobs list --user doea -- -tag:PAB ended-after:7d`;
