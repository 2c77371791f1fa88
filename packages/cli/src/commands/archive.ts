import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Bundle, type ExportForm, exportForms, type Verification, visibleName } from '@daybook/core';
import type { Daybook } from '@daybook/sdk';
import { Command, Option } from 'commander';
import { type ClientFlags, openDaybook, withClientFlags } from '../client-settings.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';
import { print, type Terminal, tell } from '../terminal/terminal.ts';
import { printable } from '../terminal/text-width.ts';

interface VerifyFlags extends ClientFlags {
  readonly since?: string;
  readonly project?: string;
}

interface OutputFlags extends ClientFlags {
  readonly output?: string;
}

export function archiveCommand(terminal: Terminal): Command {
  const archive = new Command('archive').description('check, export and fetch what is in the archive');

  withClientFlags(archive.command('verify'))
    .description('have bundles read anew, whole, and compared with what came')
    .argument('[jobs...]', 'the jobs that took them in; all when left out')
    .option('--since <time>', 'only bundles that came since then, e.g. 2026-01-31')
    .option('--project <project>', 'only bundles of this project')
    .action(async (jobs: readonly string[], flags: VerifyFlags) => {
      process.exitCode = await verify(jobs, flags, terminal);
    });

  withClientFlags(archive.command('export'))
    .description('write a bundle as a tar, in a form that others read')
    .argument('<job>', 'the job that took it in')
    .addOption(new Option('--as <form>', 'the form').choices(exportForms).default('tar'))
    .option('--output <file>', 'where to; - is the standard output')
    .action(async (job: string, { as, output, ...flags }: OutputFlags & { readonly as: ExportForm }) => {
      const daybook = openDaybook(flags, terminal.env);
      const bundle = await bundleOf(daybook, job);
      const response = await daybook.bundles.export(bundle.id, as);
      await save(response, output ?? `bundle-${bundle.id}${as === 'tar' ? '' : `-${as}`}.tar`, terminal);
    });

  withClientFlags(archive.command('fetch'))
    .description('write one file of a bundle')
    .argument('<job>', 'the job that took it in')
    .argument('<path>', 'the file, e.g. data/run1/out.csv')
    .option('--output <file>', 'where to; - is the standard output')
    .action(async (job: string, path: string, { output, ...flags }: OutputFlags) => {
      const daybook = openDaybook(flags, terminal.env);
      const bundle = await bundleOf(daybook, job);
      const whole = path.startsWith('data/') || path === 'metadata.txt' ? path : `data/${path}`;
      const response = await daybook.bundles.file(bundle.id, whole);
      await save(response, output ?? (path.slice(path.lastIndexOf('/') + 1) || 'file'), terminal);
    });
  return archive;
}

async function bundleOf(daybook: Daybook, job: string): Promise<Bundle> {
  if (!/^[1-9]\d{0,14}$/.test(job)) throw new CommandError(`${printable(job)} is no number of a job`);
  const bundle = await daybook.bundles.ofJob(Number(job));
  if (bundle !== undefined) return bundle;
  throw new CommandError(`job ${job} has no bundle in the archive that you may see`, exitCodes.notFound);
}

/** Half a file is never called by its name. */
async function save(response: Response, output: string, terminal: Terminal): Promise<void> {
  const body = response.body ?? [];
  if (output === '-') {
    await pipeline(body, terminal.stdout, { end: false });
    return;
  }
  const draft = `${output}.part`;
  try {
    await pipeline(body, createWriteStream(draft));
    await rename(draft, output);
  } catch (error) {
    await rm(draft, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || code.startsWith('UND_')) throw error;
    throw new CommandError(`${visibleName(output)} cannot be written (${code})`, exitCodes.cannotWrite);
  }
  tell(terminal, `daybook: ${visibleName(output)} is written`);
}

async function verify(
  jobs: readonly string[],
  { since, project, ...flags }: VerifyFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const daybook = openDaybook(flags, terminal.env);
  const bundles = jobs.length > 0 ? named(daybook, jobs) : all(daybook, { since, project });
  let checked = 0;
  let bad = 0;
  for await (const bundle of bundles) {
    const { result, detail } = await verified(daybook, bundle);
    checked++;
    if (result === 'ok') print(terminal, `${bundle.jobId}  ok`);
    else {
      bad++;
      print(terminal, `${bundle.jobId}  ${result}${detail === null ? '' : `: ${printable(detail)}`}`);
    }
  }
  const bundlesAre = checked === 1 ? 'bundle is as it' : 'bundles are as they';
  tell(terminal, `daybook: ${checked - bad} of ${checked} ${bundlesAre} came`);
  return bad === 0 ? exitCodes.ok : exitCodes.failed;
}

async function* named(daybook: Daybook, jobs: readonly string[]): AsyncGenerator<Bundle, void> {
  for (const job of jobs) yield await bundleOf(daybook, job);
}

async function* all(
  daybook: Daybook,
  filter: { readonly since: string | undefined; readonly project: string | undefined },
): AsyncGenerator<Bundle, void> {
  for (let cursor: string | undefined; ; ) {
    const { items, nextCursor } = await daybook.bundles.list({ ...filter, cursor, limit: 100 });
    yield* items;
    if (nextCursor === undefined) return;
    cursor = nextCursor;
  }
}

/** Asks for it, and waits until it is done. */
async function verified(daybook: Daybook, { id }: Bundle): Promise<Verification> {
  const asked = await daybook.bundles.verify(id);
  for (let wait = 100; ; wait = Math.min(wait * 1.5, 2_000)) {
    const { items } = await daybook.bundles.verifications(id);
    const found = items.find((each) => each.id === asked.id);
    if (found !== undefined && found.endedAt !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
