import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type Ticket, ticketLimits, ticketText } from '@daybook/core';
import {
  directoryError,
  TicketBrokenError,
  TicketBusyError,
  TicketInvalidError,
  TicketMissingError,
  TicketUnwritableError,
} from './errors.ts';
import { contentHash, readTicketBytes, ticketProblem, tooLarge } from './ticket-bytes.ts';
import { isSameFile, TicketLock } from './ticket-lock.ts';
import { readOnly } from './ticket-name.ts';

/** A ticket as its file has it now. */
export interface TicketFile {
  readonly ticket: Ticket;
  /** See `contentHash`. */
  readonly hash: string;
}

/** Milliseconds that a writer waits for others; longer than a lock that was left behind can last. */
export const PATIENCE = 60_000;

/**
 * Reads the ticket at `path`. Never waits for writers, and never sees half of what they write. Numbers that JavaScript
 * cannot hold are kept as they are (see `parseTicket`).
 *
 * @throws TicketMissingError if there is no such file, TicketBrokenError if it is no ticket
 */
export async function readTicketFile(path: string): Promise<TicketFile> {
  const { bytes } = await readBytes(path);
  return asTicket(path, bytes);
}

/**
 * Changes the ticket at `path` and answers what is in the file then, durably. `change` gets what is there now and answers
 * what is to be there; it may be called again if somebody who knows no locks wrote meanwhile. Two who update one ticket at
 * the same time lose neither update.
 *
 * @throws TicketMissingError, TicketBrokenError, TicketBusyError; TicketInvalidError if what `change` answers is no ticket;
 *   whatever `change` throws. Nothing was written then.
 */
export async function updateTicketFile(path: string, change: (ticket: Ticket) => Ticket): Promise<Ticket> {
  return await withLock(path, async (lock) => {
    const now = await readBytes(path);
    const next = change(asTicket(path, now.bytes).ticket);
    return (await commitOver(lock, path, now, next))?.ticket;
  });
}

/** What became of a {@link compareAndReplace}: the hash of what is in the file now, and if it was not replaced, the ticket. */
export type Replaced =
  | { readonly replaced: true; readonly hash: string }
  | { readonly replaced: false; readonly hash: string; readonly ticket: Ticket };

/**
 * Puts `ticket` in place of the one at `path`, but only if the file still has the content of which `expectedHash` is the
 * hash (see `contentHash`): what somebody else wrote meanwhile stays, and is answered.
 *
 * @throws TicketMissingError, TicketBusyError, TicketInvalidError; TicketBrokenError if somebody broke the file meanwhile
 */
export async function compareAndReplace(
  path: string,
  expectedHash: string,
  ticket: Ticket,
): Promise<Replaced> {
  return await withLock(path, async (lock): Promise<Replaced | undefined> => {
    const now = await readBytes(path);
    if (contentHash(now.bytes) !== expectedHash) return { replaced: false, ...asTicket(path, now.bytes) };
    const next = await commitOver(lock, path, now, ticket);
    return next && { replaced: true, hash: next.hash };
  });
}

/** Puts a ticket in place of whatever is at `path`, a broken one too. @throws TicketMissingError if nothing is there */
export async function replaceTicketFile(path: string, ticket: Ticket): Promise<Ticket> {
  return await withLock(path, async (lock) => {
    const stats = await stat(path, { bigint: true }).catch((error: unknown) => unreadable(path, error));
    return (await commitOver(lock, path, { stats }, ticket))?.ticket;
  });
}

/** Writes a ticket that is not there yet. */
export async function createTicketFile(path: string, ticket: Ticket): Promise<Ticket> {
  const next = written(path, ticket);
  return await withLock(path, async (lock) => ((await lock.commit(next.bytes)) ? next.ticket : undefined));
}

/**
 * Runs `act` under the lock of a ticket, again until it answers something: it answers nothing if the lock was taken from
 * it, or if it found that the file was changed without a lock.
 */
async function withLock<T>(path: string, act: (lock: TicketLock) => Promise<T | undefined>): Promise<T> {
  for (const end = performance.now() + PATIENCE; performance.now() < end; ) {
    try {
      const answer = await underLock(path, end - performance.now(), act);
      if (answer !== undefined) return answer;
    } catch (error) {
      throw inWords(path, error);
    }
  }
  throw new TicketBusyError(`${basename(path)} was changed again and again while we wanted to change it`);
}

