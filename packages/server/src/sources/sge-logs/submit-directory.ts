import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { below, readSmallFile } from './small-file.ts';

/** Where a job stands, as the folder that it was submitted from shows it (contracts/caejobdiary.md, "Status"). */
export interface DirectoryStatus {
  readonly status: 'finished' | 'running' | 'queued';
  readonly jobDirectory?: Buffer;
}

/** The part of the name of a cluster script that follows the number of its job: `.dyn-dmp.x99xx123.16.sh`. */
export const defaultScriptPattern = '\\.[a-z]{3}-[a-z]{3}\\.[a-z]\\d{2}[a-z]{2}\\d{3}\\.\\d+\\.sh';

/** A folder's entries by the number that their names begin with: 123 is not the beginning of 1234. */
export type Entries = ReadonlyMap<string, readonly Dirent[]>;

/** @throws NodeJS.ErrnoException if it is missing, unreadable, or no directory */
export async function entriesOf(directory: Buffer): Promise<Entries> {
  const entries = new Map<string, Dirent[]>();
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const id = /^\d+/.exec(entry.name)?.[0];
    if (id === undefined) continue;
    const same = entries.get(id);
    if (same === undefined) entries.set(id, [entry]);
    else same.push(entry);
  }
  return entries;
}

/**
 * Asked in this order: a folder `<id>`; a cluster script; a folder `<id>.pending`; a folder that was renamed. Undefined if
 * there is none of them.
 *
 * @throws NodeJS.ErrnoException if what was there a moment ago is gone
 */
export async function statusInDirectory(
  directory: Buffer,
  entries: Entries,
  id: string,
  script: RegExp,
): Promise<DirectoryStatus | undefined> {
  const own = entries.get(id) ?? [];
  const isFolder = (entry: Dirent) => isDirectory(directory, entry);
  const exact = own.find(({ name }) => name === id);
  if (exact !== undefined && (await isFolder(exact)))
    return { status: 'finished', jobDirectory: below(directory, id) };
  const running = own.find(({ name }) => script.test(name.slice(id.length)));
  if (running !== undefined) return await scratchOf(below(directory, running.name));
  const pending = own.find(({ name }) => name === `${id}.pending`);
  if (pending !== undefined && (await isFolder(pending))) return { status: 'queued' };
  for (const entry of own)
    if (entry.name !== id && entry.name !== `${id}.pending` && (await isFolder(entry)))
      return { status: 'finished', jobDirectory: below(directory, entry.name) };
  return undefined;
}

/** Its first line, `cd PATH*`, names the directory in which it runs. */
async function scratchOf(script: Buffer): Promise<DirectoryStatus> {
  const head = await readSmallFile(script, 8_192).catch((error: NodeJS.ErrnoException) => {
    // That it is there says that the job runs, whether we may read it or not.
    if (error.code === 'EACCES' || error.code === 'ELOOP' || error.code === 'EINVAL') return Buffer.alloc(0);
    throw error;
  });
  const line = head.toString('latin1').split('\n', 1)[0] ?? '';
  const path = /^\s*cd\s+(["']?)(\/.*?)\*?\1\s*$/.exec(line)?.[2];
  if (path === undefined) return { status: 'running' };
  return { status: 'running', jobDirectory: Buffer.from(path.replace(/(?!^)\/+$/, ''), 'latin1') };
}

async function isDirectory(directory: Buffer, entry: Dirent): Promise<boolean> {
  if (entry.isDirectory()) return true;
  if (!entry.isSymbolicLink()) return false;
  return await stat(below(directory, entry.name)).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The README of a job by its model file, or the only one that there is. */
export async function findReadme(directory: Buffer, model: string | undefined): Promise<string | undefined> {
  const names = (await readdir(directory)).filter((name) => /^README\..*\.README$/s.test(name));
  const own = `README.${model ?? ''}.README`;
  return names.includes(own) ? own : names.length === 1 ? names[0] : undefined;
}
