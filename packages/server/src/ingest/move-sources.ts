import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat, unlink } from 'node:fs/promises';
import { sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import type { Store } from '../storage/index.ts';
import { listedFiles } from './metadata.ts';

export interface SourceParts {
  readonly read: Store['read'];
  readonly roots: readonly string[];
  readonly log: Logger;
}

/** Where a path really leads; undefined if it is nothing, or not below a root. What is there outside stays unsaid. */
export async function allowedPath(source: string, roots: readonly string[]): Promise<string | undefined> {
  if (source.includes('\0')) return undefined;
  try {
    const real = await realpath(source);
    for (const root of roots) {
      const folder = await realpath(root);
      if (real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return real;
    }
  } catch {
    // Nothing there.
  }
  return undefined;
}

/**
 * Removes what is in the archive now from where it was. What is gone already is no error; what has changed since it was
 * copied stays, for the archive does not have it. False if it was interrupted: it can be done again.
 */
export async function removeSources(
  { read, roots, log }: SourceParts,
  jobId: number,
  document: Uint8Array,
  signal: AbortSignal,
): Promise<boolean> {
  for await (const files of listedFiles([document]))
    for (const { path, source } of files) {
      if (signal.aborted) return false;
      const real = source === undefined ? undefined : await allowedPath(source, roots);
      if (real === undefined) continue;
      const archived = await archivedFile(read, jobId, path);
      const isSame = archived !== undefined && (await holds(real, archived, signal));
      if (signal.aborted) return false;
      if (isSame) await unlink(real).catch(() => undefined);
      else log.warn({ job: jobId, path }, 'the source of a move is not what was copied, and stays');
    }
  return true;
}

type Archived = { readonly size: number; readonly sha256: string | null };

async function archivedFile(read: Store['read'], jobId: number, path: string): Promise<Archived | undefined> {
  return await read
    .selectFrom('bundles')
    .innerJoin('bundle_members', 'bundle_members.bundle_id', 'bundles.id')
    .select(['bundle_members.size', 'bundle_members.sha256'])
    .where('bundles.job_id', '=', jobId)
    .where('bundles.state', '=', 'published')
    .where('bundle_members.path', '=', path)
    .executeTakeFirst();
}

/** Whole, since neither size nor times tell of every change. */
async function holds(file: string, { size, sha256 }: Archived, signal: AbortSignal): Promise<boolean> {
  try {
    const { size: found } = await stat(file);
    if (found !== size) return false;
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash, { signal });
    return hash.digest('hex') === sha256;
  } catch {
    return false;
  }
}
