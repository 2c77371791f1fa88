import { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { explain } from './explain.ts';
import { buildProgram } from './program.ts';
import { processTerminal, type Terminal, tell } from './terminal/terminal.ts';

/** The command `daybook`. Ends the process itself, once what it wrote has left: what else is pending must not hold it. */
async function main(argv: readonly string[], terminal: Terminal): Promise<void> {
  endQuietlyOnClosedPipe(terminal);
  try {
    const words = dashed(argv.slice(2));
    const program = await buildProgram(words, terminal);
    await program.parseAsync([...argv.slice(0, 2), ...words]);
  } catch (error) {
    process.exitCode = tellError(error, terminal);
  }
}

/** Commands of the replaced ingest service, whose flags are written with `-` or `_` (contracts/pacifica.md). */
const underscored = new Set(['job', 'retry', 'dbsync', 'dbchk']);

function dashed([command = '', ...words]: readonly string[]): string[] {
  if (!underscored.has(command)) return [command, ...words].filter((word, i) => i > 0 || word !== '');
  return [command, ...words.map((word) => word.replace(/^--[a-z_]+/, (flag) => flag.replaceAll('_', '-')))];
}

function tellError(error: unknown, terminal: Terminal): number {
  // Commander has said it already; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const explained = explain(error);
  if (explained !== undefined) {
    tell(terminal, `daybook: ${explained.message}`);
    return explained.exitCode;
  }
  const detail = process.env['DAYBOOK_DEBUG'] && error instanceof Error ? error.stack : String(error);
  tell(terminal, `daybook: a fault of its own: ${detail} (DAYBOOK_DEBUG=1 shows where)`);
  return exitCodes.internal;
}

/** `daybook jobs list | head`: that nobody reads on is no error. */
function endQuietlyOnClosedPipe(terminal: Terminal): void {
  terminal.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

await main(process.argv, processTerminal);
