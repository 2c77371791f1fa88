import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  read,
  readSync,
  renameSync,
  rmdirSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Problem } from '@daybook/core';
import { isSetAside, JOURNAL_SUFFIX, refusedFolder } from './directory.ts';
import { FileLock, lockHolder } from './file-lock.ts';
import { attempt, makeDirectory, openIfThere, syncDirectory, unlinkQuietly, writeWhole } from './files.ts';
import {
  countEvents,
  cutTornLine,
  firstLineEnd,
  isNoteText,
  type JournalHeader,
  NEWLINE,
  READ_AT_ONCE,
  readHeader,
  readNotes,
} from './journal-lines.ts';
import { Overflow } from './overflow.ts';

/** What a journal holds, as `daybook doctor` tells it. */
export interface Waiting {
  readonly header: JournalHeader;
  /** Events that were not delivered yet. */
  readonly events: number;
  readonly refused: Problem | undefined;
  /** Who is at it; undefined if it was left behind. */
  readonly holder: string | undefined;
}

const COMPACT_FROM = 4 * 1024 * 1024;
const LONGEST_LINE = 16 * 1024 * 1024;
/** Memory for what the disk does not take. */
const OVERFLOW_BYTES = 8 * 1024 * 1024;

const readAsync = promisify(read);
const syncAsync = promisify(fdatasync);

/**
 * A journal is what one reporter says about one job, on its way to the server: an append-only file of JSON Lines, one
 * per event, in the form that the API takes, so that a batch is its lines joined. The first line is the
 * {@link JournalHeader}; lines that begin with `{"spool":` are notes of the delivery itself.
 *
 * It is written before it is sent, by its owner alone (a lock file beside it), and removed when all of it has been
 * delivered. A fact is in the file when the call that reported it returns, so `kill -9` of the reporter loses no fact.
 * `fdatasync` comes when the server turns out to be away and when a flush could not deliver: power loss costs at
 * most what was reported since then.
 */
export class Journal {
  header: JournalHeader;
  #path: string;
  /** Why the server refused the job as such, if it did. */
  refused: Problem | undefined;
  /** The error of the disk, while there is one. */
  diskError: Error | undefined;
  /** Events that found no place on a broken disk. */
  lost = 0;
  #lock: FileLock | undefined;
  #fd: number | undefined;
  #size = 0;
  #sent = 0;
  #dirty = false;
  /** True once its name in the directory is durable too. */
  #listed = false;
  /** What the disk did not take; it comes after all that is in the file. */
  readonly #overflow = new Overflow(OVERFLOW_BYTES);
  /** What `advance` will count as sent. */
  #peeked: { fileTo: number; overflowed: number } = { fileTo: 0, overflowed: 0 };
  readonly #trusted: boolean;

  private constructor(path: string, header: JournalHeader, trusted: boolean) {
    this.#path = path;
    this.header = header;
    this.#trusted = trusted;
  }

  /**
   * A journal without a file, for reports under a lease: when their process is gone so is the lease, and nobody would take
   * them any more.
   */
  static inMemory(header: JournalHeader): Journal {
    return new Journal('', header, true);
  }

  /** A new journal of this process. If the directory cannot be written it lives in memory, and `diskError` says why. */
  static create(directory: string, header: JournalHeader): Journal {
    const journal = new Journal(join(directory, header.id + JOURNAL_SUFFIX), header, true);
    try {
      makeDirectory(directory);
      journal.#lock = FileLock.take(lockPath(journal.path));
      journal.#fd = openSync(journal.path, 'ax+', 0o600);
    } catch (error) {
      journal.diskError = error as Error;
    }
    journal.#write([JSON.stringify(header)]);
    return journal;
  }

  /**
   * Takes over a journal that another process left behind. Answers undefined when somebody else works on it, when it is
   * gone, or when it never became one (then it is removed).
   */
  static takeOver(path: string): Journal | undefined {
    const lock = FileLock.take(lockPath(path));
    if (lock === undefined) return undefined;
    const journal = Journal.#open(path);
    if (journal === undefined) lock.release();
    else journal.#lock = lock;
    return journal;
  }

  /** Reads a journal without taking it, to tell what waits in it. */
  static inspect(path: string): Waiting | undefined {
    const fd = openIfThere(path, 'r');
    if (fd === undefined) return undefined;
    try {
      const header = readHeader(fd);
      if (header === undefined) return undefined;
      const { sentTo, jobId, refused } = readNotes(fd);
      return {
        header: { ...header, ...(jobId !== undefined && { jobId }) },
        events: countEvents(fd, Math.max(sentTo, firstLineEnd(fd))),
        refused,
        holder: lockHolder(lockPath(path)),
      };
    } finally {
      closeSync(fd);
    }
  }

