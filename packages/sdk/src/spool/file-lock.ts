import { linkSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { isGone, ourselves, type ProcessIdentity } from '../process-identity.ts';
import { randomName } from '../random-name.ts';
import { attempt, unlinkQuietly } from './files.ts';

/**
 * An advisory lock: a file beside the thing, made by `link(2)`, which is atomic on network file systems too and gives
 * the lock its content in the same moment. It is stale when its process is gone (same machine), or when it was not
 * refreshed for {@link STALE_AFTER} (another machine: by the file system's own clock, since clocks differ).
 */
export class FileLock {
  readonly path: string;
  readonly #content: string;

  private constructor(path: string, content: string) {
    this.path = path;
    this.#content = content;
  }

  /** Takes the lock, or answers undefined at once when somebody alive holds it. */
  static take(path: string): FileLock | undefined {
    const content = JSON.stringify({ ...ourselves(), nonce: randomName() });
    if (linkNew(path, content)) return new FileLock(path, content);
    if (!breakIfStale(path)) return undefined;
    return linkNew(path, content) ? new FileLock(path, content) : undefined;
  }

  /** Says that we are still here, to those on other machines. */
  refresh(): void {
    // Written anew rather than touched: so the time is the file system's, not ours.
    if (read(this.path) === this.#content)
      attempt(() => writeFileSync(this.path, this.#content, { flag: 'r+' }));
  }

  release(): void {
    if (read(this.path) === this.#content) unlinkQuietly(this.path);
  }
}

/** Who holds the lock at `path`, in words for people; undefined if nobody alive does. */
export function lockHolder(path: string): string | undefined {
  const holder = parseHolder(read(path));
  if (holder === undefined || isStale(path, holder)) return undefined;
  return `process ${holder.pid} on ${holder.host}`;
}

/** Milliseconds after which the lock of a process on another machine counts as left behind. */
export const STALE_AFTER = 150_000;
/** Far longer than the removal of a stale lock takes. */
const BREAKING_TAKES = 10_000;

function linkNew(path: string, content: string): boolean {
  const draft = `${path}.${randomName()}`;
  try {
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx' });
    linkSync(draft, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // File systems without hard links (FAT, some network shares): the second best that is still exclusive.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return writeNew(path, content);
    throw error;
  } finally {
    unlinkQuietly(draft);
  }
}

function writeNew(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a stale lock. Only one may do that at a time: a second would remove the lock that the first then takes. */
function breakIfStale(path: string): boolean {
  const judged = read(path);
  if (judged === undefined) return true;
  if (!isStale(path, parseHolder(judged))) return false;
  const breaking = `${path}.breaking`;
  if (!linkNew(breaking, '')) {
    if (isOlder(breaking, BREAKING_TAKES)) unlinkQuietly(breaking);
    return false;
  }
  try {
    return read(path) === judged && attempt(() => unlinkSync(path));
  } finally {
    unlinkQuietly(breaking);
  }
}

function isStale(path: string, holder: ProcessIdentity | undefined): boolean {
  const here = ourselves();
  if (holder === undefined || holder.host !== here.host || holder.space !== here.space)
    return isOlder(path, STALE_AFTER);
  return isGone(holder);
}

/** A file that is written now has the file system's time; ours may be another. */
function isOlder(path: string, age: number): boolean {
  const probe = `${path}.${randomName()}`;
  try {
    writeFileSync(probe, '', { mode: 0o600, flag: 'wx' });
    return statSync(probe).mtimeMs - statSync(path).mtimeMs > age;
  } catch {
    return false;
  } finally {
    unlinkQuietly(probe);
  }
}

function parseHolder(text: string | undefined): ProcessIdentity | undefined {
  try {
    const holder = JSON.parse(text ?? '') as ProcessIdentity;
    return Number.isSafeInteger(holder.pid) && holder.pid > 0 ? holder : undefined;
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
