import { closeSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What the journal does with files that node:fs has no single call for. */

/** Opens what is there; 'a+' alone would make a file that its owner has just removed. */
export function openIfThere(path: string, flags: 'r' | 'a+'): number | undefined {
  try {
    if (flags === 'a+') closeSync(openSync(path, 'r'));
    return openSync(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes all of it: one `write` may take only a part. */
export function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return; // directories cannot be opened there
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * Makes a directory for its owner alone, with those above it. Not Node's own `recursive`, which never ends where the system
 * answers that a directory that is there is not (below `/proc`).
 */
export function makeDirectory(path: string): void {
  let error = failureOf(() => mkdirSync(path, { mode: 0o700 }));
  if (error?.code === 'ENOENT' && dirname(path) !== path) {
    makeDirectory(dirname(path));
    error = failureOf(() => mkdirSync(path, { mode: 0o700 }));
  }
  if (error !== undefined && error.code !== 'EEXIST') throw error;
}

function failureOf(act: () => void): NodeJS.ErrnoException | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

export function unlinkQuietly(path: string): void {
  attempt(() => unlinkSync(path));
}

/** True if it did not throw; for what the next who needs it finds out anyway. */
export function attempt(act: () => void): boolean {
  return failureOf(act) === undefined;
}
