import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder that is gone when the process that made it is. */
export interface RunFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Makes a private temporary folder. A small shell waits at the other end of a pipe and removes the folder when this
 * process ends, even by kill -9 (exit handlers would not run then).
 */
export async function makeRunFolder(name: string): Promise<RunFolder> {
  const path = await mkdtemp(join(tmpdir(), `daybook-${name}-`));
  const script = 'while read -r _; do :; done; rm -rf "$1"';
  const guard = spawn('/bin/sh', ['-c', script, 'daybook-folder-guard', path], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const gone = new Promise<void>((resolve) => {
    guard.once('exit', () => resolve());
    guard.once('error', () => resolve());
  });
  guard.unref();
  // The pipe alone would keep the event loop alive.
  if ('unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref();
  const remove = async () => {
    guard.ref();
    guard.stdin.destroy();
    await gone;
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  return { path, remove };
}
