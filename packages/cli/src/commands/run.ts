import { hostname, userInfo } from 'node:os';
import { basename } from 'node:path';
import type { JobCreateBody } from '@daybook/core';
import {
  type Daybook,
  DaybookApiError,
  DaybookUsageError,
  type JobHandle,
  type ReportingProblem,
} from '@daybook/sdk';
import { Command } from 'commander';
import { type ClientFlags, openDaybook, withClientFlags } from '../client-settings.ts';
import { collect } from '../collect.ts';
import { exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';
import { type Ending, runChild } from '../run/child.ts';
import { Masker } from '../run/masker.ts';
import { OutputLog } from '../run/output-log.ts';
import { type PercentReader, ProgressPatternError, percentReader } from '../run/percent.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';

interface RunFlags extends ClientFlags {
  readonly name?: string;
  readonly kind?: string;
  readonly project?: string;
  readonly configuration?: string;
  readonly target?: string;
  readonly operation?: string;
  readonly tag: readonly string[];
  readonly progressRegex?: string;
  readonly mask: readonly string[];
  readonly maskEnv: readonly string[];
}

const NAME_LENGTH = 120;
const HELD =
  'daybook: the command has ended, but something that it left behind still has its output; Ctrl-C leaves it';

export function runCommand(terminal: Terminal): Command {
  const command = withClientFlags(new Command('run'))
    .description('run a command as a job: its output, progress, duration and exit code are recorded')
    .argument('<command...>', 'the command and its arguments')
    .option('--name <name>', 'name of the job; the command when left out')
    .option('--kind <kind>', 'kind of the job', 'script')
    .option('--project <project>', 'project that the job belongs to')
    .option('--configuration <tag>', 'configuration of the job')
    .option(
      '--target <name>',
      'what the command changes; if another job is at it, nothing is run (exit code 75)',
    )
    .option('--operation <name>', 'what is done to the target')
    .option('--tag <tag>', 'tag of the job (again for more)', collect, [])
    .option('--progress-regex <regex>', 'reads percent from the output by its first group; empty: do not')
    .option('--mask <secret>', 'text that is never recorded (again for more)', collect, [])
    .option(
      '--mask-env <name>',
      'environment variable whose value is never recorded (again for more)',
      collect,
      [],
    )
    .passThroughOptions()
    .action(async (words: [string, ...string[]], flags: RunFlags) => {
      process.exitCode = await run(words, flags, terminal);
    });
  return command.addHelpText('after', notes);
}

const notes = `
The command's output passes through unchanged, by pipes: programs that look whether they write to a
terminal see that they do not. If something that the command left behind still holds them 2 s after its
end, the record ends there, and its output passes on as with | cat: until it ends, or SIGINT or SIGTERM
ends the run, with the command's own exit code.

With the server away the command runs all the same, and its record waits for: daybook sync. Write -- before
the command if it begins with a dash.

Example:
  daybook run --name "nightly backup" --mask-env BACKUP_PASSWORD -- backup.sh --all`;

async function run(words: [string, ...string[]], flags: RunFlags, terminal: Terminal): Promise<number> {
  const masker = new Masker(secretsOf(flags, terminal));
  const percent = percentOf(flags, terminal);
  const speaker = new Speaker(terminal);
  const hurry = new AbortController();
  const daybook = openDaybook(flags, terminal.env, {
    onProblem: (problem) => speaker.hear(problem),
    hurry: hurry.signal,
  });
  const job = await namingFlags(() => begin(daybook, describe(words, flags, masker), terminal));
  if (job === undefined) return exitCodes.busy;
  speaker.job = job;
  const log = new OutputLog(
    { log: (line, stream) => job.log(line, stream), progress: (percent) => job.progress(percent) },
    masker,
    percent,
  );
  if (flags.target !== undefined) job.status('running');
  const child = runChild({
    command: words,
    stdout: terminal.stdout,
    stderr: terminal.stderr,
    tapStdout: log.listenTo('stdout'),
    tapStderr: log.listenTo('stderr'),
    onHeld: () => tell(terminal, HELD),
  });
  // Whoever has stopped the command, or leaves what it left behind, does not wait for its record.
  void child.passed.then((whole) => whole || hurry.abort());
  const ending = await child.ended;
  if (ending.problem !== undefined) tell(terminal, `daybook: ${ending.problem}`);
  log.finish();
  job.metadata({ exitCode: ending.code, signal: ending.signal ?? null });
  const { delivered } = await end(job, ending, masker);
  if (!delivered) speaker.tellWaiting();
  // What a signal leaves unwritten would hold the process until the reader of its output goes away.
  if (!(await child.passed)) process.exit(ending.code);
  return ending.code;
}

/** Waits for the server's word only if it can be no; a command without a target starts at once. */
async function begin(
  daybook: Daybook,
  job: JobCreateBody,
  terminal: Terminal,
): Promise<JobHandle | undefined> {
  if (job.target === undefined) return daybook.startJob(job);
  try {
    return await daybook.createJob(job);
  } catch (error) {
    if (!(error instanceof DaybookApiError)) throw error;
    // Refused for another reason, such as an unknown configuration: the command is worth more than its record.
    if (error.code !== 'target_busy') return daybook.startJob(job);
    const holder = error.problem['jobId'];
    tell(
      terminal,
      `daybook: ${job.target} is busy${typeof holder === 'number' ? ` (job ${holder})` : ''}; the command was not run`,
    );
    return undefined;
  }
}

/** People know flags, not fields. */
async function namingFlags<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof DaybookUsageError) || error.faults.length === 0) throw error;
    const faults = error.faults.map(
      ({ path, message }) => `--${path.replace(/^tags\b.*/, 'tag')} ${message}`,
    );
    throw new CommandError(faults.join('\n  '));
  }
}

