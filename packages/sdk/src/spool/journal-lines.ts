import { fstatSync, ftruncateSync, readSync } from 'node:fs';
import type { JobCreateBody, Problem } from '@daybook/core';

/** The lines of a journal's file, see `Journal`: how they are told apart and read, whatever a kill or power loss left. */

/** First line of a journal. */
export interface JournalHeader {
  readonly spool: 1;
  /** Name of the journal, Idempotency-Key of its job's creation and beginning of its events' keys. */
  readonly id: string;
  /** The server that this is meant for. */
  readonly url: string;
  readonly create: JobCreateBody;
  /** Left out while the server does not know the job. */
  readonly jobId?: number;
  /** What a worker's reports prove that it still holds the job with. Only in memory, never in a file. */
  readonly leaseToken?: string;
}

/** What the file's notes say. */
export interface Notes {
  sentTo: number;
  jobId: number | undefined;
  refused: Problem | undefined;
}

/** Bytes that are read at once, unless a line is longer. */
export const READ_AT_ONCE = 512 * 1024;
export const NEWLINE = 0x0a;
const NOTE = '{"spool":';
const NOTE_BYTES = Buffer.from(NOTE);

export function readHeader(fd: number): JournalHeader | undefined {
  const end = firstLineEnd(fd);
  if (end === 0) return undefined;
  const bytes = Buffer.allocUnsafe(end);
  readSync(fd, bytes, 0, end, 0);
  try {
    const header = JSON.parse(bytes.toString('utf8')) as JournalHeader;
    return header.spool === 1 && typeof header.id === 'string' ? header : undefined;
  } catch {
    return undefined;
  }
}

/** Where the second line begins; 0 if the first has no end. */
export function firstLineEnd(fd: number): number {
  let end = 0;
  scanLines(fd, (_line, to) => {
    end = to;
    return false;
  });
  return end;
}

/** A last line without its end was being written when its process died. Answers the size without it. */
export function cutTornLine(fd: number): number {
  let whole = 0;
  scanLines(fd, (_line, to) => {
    whole = to;
    return true;
  });
  if (whole < fstatSync(fd).size) ftruncateSync(fd, whole);
  return whole;
}

export function readNotes(fd: number): Notes {
  const notes: Notes = { sentTo: 0, jobId: undefined, refused: undefined };
  scanLines(fd, (line) => {
    if (!isNote(line)) return true;
    const note = parseNote(line);
    if (note?.spool === 'sent' && typeof note.to === 'number') notes.sentTo = note.to;
    if (note?.spool === 'job' && typeof note.id === 'number') notes.jobId = note.id;
    if (note?.spool === 'refused') notes.refused = note.problem;
    return true;
  });
  return notes;
}

/** How many events stand behind `from`. */
export function countEvents(fd: number, from: number): number {
  let events = 0;
  scanLines(fd, (line, to) => {
    if (to > from && !isNote(line)) events += 1;
    return true;
  });
  return events;
}

export function isNoteText(line: string): boolean {
  return line.startsWith(NOTE);
}

function isNote(line: Buffer): boolean {
  return line.subarray(0, NOTE_BYTES.length).equals(NOTE_BYTES);
}

function parseNote(line: Buffer): { spool: string; to?: number; id?: number; problem?: Problem } | undefined {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Calls `visit` with each whole line and the place after it, until it answers false. Lines end at `\n`. */
function scanLines(fd: number, visit: (line: Buffer, to: number) => boolean): void {
  let rest = Buffer.alloc(0);
  let position = 0;
  const chunk = Buffer.allocUnsafe(READ_AT_ONCE);
  for (let length = readSync(fd, chunk, 0, chunk.length, 0); length > 0; ) {
    const bytes = Buffer.concat([rest, chunk.subarray(0, length)]);
    const base = position - rest.length;
    let at = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
      if (!visit(bytes.subarray(at, end), base + end + 1)) return;
      at = end + 1;
    }
    rest = bytes.subarray(at);
    position += length;
    length = readSync(fd, chunk, 0, chunk.length, position);
  }
}
