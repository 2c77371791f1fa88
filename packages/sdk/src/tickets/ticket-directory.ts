import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ticket } from '@daybook/core';
import { directoryError, TicketBrokenError, TicketMissingError, type TicketProblem } from './errors.ts';
import { readTicketFile } from './ticket-file.ts';
import { sweepLocks } from './ticket-lock.ts';
import { isTicketName } from './ticket-name.ts';

/** Files that are read at the same time. */
const AT_ONCE = 16;

/**
 * All tickets of a directory, by their file names. A file that is no ticket is told to `onProblem`, and the rest is still
 * read. What killed writers left is swept.
 *
 * @throws TicketMissingError if the directory is not there or cannot be read
 */
export async function readTickets(
  directory: string,
  onProblem: (problem: TicketProblem) => void,
): Promise<Ticket[]> {
  const all = await namesIn(directory);
  const names = all.filter(isTicketName).sort();
  const tickets: (Ticket | undefined)[] = new Array(names.length);
  let next = 0;
  const readOn = async () => {
    for (let index = next++; index < names.length; index = next++)
      tickets[index] = await readOne(join(directory, names[index] as string), onProblem);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, readOn));
  await sweepLocks(directory, all);
  return tickets.filter((ticket) => ticket !== undefined);
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    throw directoryError(directory, error);
  }
}

async function readOne(
  path: string,
  onProblem: (problem: TicketProblem) => void,
): Promise<Ticket | undefined> {
  try {
    return (await readTicketFile(path)).ticket;
  } catch (error) {
    if (error instanceof TicketBrokenError) onProblem(error.problem);
    else if (!(error instanceof TicketMissingError)) throw error;
    return undefined; // removed since we looked
  }
}
