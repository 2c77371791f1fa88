import type { SyncOutcome } from '@daybook/sdk';
import { Command } from 'commander';
import { type ClientFlags, openDaybook, withClientFlags } from '../client-settings.ts';
import { exitCodes } from '../exit-codes.ts';
import { explain } from '../explain.ts';
import { print, type Terminal, tell } from '../terminal/terminal.ts';

interface SyncFlags extends ClientFlags {
  readonly json?: boolean;
  readonly anyServer?: boolean;
}

export function syncCommand(terminal: Terminal): Command {
  return withClientFlags(new Command('sync'))
    .description('deliver the records that wait in the spool, exactly once')
    .argument('[dir]', 'the spool, if it is not the usual one')
    .option('--any-server', 'also deliver what was meant for a server at another address')
    .option('--json', 'one JSON object per record')
    .action(async (directory: string | undefined, flags: SyncFlags) => {
      process.exitCode = await sync(directory, flags, terminal);
    });
}

async function sync(directory: string | undefined, flags: SyncFlags, terminal: Terminal): Promise<number> {
  const daybook = openDaybook(flags, terminal.env);
  const outcomes: SyncOutcome[] = [];
  const options = {
    ...(directory !== undefined && { directory }),
    ...(flags.anyServer && { anyServer: true }),
  };
  for await (const outcome of daybook.sync(options)) {
    outcomes.push(outcome);
    if (flags.json) print(terminal, JSON.stringify(plain(outcome)));
    else tellOutcome(outcome, terminal);
  }
  if (outcomes.length === 0 && !flags.json)
    print(terminal, `nothing waits in ${directory ?? daybook.spoolDirectory}`);
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
        `${outcome.name}: refused: ${outcome.problem.detail ?? outcome.problem.title}\n  it stays in ${outcome.path}; mend the reason and sync again, or delete it`,
      );
      return;
    case 'waiting':
      tell(
        terminal,
        `daybook: ${explain(outcome.error)?.message ?? outcome.error.message}\n  ${outcome.name} and all after it still wait`,
      );
  }
}

function serverOf(url: string): string {
  return url.replace(/\/api\/v1$/, '');
}

function plain(outcome: SyncOutcome): object {
  return outcome.kind === 'waiting' ? { ...outcome, error: outcome.error.message } : outcome;
}
