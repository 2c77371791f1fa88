import { readFileSync, unlinkSync } from 'node:fs';
import { Journal, problemText, recordName } from '@daybook/sdk';
import { exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';

/** Removes one refused record, or the file of single refused events, and says what it was; nothing that still waits. */
export function discardRefused(path: string, terminal: Terminal): void {
  if (path.endsWith('.refused')) {
    const events = readRefused(path).split('\n').filter(Boolean).length;
    unlinkSync(path);
    tell(terminal, `removed ${events} refused events: ${path}`);
    return;
  }
  if (!path.endsWith('.jsonl')) throw new CommandError(`${path} is no record of a spool`);
  readRefused(path);
  const journal = Journal.takeOver(path);
  if (journal === undefined) throw new CommandError(`${path}: somebody is at it`, exitCodes.busy);
  const { header, refused } = journal;
  if (refused === undefined) {
    journal.close();
    throw new CommandError(`${path} was not refused, it waits; send it with: daybook sync`);
  }
  journal.discard();
  tell(terminal, `removed ${recordName(header)} (refused: ${problemText(refused)}): ${path}`);
}

function readRefused(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(`${path} cannot be read (${code})`, exitCodes.notFound);
  }
}
