import type { Job } from '@daybook/core';
import {
  type Daybook,
  type ReportingProblem,
  type TryEnd,
  TryLaterError,
  type WorkContext,
  type WorkerHandle,
} from '@daybook/sdk';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type ClientFlags, openDaybook, withClientFlags } from '../client-settings.ts';
import { collect } from '../collect.ts';
import { duration } from '../duration.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';
import { type Ending, runJobChild } from '../run/child.ts';
import { Masker } from '../run/masker.ts';
import { OutputLog } from '../run/output-log.ts';
import { DEFAULT_PERCENT } from '../run/percent.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';
import { printable } from '../terminal/text-width.ts';

interface WorkFlags extends ClientFlags {
  readonly concurrency: number;
  readonly grace: number;
  readonly operation: readonly string[];
  readonly name?: string;
}

/** What a command answers when its job cannot be done just now: EX_TEMPFAIL of BSD's sysexits.h. */
const TRY_LATER = 75;

const graceOption = new Option('--grace <time>', 'how long jobs may go on once it is asked to stop')
  .argParser(duration)
  .default(30_000, '30s');

/** `words` are those after `daybook`: what stands behind `--` is the command. */
export function workCommand(words: readonly string[], terminal: Terminal): Command {
  const command = withClientFlags(new Command('work'))
    .description('work on jobs that wait in the queue: run a command for each')
    .usage('[options] <tags...> -- <command...>')
    .argument('[tags...]', 'configurations whose jobs to claim, by their tags')
    .option('--concurrency <n>', 'most jobs at once', wholeNumber, 1)
    .addOption(graceOption)
    .option('--operation <name>', 'only jobs with this operation (again for more)', collect, [])
    .option('--name <name>', 'what people see of who works; host and process number when left out')
    .action(async (all: readonly string[], flags: WorkFlags) => {
      if (all.length === 0 && !words.includes('--')) {
        process.exitCode = await ownWork(flags.config, terminal);
        return;
      }
      const { configurations, command: runs } = splitAtDashes(all, words);
      process.exitCode = await work(configurations, runs, flags, terminal);
    });
  return command.addHelpText('after', notes);
}

const notes = `
The job comes as JSON on the command's stdin, and as DAYBOOK_JOB_ID, DAYBOOK_ATTEMPT, DAYBOOK_TARGET,
DAYBOOK_OPERATION, DAYBOOK_URL and DAYBOOK_LEASE_TOKEN in its environment. What it prints becomes the job's
log, and percent in it the job's progress. Exit code 0 is success; 75 puts the job back, to be tried again
half a minute later, and counts nothing; any other is a failure, which is tried again as often as the job
allows. SIGTERM or Ctrl-C: what runs may end within --grace, then it is ended and goes back to the queue.

Without configurations and a command it does the work of Daybook itself, bundles and what recurs, as serve
does: for more machines on the same PostgreSQL (DAYBOOK_DATABASE_URL) and the same archive.

Example:
  daybook work import --concurrency 4 -- ./import.sh`;

/** Daybook's own work: bundles and what recurs, on the PostgreSQL and the archive that the settings of serve name. */
async function ownWork(config: string | undefined, terminal: Terminal): Promise<ExitCode> {
  const { settingsFrom, startWorker } = await import('@daybook/server');
  const settings = settingsFrom({ env: terminal.env, ...(config !== undefined && { file: config }) });
  const worker = await startWorker(settings).catch((error: Error) => {
    throw error.name === 'SoleProcessError' ? new CommandError(error.message) : error;
  });
  tell(terminal, 'daybook: takes bundles in, and does what recurs');
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  tell(terminal, 'daybook: stopping');
  await worker.close();
  return exitCodes.ok;
}

/** Commander says what the words are, but not where `--` stood. */
function splitAtDashes(all: readonly string[], words: readonly string[]) {
  const dashes = words.indexOf('--');
  const length = dashes < 0 ? 0 : words.length - dashes - 1;
  const [file, ...rest] = all.slice(all.length - length);
  const configurations = all.slice(0, all.length - length);
  if (file === undefined)
    throw new CommandError(
      'name configurations and a command, e.g. daybook work import -- ./import.sh; or neither, for the work of Daybook itself',
    );
  if (configurations.length === 0)
    throw new CommandError('before --, name the configurations whose jobs the command does');
  return { configurations, command: [file, ...rest] as const };
}

async function work(
  configurations: readonly string[],
  command: readonly [string, ...string[]],
  flags: WorkFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const { concurrency, grace, name, operation } = flags;
  const onProblem = ({ kind, message }: ReportingProblem) => {
    if (kind !== 'away') tell(terminal, `daybook: ${message}`);
  };
  const daybook = openDaybook(flags, terminal.env, { onProblem });
  const runner = new JobRunner(command, daybook, terminal);
  const worker = daybook.worker(
    {
      configurations,
      concurrency,
      ...(name !== undefined && { name }),
      ...(operation.length > 0 && { operations: operation }),
    },
    (job, context) => runner.run(job, context),
  );
  runner.onBroken = () => void worker.stop({ grace: 0 });
  tellWhatHappens(worker, terminal);
  const stopListening = stopOnSignals(worker, grace, terminal);
  tell(terminal, `daybook: ${worker.name} waits for jobs of ${configurations.join(', ')}`);
  await worker.closed;
  stopListening();
  if (runner.broken !== undefined) throw new CommandError(runner.broken.problem ?? '', exitCodes.notFound);
  return exitCodes.ok;
}

