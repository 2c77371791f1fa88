import { createHash } from 'node:crypto';
import { parseTicket, type Ticket, ticketLimits } from '@daybook/core';
import { faultText, type TicketProblem } from './errors.ts';

/** SHA-256 of the bytes of a file, as 64 hexadecimal digits: what a ticket is compared by. */
export function contentHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What the bytes of a file say, if they are a ticket; else what is wrong. */
export type TicketBytes =
  | { readonly ticket: Ticket; readonly text: string; readonly problem?: undefined }
  | { readonly problem: TicketProblem; readonly ticket?: undefined; readonly text?: undefined };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads the content of the file called `file`. For `numbers` see `parseTicket`. */
export function readTicketBytes(
  file: string,
  bytes: Uint8Array,
  numbers: 'plain' | 'exact' = 'plain',
): TicketBytes {
  if (bytes.length === 0) return { problem: ticketProblem(file, 'empty', 'is empty') };
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { problem: ticketProblem(file, 'not_utf8', 'is not written in UTF-8') };
  }
  const { ticket, faults } = parseTicket(text, numbers);
  if (faults !== undefined)
    return { problem: { file, reason: 'content', message: faults.map(faultText).join('; '), faults } };
  const own = `${ticket.job_ticket_id}.json`;
  if (own !== file)
    return { problem: ticketProblem(file, 'wrong_name', `holds the ticket that belongs in ${own}`) };
  return { ticket, text };
}

export function ticketProblem(file: string, reason: TicketProblem['reason'], message: string): TicketProblem {
  return { file, reason, message, faults: [] };
}

export function tooLarge(file: string, size: number | bigint): TicketProblem {
  const mebibytes = (Number(size) / 1024 / 1024).toFixed(1);
  const most = ticketLimits.bytes / 1024 / 1024;
  return ticketProblem(file, 'too_large', `is ${mebibytes} MiB large; a ticket has at most ${most}`);
}
