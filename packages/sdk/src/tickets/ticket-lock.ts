import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import {
  appendFile,
  chmod,
  mkdir,
  open,
  readdir,
  rename,
  rmdir,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isGone, ourselves } from '../process-identity.ts';
import { randomName } from '../random-name.ts';
import { syncDirectory } from '../spool/files.ts';
import { TicketBusyError } from './errors.ts';

/**
 * The lock of one ticket, and the only way to write it.
 *
 * A lock is a directory beside the ticket (`.<ticket>.lock`) with one file in it, whose name says who holds it and is used
 * never again. It is made elsewhere and renamed to its place, which works for one alone: a directory takes the place of
 * none or of an empty one, atomically, on network file systems too. That file is also the draft of the next content: to
 * commit is to rename it over the ticket, which lets go in the same moment.
 *
 * Taking over what a dead holder left is to unlink that one name. Nobody can hit a newer holder by it, however late, and a
 * holder that was only thought dead finds its draft gone: its rename fails, and it can write nothing any more. So the
 * age at which a holder elsewhere counts as dead decides how long others wait, and never whether an update is lost.
 */
export class TicketLock {
  readonly #path: string;
  readonly #draft: string;

  private constructor(path: string, draft: string) {
    this.#path = path;
    this.#draft = draft;
  }

  /**
   * Waits for the lock of the ticket at `path`, at most `patience` milliseconds.
   *
   * @throws TicketBusyError if somebody alive holds it for longer; the system's own error if nothing can be written there
   */
  static async take(path: string, patience: number): Promise<TicketLock> {
    const place = join(dirname(path), `.${basename(path, '.json')}.lock`);
    const holder = holderName();
    const own = join(dirname(path), UNTAKEN + holder);
    await mkdir(own);
    try {
      await shareAs(own, dirname(path));
      await writeFile(join(own, holder), '', { flag: 'wx' });
      await moveIn(own, place, holder, patience);
      return new TicketLock(path, join(place, holder));
    } catch (error) {
      await unlink(join(own, holder)).catch(ignore);
      await rmdir(own).catch(ignore);
      throw error;
    }
  }