/** Runs the command for one job after the other, or several at once. */
class JobRunner {
  /** Set when the command cannot be started at all: going on would only send every job back. */
  broken: Ending | undefined;
  onBroken = () => {};
  readonly #command: readonly [string, ...string[]];
  readonly #daybook: Daybook;
  readonly #env: NodeJS.ProcessEnv;

  constructor(command: readonly [string, ...string[]], daybook: Daybook, terminal: Terminal) {
    this.#command = command;
    this.#daybook = daybook;
    this.#env = terminal.env;
  }

  async run(job: Job, context: WorkContext): Promise<void> {
    const masker = new Masker([context.leaseToken, this.#env['DAYBOOK_API_KEY'] ?? '']);
    const log = new OutputLog(
      { log: (line, stream) => context.log(line, stream), progress: (percent) => context.progress(percent) },
      masker,
      DEFAULT_PERCENT,
    );
    const ending = await runJobChild({
      command: this.#command,
      env: { ...this.#env, ...this.#variables(job, context) },
      input: `${JSON.stringify(job)}\n`,
      tapStdout: log.listenTo('stdout'),
      tapStderr: log.listenTo('stderr'),
      signal: context.signal,
    });
    log.finish();
    if (ending.problem !== undefined) this.#break(ending);
    context.metadata({ exitCode: ending.code, signal: ending.signal ?? null });
    throwUnlessDone(ending, context.signal);
  }

  #variables({ id, target, operation }: Job, { attempt, leaseToken }: WorkContext): NodeJS.ProcessEnv {
    return {
      DAYBOOK_URL: this.#daybook.url.replace(/\/api\/v1$/, ''),
      DAYBOOK_JOB_ID: String(id),
      DAYBOOK_ATTEMPT: String(attempt),
      DAYBOOK_LEASE_TOKEN: leaseToken,
      DAYBOOK_TARGET: target ?? '',
      DAYBOOK_OPERATION: operation ?? '',
    };
  }

  #break(ending: Ending): never {
    this.broken ??= ending;
    this.onBroken();
    throw new TryLaterError(ending.problem ?? '', { delay: 0 });
  }
}

function throwUnlessDone({ code, signal, stopped }: Ending, asked: AbortSignal): void {
  if (code === 0) return;
  if (stopped) throw asked.reason;
  if (code === TRY_LATER) throw new TryLaterError(`exit code ${code}: to be tried later`);
  throw new Error(signal === undefined ? `exit code ${code}` : `ended by ${signal}`);
}

function tellWhatHappens(worker: WorkerHandle, terminal: Terminal): void {
  const say = (job: Job, words: string) =>
    tell(terminal, `daybook: job ${job.id}  ${printable(job.name)}  ${words}`);
  worker.on('start', (job, attempt) => say(job, attempt === 1 ? 'begins' : `begins, try ${attempt}`));
  worker.on('end', (job, end) => say(job, endWords(end)));
  worker.on('away', ({ message }) =>
    tell(
      terminal,
      `daybook: ${message.replace(/\/api\/v1\b/, '')}; what runs goes on, asking again until it is back`,
    ),
  );
  worker.on('back', () => tell(terminal, 'daybook: the server is back'));
}

function endWords({ outcome, error, runAfter }: TryEnd): string {
  const why = error instanceof Error ? `: ${printable(error.message)}` : '';
  switch (outcome) {
    case 'succeeded':
    case 'canceled':
      return outcome;
    case 'failed':
      return `failed for good${why}`;
    case 'requeued':
      return `failed${why}; to be tried again${runAfter === undefined ? '' : ` after ${runAfter}`}`;
    case 'released':
      return `went back to the queue${why}`;
    case 'lost':
      return 'was given to another worker';
    case 'untold':
      return 'ended, but the server could not be told';
  }
}

/** The first signal asks it to stop, the second to hurry; a third is not waited for. Answers what stops listening. */
function stopOnSignals(worker: WorkerHandle, grace: number, terminal: Terminal): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let count = 0;
  const hear = () => {
    count += 1;
    if (count > 2) process.exit(130);
    const running = worker.jobs.length;
    const rest =
      running === 0 ? '' : `; ${running} of its jobs may still end (once more: they are put back now)`;
    if (count === 1) tell(terminal, `daybook: stopping${rest}`);
    void worker.stop({ grace: count === 1 ? grace : 0 }).catch(() => {});
  };
  for (const signal of signals) process.on(signal, hear);
  return () => {
    for (const signal of signals) process.off(signal, hear);
  };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) < 1 || Number(text) > 500)
    throw new InvalidArgumentError('It is a whole number from 1 to 500.');
  return Number(text);
}
