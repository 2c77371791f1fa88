import { Command, Option } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';
import { print, type Terminal, tell } from '../terminal/terminal.ts';

/** Takes the server along only when it is meant: it is most of what there is to load. */
export async function serveCommand(words: readonly string[], terminal: Terminal): Promise<Command> {
  const command = new Command('serve')
    .description('serve the diary and its API')
    .option('--config <file>', 'JSON file with settings (DAYBOOK_CONFIG)')
    .action((_flags: unknown, self: Command) => serve(self, terminal));
  if (!isMeant(words)) return command;
  const { settingOptions } = await import('@daybook/server');
  for (const { flag, kind, env, description, default: fallback } of settingOptions()) {
    const value = kind === 'switch' ? '' : kind === 'list' ? ' <list>' : ' <value>';
    const usual = fallback === undefined || kind !== 'text' ? '' : `; default ${fallback}`;
    command.addOption(new Option(flag + value, `${description} (${env}${usual})`));
  }
  return command;
}

/** Its flags are also needed to help with it, and to complete it. */
function isMeant(words: readonly string[]): boolean {
  const [first, second] = words.filter((word) => !word.startsWith('-'));
  return first === 'serve' || first === 'completion' || (first === 'help' && second === 'serve');
}

async function serve(command: Command, terminal: Terminal): Promise<void> {
  const { settingsFrom, startServer } = await import('@daybook/server');
  const { config, ...flags } = givenFlags(command);
  const server = await orExplain(async () =>
    startServer(
      settingsFrom({ flags, env: terminal.env, ...(config !== undefined && { file: String(config) }) }),
    ),
  );
  const stopped = stopSignal(terminal);
  print(terminal, `Daybook is at ${server.url}`);
  if (server.signInLink !== undefined) print(terminal, `Sign in, once, with ${server.signInLink}`);
  await stopped;
  await server.close();
  process.exitCode = exitCodes.ok;
}

/** Only what was really written: the environment may say otherwise than a default. */
function givenFlags(command: Command): Record<string, unknown> {
  const given = Object.entries(command.opts()).filter(
    ([name]) => command.getOptionValueSource(name) === 'cli',
  );
  return Object.fromEntries(given);
}

function stopSignal(terminal: Terminal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      tell(terminal, 'daybook: stopping');
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.off(signal, stop);
        // Whoever cannot wait for what is under way asks twice.
        process.on(signal, () => process.exit(130));
      }
      resolve();
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
  });
}

/** What goes wrong at a start is rarely a fault of ours, and has a way out. */
async function orExplain<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw explained(error as NodeJS.ErrnoException & { port?: number; address?: string }) ?? error;
  }
}

const namedErrors: Readonly<Record<string, CommandError['exitCode']>> = {
  SettingsError: exitCodes.usage,
  DirectoryInUseError: exitCodes.busy,
  SchemaTooNewError: exitCodes.refused,
};

function explained(
  error: NodeJS.ErrnoException & { port?: number; address?: string },
): CommandError | undefined {
  const exitCode = namedErrors[error.name];
  if (exitCode !== undefined) return new CommandError(error.message, exitCode);
  switch (error.code) {
    case 'EADDRINUSE':
      return new CommandError(
        `port ${error.port} of ${error.address} is taken; choose another with --port`,
        exitCodes.busy,
      );
    case 'EACCES':
    case 'EROFS':
    case 'ENOSPC':
      return new CommandError(error.message, exitCodes.cannotWrite);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new CommandError(
        `${error.address ?? 'the host'} is no address of this machine; see --host`,
        exitCodes.usage,
      );
    case 'ECONNREFUSED':
      return new CommandError(`the database does not answer: ${error.message}`, exitCodes.unreachable);
    default:
      return undefined;
  }
}
