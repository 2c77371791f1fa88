import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { mimeTypeOf, type PlannedFile, visibleName } from '@daybook/core';
import { DaybookUsageError } from '../http/errors.ts';

/** A file of this machine that goes into a bundle. */
export interface LocalFile extends PlannedFile {
  /** Where it is here. */
  readonly source: string;
}

/** What was found; `skipped` is what is no file: links, devices. */
export interface LocalFiles {
  readonly files: readonly LocalFile[];
  readonly skipped: readonly string[];
}

/**
 * The files of paths: a file by its name, a folder with all that is in it under its name (`.` without one), in the order of
 * their names. Links within folders are not followed.
 *
 * @throws DaybookUsageError for a path that is not there, or two files of one name
 */
export async function findLocalFiles(paths: readonly string[]): Promise<LocalFiles> {
  const files: LocalFile[] = [];
  const skipped: string[] = [];
  for (const path of paths) await addPath(path, files, skipped);
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const twice = files.find((file, i) => file.path === files[i + 1]?.path);
  if (twice !== undefined)
    throw new DaybookUsageError(
      `two files would be called ${visibleName(twice.path)}; send them in two bundles`,
    );
  return { files, skipped };
}

async function addPath(path: string, files: LocalFile[], skipped: string[]): Promise<void> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) throw new DaybookUsageError(`there is no ${visibleName(path)}`);
  if ((await stat(real)).isDirectory()) {
    const isHere = path.split(sep).every((part) => part === '.' || part === '');
    await addFolder(real, isHere ? '' : `${basename(resolve(path))}/`, files, skipped);
  } else await addFile(real, basename(resolve(path)), files, skipped);
}

async function addFolder(
  folder: string,
  prefix: string,
  files: LocalFile[],
  skipped: string[],
): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const source = join(folder, entry.name);
    if (entry.isDirectory()) await addFolder(source, `${prefix}${entry.name}/`, files, skipped);
    else await addFile(source, prefix + entry.name, files, skipped);
  }
}

async function addFile(source: string, path: string, files: LocalFile[], skipped: string[]): Promise<void> {
  const found = await lstat(source);
  if (!found.isFile()) skipped.push(source);
  else
    files.push({
      path: path.normalize('NFC'),
      source,
      size: found.size,
      modifiedAt: Math.floor(found.mtimeMs / 1_000),
      mimeType: mimeTypeOf(path),
    });
}