  static #open(path: string): Journal | undefined {
    const fd = openIfThere(path, 'a+');
    if (fd === undefined) return undefined;
    const header = readHeader(fd);
    if (header === undefined) {
      // Killed before its first line was whole: nothing was promised yet.
      closeSync(fd);
      unlinkQuietly(path);
      return undefined;
    }
    const journal = new Journal(path, header, false);
    journal.#fd = fd;
    journal.#size = cutTornLine(fd);
    const notes = readNotes(fd);
    if (notes.jobId !== undefined) journal.header = { ...header, jobId: notes.jobId };
    journal.#sent = Math.max(notes.sentTo, firstLineEnd(fd));
    journal.refused = notes.refused;
    return journal;
  }

  /** Where it lies; elsewhere than before once it was closed and set aside. Empty for one in memory. */
  get path(): string {
    return this.#path;
  }

  get isInMemory(): boolean {
    return this.#path === '';
  }

  get jobId(): number | undefined {
    return this.header.jobId;
  }

  /** Bytes that wait to be delivered. */
  get unsentBytes(): number {
    return this.#size - this.#sent + this.#overflow.bytes;
  }

  /** Adds events, each a JSON text without line breaks. Never throws: what the disk does not take stays in memory. */
  append(lines: readonly string[]): void {
    this.#write(lines);
  }

  setJobId(jobId: number): void {
    this.header = { ...this.header, jobId };
    this.#note({ spool: 'job', id: jobId });
  }

  setRefused(problem: Problem): void {
    this.refused = problem;
    this.#note({ spool: 'refused', problem });
  }

  /** The next events to send, oldest first; none when all has been delivered. Ask again only after `advance`. */
  async peek(maxEvents: number): Promise<readonly string[]> {
    while (this.#fd !== undefined && this.#sent < this.#size) {
      const { lines, to } = await this.#readFrom(this.#sent, maxEvents);
      this.#peeked = { fileTo: to, overflowed: 0 };
      if (lines.length > 0) return lines;
      this.#sent = to;
    }
    const lines = this.#overflow.first(maxEvents);
    this.#peeked = { fileTo: this.#sent, overflowed: lines.length };
    return lines;
  }

  /** What was peeked last has been delivered. */
  advance(): void {
    const { fileTo, overflowed } = this.#peeked;
    this.#sent = fileTo;
    this.#overflow.dropFirst(overflowed);
    this.#peeked = { fileTo, overflowed: 0 };
    if (overflowed > 0) return;
    if (this.#sent >= COMPACT_FROM && this.#size - this.#sent <= this.#sent) this.#compact();
    else this.#note({ spool: 'sent', to: fileTo });
  }

  /** Makes what was written survive a power loss. Never throws. */
  async sync(): Promise<void> {
    this.#moveOverflowToDisk();
    if (!this.#dirty || this.#fd === undefined) return;
    this.#dirty = false;
    try {
      await syncAsync(this.#fd);
      if (!this.#listed) await syncDirectory(dirname(this.path));
      this.#listed = true;
    } catch (error) {
      this.diskError = error as Error;
    }
  }

  refreshLock(): void {
    this.#lock?.refresh();
  }

  /**
   * Ends the work on it. A journal that has been delivered whole is removed; another waits for `daybook sync`; one that was
   * refused is set aside, where it bothers nobody again.
   */
  close(): void {
    const wasSetAside = isSetAside(this.path);
    if (this.#fd !== undefined) {
      this.#saveOverflow();
      if (this.unsentBytes === 0 && this.refused === undefined && this.jobId !== undefined)
        unlinkQuietly(this.path);
      closeSync(this.#fd);
      this.#fd = undefined;
      if (this.refused !== undefined && !wasSetAside) this.#setAside();
    }
    this.#lock?.release();
    this.#lock = undefined;
    if (wasSetAside) attempt(() => rmdirSync(dirname(this.path))); // only works on an empty one
  }

  #setAside(): void {
    const folder = refusedFolder(dirname(this.path));
    const path = join(folder, basename(this.path));
    const moved = attempt(() => {
      makeDirectory(folder);
      renameSync(this.path, path);
    });
    if (moved) this.#path = path;
  }

  /** Removes it although it was not delivered: its job never began. */
  discard(): void {
    if (!this.isInMemory) unlinkQuietly(this.path);
    this.refused = undefined;
    this.close();
  }

  /** A note is about what was sent: it is not itself to be sent, so it moves the mark along if all before it was. */
  #note(note: object): void {
    if (this.#fd === undefined) return;
    const allSent = this.#sent === this.#size;
    if (this.#writeToDisk(JSON.stringify(note) + '\n') && allSent) this.#sent = this.#size;
  }

  #write(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const text = `${lines.join('\n')}\n`;
    if (this.#overflow.isEmpty && this.#writeToDisk(text)) {
      if (this.#sent === 0) this.#sent = this.#size; // the header
      return;
    }
    for (const line of lines) this.#keepInMemory(line);
  }

  #writeToDisk(text: string): boolean {
    if (this.#fd === undefined) return false;
    const bytes = Buffer.from(text);
    try {
      writeWhole(this.#fd, bytes);
      this.#size += bytes.length;
      this.#dirty = true;
      this.diskError = undefined;
      return true;
    } catch (error) {
      this.diskError = error as Error;
      // Half a line would be taken for a torn one, and would spoil the next.
      attempt(() => ftruncateSync(this.#fd as number, this.#size));
      return false;
    }
  }

  #keepInMemory(line: string): void {
    if (!isNoteText(line) && !this.#overflow.push(line)) this.lost += 1;
  }

  #moveOverflowToDisk(): void {
    const lines = this.#overflow.first(Number.POSITIVE_INFINITY);
    if (lines.length === 0 || !this.#writeToDisk(`${lines.join('\n')}\n`)) return;
    this.#overflow.dropFirst(lines.length);
    // Those of them that are on their way just now will be sent again from the file; their keys make that harmless.
    this.#peeked = { fileTo: this.#sent, overflowed: 0 };
  }

  /** Before memory is gone. A disk that does not take all of it may take it without the log lines, which are most of it. */
  #saveOverflow(): void {
    this.#moveOverflowToDisk();
    const left = this.#overflow.first(Number.POSITIVE_INFINITY);
    if (left.length === 0) return;
    const facts = left.filter((line) => (JSON.parse(line) as { kind: string }).kind !== 'log');
    const isKept = facts.length > 0 && this.#writeToDisk(`${facts.join('\n')}\n`);
    this.lost += left.length - (isKept ? facts.length : 0);
    this.#overflow.dropFirst(left.length);
  }

  async #readFrom(from: number, maxEvents: number): Promise<{ lines: string[]; to: number }> {
    for (let length = READ_AT_ONCE; ; length *= 2) {
      const wanted = Math.min(length, this.#size - from);
      const { bytesRead, buffer } = await readAsync(
        this.#fd as number,
        Buffer.allocUnsafe(wanted),
        0,
        wanted,
        from,
      );
      const bytes = buffer.subarray(0, bytesRead);
      if (bytes.includes(NEWLINE)) return this.#split(bytes, from, maxEvents);
      if (bytesRead < length || length >= LONGEST_LINE)
        return { lines: [], to: from + Math.max(bytesRead, 1) };
    }
  }

  #split(bytes: Buffer, from: number, maxEvents: number): { lines: string[]; to: number } {
    const lines: string[] = [];
    let at = 0;
    for (
      let end = bytes.indexOf(NEWLINE);
      end >= 0 && lines.length < maxEvents;
      end = bytes.indexOf(NEWLINE, at)
    ) {
      const line = bytes.toString('utf8', at, end);
      if (line !== '' && !isNoteText(line) && (this.#trusted || isJsonObject(line))) lines.push(line);
      at = end + 1;
    }
    return { lines, to: from + at };
  }

  /** Writes what is left to a new file and puts it in place of the old one. */
  #compact(): void {
    if (this.#fd === undefined) return;
    const draft = `${this.path}.new`;
    try {
      const rest = Buffer.allocUnsafe(this.#size - this.#sent);
      readSync(this.#fd, rest, 0, rest.length, this.#sent);
      const header = Buffer.from(JSON.stringify(this.header) + '\n');
      // The last note counts: those in the rest tell of places in the old file.
      const mark = Buffer.from(JSON.stringify({ spool: 'sent', to: header.length }) + '\n');
      unlinkQuietly(draft);
      const fd = openSync(draft, 'ax+', 0o600);
      for (const bytes of [header, rest, mark]) writeWhole(fd, bytes);
      // What was durable must stay so; what was not yet need not wait for the disk here.
      if (!this.#dirty) fdatasyncSync(fd);
      renameSync(draft, this.path);
      closeSync(this.#fd);
      this.#fd = fd;
      this.#size = header.length + rest.length + mark.length;
      this.#sent = rest.length === 0 ? this.#size : header.length;
      this.#dirty = true;
      this.#listed = false;
    } catch (error) {
      this.diskError = error as Error;
    }
  }
}

export function lockPath(journalPath: string): string {
  return join(dirname(journalPath), `.${journalPath.slice(dirname(journalPath).length + 1)}.lock`);
}

function isJsonObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'kind' in value;
  } catch {
    return false;
  }
}
