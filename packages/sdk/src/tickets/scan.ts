import { on } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker as Thread } from 'node:worker_threads';
import { type Ticket, ticketLimits } from '@daybook/core';
import { type Clock, systemClock } from '../clock.ts';
import { directoryError, type TicketProblem } from './errors.ts';
import type { ScanMessage, ScanOrder, ScanThreadData, SeenFile } from './scan-thread.ts';
import { contentHash, readTicketBytes, ticketProblem, tooLarge } from './ticket-bytes.ts';

/** A file of the directory that is not as it was known. Files that are not mentioned have not changed. */
export type TicketSighting =
  | {
      readonly kind: 'ticket';
      /** Its name in the directory. */
      readonly file: string;
      /** What the next scan is to know it by: time in nanoseconds, size, inode. */
      readonly stamp: string;
      /** See `contentHash`; two sightings with the same hash say the same. */
      readonly hash: string;
      readonly ticket: Ticket;
      /** The whole file. */
      readonly text: string;
      /** Milliseconds since 1970, by the clock of the file system. */
      readonly modifiedAt: number;
    }
  | {
      /** A file that is no ticket, or that cannot be read. Without `stamp` it is looked at anew by every scan. */
      readonly kind: 'problem';
      readonly file: string;
      readonly stamp?: string;
      readonly problem: TicketProblem;
    }
  | {
      /** Broken, and written within the last seconds: maybe somebody is still at it. The next scan reads it again. */
      readonly kind: 'unsettled';
      readonly file: string;
      readonly problem: TicketProblem;
    }
  | {
      /** It was known, and has no file any more. */
      readonly kind: 'gone';
      readonly file: string;
    };

const threadFile = new URL(
  import.meta.url.endsWith('.ts') ? './scan-thread.ts' : './scan-thread.js',
  import.meta.url,
);

/**
 * Looks through a directory of tickets for what has changed since `known`, which has the stamp of each file as it was last
 * sighted. Only changed files are opened: by nanosecond time of modification, size and inode, never by the date in the
 * ticket. A file that was written within the last seconds is read again by the next scan, because its times might not
 * tell another change; compare its `hash`. If it is broken it is `unsettled`: maybe somebody is still writing it.
 *
 * The work is done in a thread, and batch by batch: the next is read when the last was taken. What killed writers left in
 * the directory is swept.
 *
 * @throws TicketMissingError if the directory is not there or cannot be read; an AbortError when `signal` is aborted
 * @example
 * for await (const sightings of scanTickets(directory, known))
 *   for (const sighting of sightings) if (sighting.kind === 'ticket') known.set(sighting.file, sighting.stamp);
 */
export async function* scanTickets(
  directory: string,
  known: ReadonlyMap<string, string>,
  { signal, clock = systemClock }: { readonly signal?: AbortSignal; readonly clock?: Clock } = {},
): AsyncGenerator<readonly TicketSighting[], void> {
  signal?.throwIfAborted();
  const data: ScanThreadData = { directory, now: clock.now(), mostBytes: ticketLimits.bytes };
  const thread = new Thread(threadFile, { workerData: data });
  const messages = on(thread, 'message', { signal, close: ['exit'] });
  const tell = (order: ScanOrder) => thread.postMessage(order);
  try {
    for (const stamps of chunks(known)) {
      tell({ kind: 'known', stamps });
      await setImmediate(); // a hundred thousand at once would hold up everybody else
    }
    tell({ kind: 'begin' });
    for await (const [message] of messages as AsyncIterable<[ScanMessage]>) {
      if (message.kind === 'end') return;
      if (message.kind === 'no directory') throw directoryError(directory, message);
      yield message.files.map(sightingOf);
      tell({ kind: 'taken' });
    }
    throw new Error(`the thread that scans ${directory} ended early`);
  } finally {
    // Not awaited: one that a file system holds does not end before it is let go.
    void thread.terminate();
  }
}

const STAMPS_AT_ONCE = 2_000;

function* chunks<T>(items: Iterable<T>): Generator<readonly T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    if (chunk.push(item) < STAMPS_AT_ONCE) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}

function sightingOf(seen: SeenFile): TicketSighting {
  const { file } = seen;
  switch (seen.kind) {
    case 'gone':
      return { kind: 'gone', file };
    case 'unreadable':
      return {
        kind: 'problem',
        file,
        problem: ticketProblem(file, 'unreadable', `cannot be read (${seen.code})`),
      };
    case 'not_a_file':
      return {
        kind: 'problem',
        file,
        stamp: seen.stamp,
        problem: ticketProblem(file, 'not_a_file', 'is no ordinary file'),
      };
    case 'too_large':
      return { kind: 'problem', file, stamp: seen.stamp, problem: tooLarge(file, seen.size) };
    case 'read':
      return read(seen);
  }
}

function read({ file, stamp, bytes, modifiedAt, isYoung }: SeenFile & { kind: 'read' }): TicketSighting {
  const { ticket, text, problem } = readTicketBytes(file, bytes);
  if (problem === undefined)
    return { kind: 'ticket', file, stamp, hash: contentHash(bytes), ticket, text, modifiedAt };
  return isYoung ? { kind: 'unsettled', file, problem } : { kind: 'problem', file, stamp, problem };
}
