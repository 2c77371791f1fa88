import { existsSync } from 'node:fs';
import {
  type Daybook,
  Journal,
  listJournals,
  problemText,
  recordName,
  refusedFolder,
  type SyncOutcome,
} from '@daybook/sdk';
import { Command } from 'commander';
import { type ClientFlags, openDaybook, withClientFlags } from '../client-settings.ts';
import { exitCodes } from '../exit-codes.ts';
import { CommandError, explain } from '../explain.ts';
import { print, type Terminal, tell } from '../terminal/terminal.ts';
import { discardRefused } from './sync-discard.ts';
import { holdsTickets, syncTickets } from './sync-tickets.ts';

interface SyncFlags extends ClientFlags {
  readonly json?: boolean;
  readonly anyServer?: boolean;
  readonly refused?: boolean;
  readonly discard?: string;
  readonly source?: string;
}

export function syncCommand(terminal: Terminal): Command {
  return withClientFlags(new Command('sync'))
    .description('deliver the records that wait in the spool, or bring a directory of tickets, exactly once')
    .argument('[dir]', 'the spool, if it is not the usual one; or a directory of tickets')
    .option('--any-server', 'also deliver what was meant for a server at another address')
    .option('--refused', 'also try again what a server refused and was set aside')
    .option('--discard <file>', 'remove this refused record instead of delivering anything')
    .option('--source <name>', 'tickets: the source that they belong to; tracker-files when left out')
    .option('--json', 'one JSON object per record, or ticket')
    .action(async (directory: string | undefined, flags: SyncFlags) => {
      if (flags.discard !== undefined) discardRefused(flags.discard, terminal);
      else process.exitCode = await sync(directory, flags, terminal);
    });
}

/** A directory may hold either, or both: what waits longest is delivered first. */
async function sync(directory: string | undefined, flags: SyncFlags, terminal: Terminal): Promise<number> {
  const daybook = openDaybook(flags, terminal.env);
  if (directory !== undefined && !existsSync(directory))
    throw new CommandError(`there is no directory ${directory}`, exitCodes.notFound);
  // Whoever names their source means tickets, also when the last of them is gone.
  if (directory === undefined || (flags.source === undefined && !holdsTickets(directory)))
    return await syncSpool(daybook, directory, flags, terminal);
  const spooled = [...listJournals(directory), ...listJournals(refusedFolder(directory))];
  const code = spooled.length > 0 ? await syncSpool(daybook, directory, flags, terminal) : exitCodes.ok;
  return (await syncTickets(daybook, directory, flags, terminal)) || code;
}

async function syncSpool(
  daybook: Daybook,
  directory: string | undefined,
  flags: SyncFlags,
  terminal: Terminal,
): Promise<number> {
  const outcomes: SyncOutcome[] = [];
  const options = {
    ...(directory !== undefined && { directory }),
    ...(flags.anyServer && { anyServer: true }),
    ...(flags.refused && { refused: true }),
  };
  const spool = directory ?? daybook.spoolDirectory;
  const setAside = flags.refused ? [] : listJournals(refusedFolder(spool));
  for await (const outcome of daybook.sync(options)) {
    outcomes.push(outcome);
    if (flags.json) print(terminal, JSON.stringify(plain(outcome)));
    else tellOutcome(outcome, terminal);
  }
  if (outcomes.length === 0 && !flags.json) print(terminal, `nothing waits in ${spool}`);
  if (!flags.json) tellSetAside(setAside, terminal);
  const last = outcomes.at(-1);
  if (last?.kind === 'waiting') return explain(last.error)?.exitCode ?? exitCodes.unreachable;
  return outcomes.every(({ kind }) => kind === 'delivered' || kind === 'busy')
    ? exitCodes.ok
    : exitCodes.failed;
}

function tellOutcome(outcome: SyncOutcome, terminal: Terminal): void {
  switch (outcome.kind) {
    case 'delivered':
      print(terminal, `job ${outcome.jobId}  ${outcome.name}  ${outcome.events} events delivered`);
      return;
    case 'busy':
      tell(terminal, `${outcome.path}: ${outcome.holder} is at it`);
      return;
    case 'elsewhere':
      tell(
        terminal,
        `${outcome.name}: is meant for ${serverOf(outcome.url)}; send it with --url ${serverOf(outcome.url)}, or here with --any-server`,
      );
      return;
    case 'refused':
      tell(
        terminal,
        `${outcome.name}: refused: ${problemText(outcome.problem)}\n  it is set aside in ${outcome.path}\n  ${refusedAdvice}`,
      );
      return;
    case 'waiting':
      tell(
        terminal,
        `daybook: ${explain(outcome.error)?.message ?? outcome.error.message}\n  ${outcome.name} and all after it still wait`,
      );
  }
}

const refusedAdvice =
  'mend the reason and send it with: daybook sync --refused; or remove it with: --discard FILE';

/** Earlier refusals are only told: they were warned of in their time, and nothing but mending helps. */
function tellSetAside(paths: readonly string[], terminal: Terminal): void {
  for (const path of paths) {
    const record = Journal.inspect(path);
    if (record?.refused === undefined) continue;
    tell(terminal, `${recordName(record.header)}: was refused: ${problemText(record.refused)}\n  ${path}`);
  }
  if (paths.length > 0) tell(terminal, `  ${refusedAdvice}`);
}

function serverOf(url: string): string {
  return url.replace(/\/api\/v1$/, '');
}

function plain(outcome: SyncOutcome): object {
  return outcome.kind === 'waiting' ? { ...outcome, error: outcome.error.message } : outcome;
}
