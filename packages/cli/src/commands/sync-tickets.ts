import { readdirSync } from 'node:fs';
import { isMessageKey, type SourceSentence, translator } from '@daybook/core';
import type { Daybook, TicketSyncOutcome } from '@daybook/sdk';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { print, type Terminal, tell } from '../terminal/terminal.ts';
import { printable } from '../terminal/text-width.ts';

/** True if a directory holds tickets: JSON files by their own names. */
export function holdsTickets(directory: string): boolean {
  try {
    return readdirSync(directory).some((name) => name.endsWith('.json') && !name.startsWith('.'));
  } catch {
    return false;
  }
}

interface TicketSyncFlags {
  readonly json?: boolean;
  readonly source?: string;
}

/** Brings the tickets of a directory to the server, and edits back. A file that is no ticket is told, the rest goes on. */
export async function syncTickets(
  daybook: Daybook,
  directory: string,
  flags: TicketSyncFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const counts = { seen: 0, imported: 0, created: 0, written: 0, left: 0 };
  const options = { directory, ...(flags.source !== undefined && { source: flags.source }) };
  for await (const outcome of daybook.syncTickets(options)) {
    if (flags.json) print(terminal, JSON.stringify(plain(outcome)));
    else tellTicket(outcome, terminal);
    if (outcome.kind === 'imported') {
      counts.imported += 1;
      if (outcome.created) counts.created += 1;
    } else if (outcome.kind === 'written') counts.written += 1;
    else if (outcome.kind === 'done') counts.seen = outcome.seen;
    else counts.left += 1;
  }
  if (!flags.json) print(terminal, summary(counts));
  return counts.left === 0 ? exitCodes.ok : exitCodes.failed;
}

function summary({ seen, imported, created, written, left }: Record<string, number>): string {
  const said = [seen === 1 ? '1 ticket' : `${seen} tickets`, `${imported} imported, ${created} of them new`];
  if (written !== 0) said.push(`${written} written back`);
  if (left !== 0) said.push(`${left} left`);
  return said.join('; ');
}

function tellTicket(outcome: TicketSyncOutcome, terminal: Terminal): void {
  switch (outcome.kind) {
    case 'imported':
      print(
        terminal,
        `job ${outcome.jobId}  ${printable(outcome.file)}  ${outcome.created ? 'new' : `${outcome.events} events`}`,
      );
      return;
    case 'written':
      print(terminal, `${printable(outcome.file)}: an edit from the server was written`);
      return;
    case 'refused':
      tell(terminal, `${printable(outcome.file)} ${sentenceText(outcome.problem)}`);
      return;
    case 'unsettled':
      tell(
        terminal,
        `${printable(outcome.file)} ${printable(outcome.detail)}; it was written a moment ago: sync again`,
      );
      return;
    case 'vanished':
      tell(terminal, `${printable(outcome.file)} is not here any more, but job ${outcome.jobId} goes on`);
      return;
    case 'unwritten':
      tell(
        terminal,
        `${printable(outcome.file)}: an edit from the server could not be written: ${outcome.error.message}`,
      );
      return;
    case 'done':
      return;
  }
}

function plain(outcome: TicketSyncOutcome): object {
  return outcome.kind === 'unwritten' ? { ...outcome, error: outcome.error.message } : outcome;
}

/** A sentence about a source, in words. */
export function sentenceText({ code, detail }: SourceSentence): string {
  const say = translator('en');
  const text = isMessageKey(code) ? say(code as 'source.problem.empty') : code;
  return detail === undefined ? text : `${text}: ${printable(detail)}`;
}
