import { readFile } from 'node:fs/promises';
import { type BundleDescription, describingEntries, isEnded, type Job, visibleName } from '@daybook/core';
import {
  checkReceipt,
  type Daybook,
  FileChangedError,
  findLocalFiles,
  type LocalFile,
  ReceiptError,
  type SendOptions,
  type SentBundle,
  sendBundle,
  UploadMemory,
} from '@daybook/sdk';
import { Command } from 'commander';
import { type ClientFlags, openDaybook, withClientFlags } from '../client-settings.ts';
import { collect } from '../collect.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';
import { hashLocalFiles } from '../ingest/hash-local-files.ts';
import { TransferLine } from '../ingest/transfer-line.ts';
import { print, type Terminal, tell } from '../terminal/terminal.ts';
import { printable } from '../terminal/text-width.ts';

interface IngestFlags extends ClientFlags {
  readonly metadata?: string;
  readonly project?: string;
  readonly instrument?: string;
  readonly submitter?: string;
  readonly set: readonly string[];
  readonly name?: string;
  readonly verifyOnly?: boolean;
  readonly job?: string;
  readonly wait: boolean;
}

const notes = `
Folders go in whole, under their name; links in them are left out. Files are read once, while they are sent,
and there is no temporary copy. If the link breaks, it goes on by itself; after Ctrl-C or a crash, the same
command goes on where it stopped. At the end the receipt of the archive is held against what was read.

Examples:
  daybook ingest run1/ --project 1234a --instrument 54 --submitter 10 --set "Temp C=27"
  daybook ingest run1/ notes.txt --metadata metadata.json
  daybook ingest run1/ --verify-only --job 17`;

export function ingestCommand(terminal: Terminal): Command {
  const command = withClientFlags(new Command('ingest'))
    .description('send files and folders into the archive as one bundle')
    .argument('<paths...>', 'files and folders')
    .option(
      '--metadata <file>',
      'JSON array that describes the bundle, as Pacifica writes it; files in it are left out',
    )
    .option('--project <project>', 'whose bundle it is')
    .option('--instrument <instrument>', 'what made it')
    .option('--submitter <submitter>', 'who brings it')
    .option('--set <key=value>', 'what else there is to say of it (again for more)', collect, [])
    .option('--name <name>', 'what the diary calls it')
    .option(
      '--job <id>',
      'the failed job whose bytes are sent again; with --verify-only, the one to compare with',
    )
    .option('--verify-only', 'send nothing: compare the files here with those in the archive')
    .option('--no-wait', 'do not wait until they are in the archive')
    .action(async (paths: readonly string[], flags: IngestFlags) => {
      process.exitCode = await ingest(paths, flags, terminal);
    });
  return command.addHelpText('after', notes);
}

