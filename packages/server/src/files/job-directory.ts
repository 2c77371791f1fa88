import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, opendir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { DaybookError, type JobFile, jobFileLimits, toIso } from '@daybook/core';

/** What of a job says where its files are. */
export interface JobPlaces {
  readonly id: number;
  readonly jobDirectory: string | null;
  readonly submitDirectory: string | null;
  readonly logFile: string | null;
}

/**
 * The directory of a job, resolved, if it lies below one of the folders that the operator has named. Where jobs are is said
 * by whoever reports them, so nothing else of the machine can be reached through it.
 */
export class JobDirectory {
  /** Without links. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @throws DaybookError `not_found` if there is none that may be shown */
  static async of(
    roots: readonly string[],
    { id, jobDirectory, submitDirectory }: JobPlaces,
  ): Promise<JobDirectory> {
    const named = jobDirectory ?? submitDirectory;
    if (named === null || !isAbsolute(named)) throw none(`Job ${id} has no directory.`);
    const path = await realpath(named).catch(() => undefined);
    if (path === undefined)
      throw none(`The directory of job ${id} is not there, or the server may not see it.`);
    if (!(await isBelowRoots(roots, path)))
      throw none(
        `The directory of job ${id} is not below a folder whose files are shown (setting jobFiles).`,
      );
    return new JobDirectory(path);
  }

  /** What stands in it, or in a folder below. @throws DaybookError `not_found` */
  async list(path: string): Promise<{ items: JobFile[]; more: boolean }> {
    const folder = await this.#resolve(path);
    const names: string[] = [];
    let more = false;
    const entries = await opendir(folder).catch(() => {
      throw none(`${path === '' ? 'The directory' : path} is no folder that can be read.`);
    });
    for await (const { name } of entries) {
      more = names.length >= jobFileLimits.entries;
      if (more) break;
      names.push(name);
    }
    const items: JobFile[] = [];
    for (const name of names.sort()) {
      const item = await this.#itemOf(folder, path, name);
      if (item !== undefined) items.push(item);
    }
    return { items, more };
  }

  /** Opens a file for reading. Close it. @throws DaybookError `not_found` */
  async open(path: string): Promise<{ file: FileHandle; stats: Stats }> {
    return await openInside(await this.#resolve(path), this.path, path);
  }

  /** Links are followed as long as they stay within. */
  async #resolve(path: string): Promise<string> {
    if (path.includes('\0') || isAbsolute(path)) throw none('A path begins below the directory of the job.');
    const found = await realpath(join(this.path, normalize(path))).catch(() => undefined);
    if (found === undefined || !isWithin(this.path, found)) throw none(`There is no ${path} here.`);
    return found;
  }

  /** Undefined for what is neither a file nor a folder, or leads elsewhere. */
  async #itemOf(folder: string, path: string, name: string): Promise<JobFile | undefined> {
    const target = await this.#resolve(join(path, name)).catch(() => undefined);
    const stats = target === undefined ? undefined : await stat(target).catch(() => undefined);
    const found = stats ?? (await lstat(join(folder, name)).catch(() => undefined));
    if (found === undefined || target === undefined) return undefined;
    return itemOf(name, join(path, name), found);
  }
}

/** The log file of a job, below one of the folders; undefined if there is none that may be shown. */
export async function openLog(
  roots: readonly string[],
  { logFile }: JobPlaces,
): Promise<{ file: FileHandle; stats: Stats } | undefined> {
  if (logFile === null || !isAbsolute(logFile)) return undefined;
  const path = await realpath(logFile).catch(() => undefined);
  if (path === undefined || !(await isBelowRoots(roots, path))) return undefined;
  return await openInside(path, dirname(path), basename(path)).catch(() => undefined);
}

export function itemOf(name: string, path: string, stats: Stats): JobFile | undefined {
  if (!stats.isFile() && !stats.isDirectory()) return undefined;
  return {
    name,
    path,
    kind: stats.isFile() ? 'file' : 'directory',
    size: stats.isFile() ? stats.size : null,
    modifiedAt: toIso(Math.max(0, stats.mtimeMs)),
  };
}

/** Between looking and opening somebody may have put a link there: what was opened is looked at again. */
async function openInside(
  path: string,
  inside: string,
  name: string,
): Promise<{ file: FileHandle; stats: Stats }> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => {
    throw none(`${name} cannot be read.`);
  });
  try {
    const stats = await file.stat();
    const real = await readlink(`/proc/self/fd/${file.fd}`).catch(() => path);
    if (!stats.isFile() || !isWithin(inside, real)) throw none(`${name} is no file of this job.`);
    return { file, stats };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function isBelowRoots(roots: readonly string[], path: string): Promise<boolean> {
  for (const root of roots) {
    const real = await realpath(root).catch(() => undefined);
    if (real !== undefined && isWithin(real, path)) return true;
  }
  return false;
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

function none(detail: string): DaybookError {
  return new DaybookError('not_found', detail);
}
