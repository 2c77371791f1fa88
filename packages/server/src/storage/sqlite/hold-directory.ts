import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from './connection.ts';

/** Another `daybook serve` writes to this folder; only one may, because it trusts what it remembers of jobs. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError';
}

/**
 * Holds a data directory for this process until it ends, however it ends: the lock is the operating system's, on a file
 * of SQLite's, so that no stale lock is ever left behind. Answers how to let go.
 */
export function holdDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(directory, 'serve.lock'), { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new DirectoryInUseError(
      `another daybook serve uses ${directory}: stop it, or give this one a folder of its own with --data DIR`,
    );
  }
  return () => lock.close();
}
