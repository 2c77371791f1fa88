import { on } from 'node:events';
import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { sweepLocks } from './ticket-lock.ts';
import { isTicketName, readOnly } from './ticket-name.ts';

/*
 * The thread that looks through a directory of tickets for `scanTickets`: a network file system that hangs holds this
 * thread, and not the event loop or the few threads that all asynchronous file access of a process shares. It
 * imports little, since it is started for each scan.
 */

export interface ScanThreadData {
  readonly directory: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Larger files are not read. */
  readonly mostBytes: number;
}

/**
 * What the thread is told: names of files with the stamps that they had when last read, as many at once as keep nobody
 * waiting; that these were all; that what was seen was taken.
 */
export type ScanOrder =
  | { readonly kind: 'known'; readonly stamps: readonly (readonly [file: string, stamp: string])[] }
  | { readonly kind: 'begin' }
  | { readonly kind: 'taken' };

/** A file that is not as it was known. */
export type SeenFile = { readonly file: string } & (
  | {
      readonly kind: 'read';
      readonly stamp: string;
      readonly modifiedAt: number;
      readonly isYoung: boolean;
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  | { readonly kind: 'too_large'; readonly stamp: string; readonly size: number }
  | { readonly kind: 'not_a_file'; readonly stamp: string }
  | { readonly kind: 'unreadable'; readonly code: string }
  | { readonly kind: 'gone' }
);

export type ScanMessage =
  | { readonly kind: 'seen'; readonly files: readonly SeenFile[] }
  | { readonly kind: 'no directory'; readonly code: string }
  | { readonly kind: 'end' };

/** A batch is told as soon as it has this many files or bytes, and the next waits until it was taken. */
const BATCH_FILES = 64;
const BATCH_BYTES = 1024 * 1024;
/** Milliseconds within which a file may be written again without that its times tell (some systems count in seconds). */
const RACY = 2_000;

const { directory, now, mostBytes } = workerData as ScanThreadData;
const port = parentPort;
if (port === null) throw new Error('this file runs as a thread');
const orders = on(port, 'message') as AsyncIterableIterator<[ScanOrder]>;
const known = new Map<string, string>();

await learn();
const names = namesOf();
if (names !== undefined) {
  await tellChanges(names.filter(isTicketName));
  await sweepLocks(directory, names);
  tell({ kind: 'end' });
}

async function nextOrder(): Promise<ScanOrder> {
  const { value } = (await orders.next()) as IteratorYieldResult<[ScanOrder]>;
  return value[0];
}

async function learn(): Promise<void> {
  for (let order = await nextOrder(); order.kind === 'known'; order = await nextOrder())
    for (const [file, stamp] of order.stamps) known.set(file, stamp);
}

function namesOf(): string[] | undefined {
  try {
    return readdirSync(directory);
  } catch (error) {
    tell({ kind: 'no directory', code: codeOf(error) });
    return undefined;
  }
}

async function tellChanges(files: readonly string[]): Promise<void> {
  const present = new Set(files);
  let batch: SeenFile[] = [];
  let bytes = 0;
  for (const seen of eachChange(files, present)) {
    batch.push(seen);
    if (seen.kind === 'read') bytes += seen.bytes.length;
    if (batch.length < BATCH_FILES && bytes < BATCH_BYTES) continue;
    await handOver(batch);
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) await handOver(batch);
}

function* eachChange(files: readonly string[], present: ReadonlySet<string>): Generator<SeenFile> {
  for (const file of files) {
    const seen = look(file);
    if (seen !== undefined) yield seen;
  }
  for (const file of known.keys()) if (!present.has(file)) yield { file, kind: 'gone' };
}

/** Undefined if the file is as it was known, or was removed a moment ago (the next scan tells). */
function look(file: string): SeenFile | undefined {
  const path = join(directory, file);
  try {
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    // The whole stamp: a racy one, which was never settled, fits no other.
    if (known.get(file) === stampOf(stats)) return undefined;
    if (!stats.isFile()) return { file, kind: 'not_a_file', stamp: stampOf(stats) };
    if (stats.size > mostBytes)
      return { file, kind: 'too_large', stamp: stampOf(stats), size: Number(stats.size) };
    return readWhole(file, path);
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' ? undefined : { file, kind: 'unreadable', code };
  }
}

function readWhole(file: string, path: string): SeenFile {
  const fd = openSync(path, readOnly);
  try {
    // Of the file that is open: the one that has its name may be another by now.
    const stats = fstatSync(fd, { bigint: true });
    const modifiedAt = Number(stats.mtimeNs / 1_000_000n);
    const isRacy = modifiedAt > now - RACY;
    return {
      file,
      kind: 'read',
      stamp: isRacy ? `${stampOf(stats)} racy` : stampOf(stats),
      modifiedAt,
      isYoung: isRacy && modifiedAt < now + RACY,
      bytes: readBytes(fd, Number(stats.size)),
    };
  } finally {
    closeSync(fd);
  }
}

/** Into memory of its own, which can be handed to the other thread without copying. */
function readBytes(fd: number, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let done = 0;
  for (let count = -1; count !== 0 && done < size; done += count)
    count = readSync(fd, bytes, done, size - done, null);
  return done === size ? bytes : bytes.slice(0, done);
}

interface Stats {
  readonly mtimeNs: bigint;
  readonly size: bigint;
  readonly ino: bigint;
}

function stampOf({ mtimeNs, size, ino }: Stats): string {
  return `${mtimeNs} ${size} ${ino}`;
}

async function handOver(files: readonly SeenFile[]): Promise<void> {
  const memory = files.flatMap((seen) => (seen.kind === 'read' ? [seen.bytes.buffer] : []));
  tell({ kind: 'seen', files }, memory);
  await nextOrder(); // it was taken
}

function tell(message: ScanMessage, memory: ArrayBuffer[] = []): void {
  port?.postMessage(message, memory);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