  /**
   * Puts `bytes` in place of the ticket, durably, and lets go. False if the lock was taken away meanwhile: then the ticket
   * is as another left it. `mode` is that of the file to be replaced. `isDue` is asked last, when all is ready: if it says
   * no, nothing is put in place.
   */
  async commit(
    bytes: Uint8Array,
    { mode, isDue = async () => true }: { mode?: number; isDue?: () => Promise<boolean> } = {},
  ): Promise<boolean> {
    const draft = await writeDurably(this.#draft, bytes, mode);
    if (draft === undefined || !(await isDue()) || !(await this.#rename(draft))) return false;
    await this.#leave();
    await syncDirectory(dirname(this.#path));
    return true;
  }

  async #rename(draft: BigIntStats): Promise<boolean> {
    try {
      await rename(this.#draft, this.#path);
      return true;
    } catch (error) {
      if (!isMissing(error)) throw error;
      // A network file system may have done it, lost the answer, and asked again.
      const now = await stat(this.#path, { bigint: true }).catch(ignore);
      return now !== undefined && isSameFile(now, draft);
    }
  }

  /** Lets go without writing. */
  async release(): Promise<void> {
    await unlink(this.#draft).catch(ignore);
    await this.#leave();
  }

  /** Only an empty directory can be removed, so this never removes the lock of the next one. */
  async #leave(): Promise<void> {
    await rmdir(dirname(this.#draft)).catch(ignore);
  }
}

/** Milliseconds after which a lock counts as left behind, if nobody can tell that its holder is gone. */
export const STALE_AFTER = 30_000;

/** Milliseconds: the age of a lock is that of its file, and the time for which its holder waited must not count. */
const REFRESH_AFTER = STALE_AFTER / 6;

/** The same for a directory that never came to its place; far longer than anybody waits. */
const UNTAKEN_AFTER = 3_600_000;

/** Between two tries to take a lock, milliseconds; by chance, so that those who wait do not march in step. */
const RETRY_FROM = 1;
const RETRY_TO = 25;

/** How a lock is called, with the ticket in it, and how before it has come to its place, with the holder in it. */
const LOCK = /^\.(.+)\.lock$/;
const UNTAKEN = '.lock-';

/**
 * Removes from a directory of tickets what killed processes left: locks that nobody holds, and such that were never taken.
 * Never throws: whoever takes such a lock next does it again.
 */
export async function sweepLocks(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const place = join(directory, name);
    if (LOCK.test(name)) await sweep(place, (holder) => parseHolder(holder)?.isGone ?? false);
    else if (name.startsWith(UNTAKEN)) {
      const isLeft = parseHolder(name.slice(UNTAKEN.length))?.isGone ?? (await isForgotten(place, directory));
      if (isLeft) await sweep(place, () => true);
    }
  }
}

async function sweep(place: string, isLeft: (holder: string) => boolean): Promise<void> {
  for (const holder of (await namesIn(place)) ?? [])
    if (isLeft(holder)) await unlink(join(place, holder)).catch(ignore);
  await rmdir(place).catch(ignore); // only works on an empty one
}

/** By the time of the file system alone, which last changed the directory: our own clock may be another. */
async function isForgotten(place: string, directory: string): Promise<boolean> {
  const age = async () => (await stat(directory)).mtimeMs - (await stat(place)).mtimeMs;
  return await age().then((ms) => ms > UNTAKEN_AFTER, isMissing);
}

async function moveIn(own: string, place: string, holder: string, patience: number): Promise<void> {
  const seen = new Map<string, number>();
  const start = performance.now();
  for (let refreshed = start; ; ) {
    if (await tryToMove(own, place, holder)) return;
    if (performance.now() - refreshed > REFRESH_AFTER) {
      refreshed = performance.now();
      await appendFile(join(own, holder), ' ');
    }
    const others = await clear(place, join(own, holder), seen);
    if (others.length === 0 && (await tryToMove(own, place, holder))) return;
    if (performance.now() - start > patience) throw busy(place, others, patience);
    await pause(RETRY_FROM + Math.random() * (RETRY_TO - RETRY_FROM));
  }
}

async function tryToMove(own: string, place: string, holder: string): Promise<boolean> {
  try {
    await rename(own, place);
    return true;
  } catch (error) {
    const names = await namesIn(place);
    // A network file system may have done it, lost the answer, and asked again.
    if (names?.includes(holder)) return true;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    // Some systems never rename onto a directory, not even an empty one; `clear` removes it.
    if ((code === 'EPERM' || code === 'EACCES') && names !== undefined) return false;
    throw error;
  }
}

/** Removes what dead holders left in a lock, and tells who is left. `probe` is a file of ours, for the time of the file system. */
async function clear(place: string, probe: string, seen: Map<string, number>): Promise<string[]> {
  const names = (await namesIn(place)) ?? [];
  const left: string[] = [];
  for (const name of names) {
    const path = join(place, name);
    if (!(await isStale(path, parseHolder(name), probe, seen)) || !(await isRemoved(path))) left.push(name);
  }
  if (names.length === 0) await rmdir(place).catch(ignore);
  return left;
}

async function isRemoved(path: string): Promise<boolean> {
  return await unlink(path).then(() => true, isMissing);
}

async function isStale(
  path: string,
  holder: Holder | undefined,
  probe: string,
  seen: Map<string, number>,
): Promise<boolean> {
  if (holder?.isGone === true) return true;
  // Clocks differ and step: what we have watched for that long is as stale as what the file system says is that old. Also
  // of a process that runs here: it may be stopped, or hang.
  const first = seen.get(path) ?? performance.now();
  seen.set(path, first);
  if (performance.now() - first > STALE_AFTER) return true;
  if (holder?.isGone === false) return false;
  try {
    await appendFile(probe, ' ');
    return (await stat(probe)).mtimeMs - (await stat(path)).mtimeMs > STALE_AFTER;
  } catch {
    return false;
  }
}

/** Answers what the draft is now, or undefined if it was taken away. */
async function writeDurably(
  path: string,
  bytes: Uint8Array,
  mode?: number,
): Promise<BigIntStats | undefined> {
  // 'r+' makes no file: a draft that was taken away must not come back in the lock of another.
  const file = await open(path, 'r+').catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
  if (file === undefined) return undefined;
  try {
    await file.truncate();
    await file.writeFile(bytes);
    if (mode !== undefined && mode !== ((await file.stat()).mode & 0o777)) await file.chmod(mode);
    await file.sync();
    return await file.stat({ bigint: true });
  } finally {
    await file.close();
  }
}

/** Whoever may write beside the ticket may also take over its lock. */
async function shareAs(own: string, directory: string): Promise<void> {
  const mode = (await stat(directory)).mode & 0o777;
  if ((mode & 0o022) !== 0) await chmod(own, mode);
}

/** The inode alone does not tell: its number may be given to the next file as soon as one is gone. */
export function isSameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}

async function namesIn(place: string): Promise<string[] | undefined> {
  return await readdir(place).catch(() => undefined);
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Undefined if it runs where we cannot see it. */
  readonly isGone: boolean | undefined;
}

/** `<random>.<pid>.<start>.<machine>.<host>`: unique, and all that is needed to tell whether the holder still runs. */
function holderName(): string {
  const { host, pid, born } = ourselves();
  const start = born.split(':')[1] ?? '';
  return [randomName(), pid, start, machine(), host.replaceAll(/[^\w.-]/g, '-').slice(0, 100)].join('.');
}

function parseHolder(name: string): Holder | undefined {
  const found = /^[0-9a-f]{24}\.(\d+)\.(\d*)\.([0-9a-f]{16})\.(.*)$/.exec(name);
  if (found === null) return undefined;
  const [, number, start = '', where, host = ''] = found;
  const pid = Number(number);
  const { born } = ourselves();
  const theirs = start === '' ? '' : `${born.split(':')[0]}:${start}`;
  return { pid, host, isGone: where === machine() ? isGone({ pid, born: theirs }) : undefined };
}

/** Name, boot and process space of this machine in short: only where all of them agree do process numbers mean the same. */
function machine(): string {
  const { host, space, born } = ourselves();
  const [boot = ''] = born.split(':');
  return createHash('sha256').update([host, space, boot].join('\n')).digest('hex').slice(0, 16);
}

function busy(place: string, others: readonly string[], patience: number): TicketBusyError {
  const holder = parseHolder(others[0] ?? '');
  const who = holder === undefined ? 'somebody' : `process ${holder.pid} on ${holder.host}`;
  const ticket = LOCK.exec(basename(place))?.[1] ?? place;
  return new TicketBusyError(`${ticket}: ${who} has been writing it for ${Math.round(patience / 1_000)} s`);
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** For what the next one who needs it finds out anyway. */
function ignore(): void {}