function describe(words: readonly string[], flags: RunFlags, masker: Masker): JobCreateBody {
  const command = masker.mask(words.map(quoted).join(' '));
  const user = userName();
  const directory = masker.mask(process.cwd());
  const shortCommand = masker.mask([basename(words[0] ?? ''), ...words.slice(1)].map(quoted).join(' '));
  return {
    name: flags.name === undefined ? shorten(shortCommand) : masker.mask(flags.name),
    kind: flags.kind,
    metadata: { host: hostname(), user, directory, command: command.slice(0, 10_000) },
    submitDirectory: directory,
    ...(user !== null && { user }),
    ...(flags.project !== undefined && { project: flags.project }),
    ...(flags.configuration !== undefined && { configuration: flags.configuration }),
    // It waits for the server's word on its target: that time is not the command's.
    ...(flags.target !== undefined && { target: flags.target, status: 'queued' as const }),
    ...(flags.operation !== undefined && { operation: flags.operation }),
    ...(flags.tag.length > 0 && { tags: [...flags.tag] }),
  };
}

async function end(job: JobHandle, ending: Ending, masker: Masker) {
  if (ending.code === 0) return await job.succeed();
  const how = ending.signal === undefined ? `exit code ${ending.code}` : `ended by ${ending.signal}`;
  if (ending.stopped) return await job.cancel(how);
  return await job.fail(ending.problem === undefined ? how : masker.mask(ending.problem));
}

/** Says what is wrong with reporting in at most one line. */
class Speaker {
  job: JobHandle | undefined;
  readonly #terminal: Terminal;
  #spoke = false;
  #last: ReportingProblem | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** A server that is away at the beginning is told at once; one that goes away later may be back before the end. */
  hear(problem: ReportingProblem): void {
    if (problem.kind === 'dropped' || problem.kind === 'input') return;
    this.#last = problem;
    // Whatever was said before: it promised that the record is kept.
    if (problem.kind === 'lost') tell(this.#terminal, `daybook: ${problem.message}`);
    if (problem.kind === 'away' && this.job?.id === undefined) this.tellAway();
    if (problem.kind === 'refused' || problem.kind === 'disk') this.#say(`daybook: ${problem.message}`);
  }

  /** Before the end: it will wait. */
  tellAway(): void {
    const why = (this.#last?.error?.message ?? '').replace(/\/api\/v1\b/, '').replace(/\.$/, '');
    this.#say(`daybook: ${why}; the command runs all the same, send its record later with: daybook sync`);
  }

  /** At the end: it waits. */
  tellWaiting(): void {
    this.#say('daybook: not all of the record could be delivered; send the rest with: daybook sync');
  }

  #say(line: string): void {
    if (this.#spoke) return;
    this.#spoke = true;
    tell(this.#terminal, line);
  }
}

function secretsOf(flags: RunFlags, terminal: Terminal): string[] {
  const fromEnvironment = flags.maskEnv.map((name) => {
    const value = terminal.env[name];
    if (!value) tell(terminal, `daybook: --mask-env ${name} is not set, so there is nothing to mask`);
    return value ?? '';
  });
  // The command inherits our key, and some print their whole environment.
  return [...flags.mask, ...fromEnvironment, terminal.env['DAYBOOK_API_KEY'] ?? ''];
}

function percentOf(flags: RunFlags, terminal: Terminal): PercentReader | undefined {
  try {
    return percentReader(flags.progressRegex, () =>
      tell(terminal, 'daybook: --progress-regex takes too long to match; percent is no longer read'),
    );
  } catch (error) {
    if (error instanceof ProgressPatternError) throw new CommandError(`--progress-regex: ${error.message}`);
    throw error;
  }
}

/** As one would type it in a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function shorten(text: string): string {
  return text.length <= NAME_LENGTH ? text : `${text.slice(0, NAME_LENGTH - 1)}…`;
}

function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null; // a number without a name, as in containers
  }
}