async function ingest(
  paths: readonly string[],
  flags: IngestFlags,
  terminal: Terminal,
): Promise<ExitCode | 130> {
  const { files, skipped } = await findLocalFiles(paths);
  for (const path of skipped)
    tell(terminal, `daybook: left out, because it is no file: ${visibleName(path)}`);
  const daybook = openDaybook(flags, terminal.env);
  if (flags.verifyOnly) return verifyOnly(daybook, files, flags, terminal);
  const entries = await entriesOf(flags);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new CommandError('interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const memory = UploadMemory.of(daybook.url, entries, files, terminal.env);
    const sent = await send(daybook, { entries, files, memory }, flags, interrupted.signal, terminal);
    if (!flags.wait) return exitCodes.ok;
    const job = await awaitEnd(daybook, sent.jobId, interrupted.signal, terminal);
    // What comes next is a bundle of its own, also if it is the same.
    await memory.forget();
    if (job.status !== 'succeeded') throw new CommandError(failureOf(job), exitCodes.failed);
    await checkSent(daybook, sent, files, terminal);
    return exitCodes.ok;
  } catch (error) {
    if (!interrupted.signal.aborted) throw explained(error);
    tell(terminal, 'daybook: stopped; the same command goes on where it is');
    return 130;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

async function send(
  daybook: Daybook,
  what: Pick<SendOptions, 'entries' | 'files' | 'memory'>,
  { name, job }: IngestFlags,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<SentBundle> {
  const line = new TransferLine(terminal, 'sent');
  try {
    return await sendBundle(daybook.uploads, {
      ...what,
      name,
      job: job === undefined ? undefined : jobNumber(job),
      signal,
      now: () => Date.now(),
      onProgress: (bytes, size) => line.show(bytes, size),
      onTrouble: ({ message }) => {
        line.end();
        tell(terminal, `daybook: ${message.replace('/api/v1', '')}; trying again`);
      },
    });
  } finally {
    line.end();
  }
}

/** Follows the job to its end; says what it does. */
async function awaitEnd(
  daybook: Daybook,
  jobId: number,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<Job> {
  print(terminal, String(jobId));
  let task: string | null = null;
  for (let wait = 50; ; wait = Math.min(wait * 1.5, 1_000)) {
    const job = await daybook.jobs.get(jobId);
    if (job.step !== task && job.status === 'running')
      tell(terminal, `daybook: job ${jobId}: ${job.steps.find(({ tag }) => tag === job.step)?.name ?? ''}`);
    task = job.step;
    if (isEnded(job.status)) return job;
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function failureOf({ id, status, step, error }: Job): string {
  return `job ${id} ${status}${step === null ? '' : ` in ${step}`}${error === null ? '' : `: ${printable(error)}`}`;
}

async function checkSent(
  daybook: Daybook,
  { jobId, hashes }: SentBundle,
  files: readonly LocalFile[],
  terminal: Terminal,
): Promise<void> {
  const bundle = await daybook.bundles.ofJob(jobId);
  if (bundle === undefined)
    throw new CommandError(`job ${jobId} has no bundle that you may see`, exitCodes.notFound);
  const sent = files.map(({ path, size }, i) => ({ path, size, sha256: hashes[i] ?? '' }));
  await checkReceipt(daybook.bundles, bundle, sent);
  tell(
    terminal,
    `daybook: bundle ${bundle.id} is in the archive; its receipt fits all ${count(files.length)}`,
  );
}

async function verifyOnly(
  daybook: Daybook,
  files: readonly LocalFile[],
  { job }: IngestFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  if (job === undefined) throw new CommandError('--verify-only needs --job: the job that took the files in');
  const bundle = await daybook.bundles.ofJob(jobNumber(job));
  if (bundle === undefined)
    throw new CommandError(`job ${job} has no bundle that you may see`, exitCodes.notFound);
  const line = new TransferLine(terminal, 'read');
  const local = await hashLocalFiles(files, (bytes, size) => line.show(bytes, size));
  line.end();
  try {
    await checkReceipt(daybook.bundles, bundle, local);
  } catch (error) {
    throw explained(error);
  }
  tell(terminal, `daybook: bundle ${bundle.id} holds all ${count(files.length)} as they are here`);
  return exitCodes.ok;
}

function count(files: number): string {
  return files === 1 ? '1 file' : `${files} files`;
}

function explained(error: unknown): unknown {
  if (error instanceof ReceiptError || error instanceof FileChangedError)
    return new CommandError(visibleName(error.message), exitCodes.failed);
  return error;
}

async function entriesOf(flags: IngestFlags): Promise<readonly unknown[]> {
  const { metadata } = flags;
  const facts = { project: flags.project, instrument: flags.instrument, submitter: flags.submitter };
  const given = Object.values(facts).some((value) => value !== undefined) || flags.set.length > 0;
  if (metadata !== undefined) {
    if (given)
      throw new CommandError(
        'say it with --metadata, or with --project, --instrument, --submitter and --set',
      );
    return entriesIn(metadata);
  }
  const missing = Object.entries(facts).flatMap(([name, value]) => (value ? [] : [`--${name}`]));
  if (missing.length > 0) throw new CommandError(`say ${missing.join(', ')}, or give --metadata`);
  return describingEntries({
    ...(facts as Omit<BundleDescription, 'keyValues'>),
    keyValues: flags.set.map(keyValue),
  });
}

function keyValue(text: string): { key: string; value: string } {
  const at = text.indexOf('=');
  if (at < 1) throw new CommandError(`--set takes key=value, not ${printable(text)}`);
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}

/** What a document says besides its files: those are listed anew, as they are read. */
async function entriesIn(file: string): Promise<readonly unknown[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${file} cannot be read (${error.code})`, exitCodes.notFound);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CommandError(`${file} is not JSON`);
  }
  if (!Array.isArray(value)) throw new CommandError(`${file} is no JSON array`);
  return value.filter((entry: { destinationTable?: unknown } | null) => entry?.destinationTable !== 'Files');
}

function jobNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new CommandError(`${printable(text)} is no number of a job`);
}