async function underLock<T>(
  path: string,
  patience: number,
  act: (lock: TicketLock) => Promise<T>,
): Promise<T> {
  const lock = await TicketLock.take(path, patience);
  try {
    return await act(lock);
  } finally {
    await lock.release();
  }
}

/** What the system says as one of our errors; all else as it is. */
function inWords(path: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  if (code === 'ENOENT') return directoryError(dirname(path), error);
  return new TicketUnwritableError(`${path} cannot be written (${code})`, { cause: error });
}

async function commitOver(
  lock: TicketLock,
  path: string,
  { stats }: { stats: BigIntStats },
  ticket: Ticket,
): Promise<TicketFile | undefined> {
  const next = written(path, ticket);
  const isDue = async () => {
    // Other programs may write without our lock: at least what they wrote until now is not written over.
    const now = await stat(path, { bigint: true }).catch((error: unknown) => unreadable(path, error));
    return isSameFile(now, stats);
  };
  const isDone = await lock.commit(next.bytes, { mode: Number(stats.mode) & 0o777, isDue });
  return isDone ? next : undefined;
}

/** A ticket as it will stand in its file. It is read back from its text: what is written can be read. */
function written(path: string, ticket: Ticket): TicketFile & { bytes: Buffer } {
  const name = basename(path);
  const bytes = Buffer.from(textOf(ticket));
  if (bytes.length > ticketLimits.bytes) throw new TicketInvalidError(tooLarge(name, bytes.length).message);
  const { ticket: read, problem } = readTicketBytes(name, bytes, 'exact');
  if (problem === undefined) return { ticket: read, hash: contentHash(bytes), bytes };
  if (problem.faults.length > 0) throw new TicketInvalidError('this is no ticket:', problem.faults);
  throw new TicketInvalidError(`this is no ticket for ${name}: it ${problem.message}`);
}

function textOf(ticket: Ticket): string {
  try {
    return ticketText(ticket);
  } catch (error) {
    // A number of type bigint, or an object that holds itself.
    throw new TicketInvalidError(`this cannot be written as JSON: ${(error as Error).message}`);
  }
}

function asTicket(path: string, bytes: Uint8Array): TicketFile {
  const { ticket, problem } = readTicketBytes(basename(path), bytes, 'exact');
  if (problem !== undefined) throw new TicketBrokenError(problem, path);
  return { ticket, hash: contentHash(bytes) };
}

async function readBytes(path: string): Promise<{ bytes: Buffer; stats: BigIntStats }> {
  for (let tries = 1; ; tries++) {
    try {
      return await readOnce(path);
    } catch (error) {
      // On a network file system the file that we opened may be replaced, and gone, before we have read it.
      if ((error as NodeJS.ErrnoException).code !== 'ESTALE' || tries === 3) throw error;
    }
  }
}

async function readOnce(path: string): Promise<{ bytes: Buffer; stats: BigIntStats }> {
  const file = await open(path, readOnly).catch((error: unknown) => unreadable(path, error));
  try {
    const stats = await file.stat({ bigint: true });
    const name = basename(path);
    if (!stats.isFile())
      throw new TicketBrokenError(ticketProblem(name, 'not_a_file', 'is no ordinary file'), path);
    if (stats.size > ticketLimits.bytes) throw new TicketBrokenError(tooLarge(name, stats.size), path);
    return { bytes: await file.readFile(), stats };
  } finally {
    await file.close();
  }
}

function unreadable(path: string, error: unknown): never {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') throw missing(path);
  if (code === 'ESTALE') throw error;
  const name = basename(path);
  throw new TicketBrokenError(
    code === 'ELOOP'
      ? ticketProblem(name, 'not_a_file', 'is a symbolic link')
      : ticketProblem(name, 'unreadable', `cannot be read (${code || message})`),
    path,
  );
}

function missing(path: string): TicketMissingError {
  return new TicketMissingError(`there is no ticket ${basename(path, '.json')} at ${path}`);
}
