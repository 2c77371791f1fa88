import type { ObjectStore } from '../archive/object-store.ts';
import { tarIn } from '../archive/tar-object.ts';
import type { Store } from '../storage/index.ts';
import { type Asking, ask, fieldOf, reasonIn, ServiceAwayError } from './asking.ts';
import { BundleFault, type Task } from './bundle-fault.ts';
import { givenBack } from './give-back.ts';
import { listedFiles } from './metadata.ts';
import type { ReceivedBundle } from './reception.ts';

/** The old archive interface, if files go there, too. */
export interface OldArchive {
  readonly url: string;
  readonly asking: Asking;
  readonly store: Store;
  readonly objects: ObjectStore;
}

interface Putting {
  readonly firstFile: number;
  readonly task: Task;
  readonly signal: AbortSignal;
  /** Files that are there by now. */
  onProgress(files: number): void;
}

interface Member {
  readonly folder: string;
  readonly data_at: number;
  readonly size: number;
  readonly modified_at: number | null;
}

/**
 * Gives every listed file of a bundle to the old archive: `PUT {url}/{file_id}` with its bytes, or, where it is on the
 * server already, `PATCH {url}/{file_id}` with where. Numbers follow the order of the metadata. Throws `BundleFault`.
 */
export async function giveFiles(
  archive: OldArchive,
  { bundleId, readMetadata }: Pick<ReceivedBundle, 'bundleId' | 'readMetadata'>,
  { firstFile, task, signal, onProgress }: Putting,
): Promise<void> {
  let count = 0;
  try {
    for await (const files of listedFiles(givenBack(readMetadata(signal))))
      for (const { path, source } of files) {
        const address = `${archive.url.replace(/\/$/, '')}/${firstFile + count}`;
        if (source !== undefined && task === 'move files')
          await patch(archive, address, path, source, signal);
        else await put(archive, address, path, await memberOf(archive.store, bundleId, path), signal);
        onProgress((count += 1));
      }
  } catch (error) {
    if (error instanceof BundleFault && error.task !== 'load metadata')
      throw new BundleFault(task, error.rule, error.message, { cause: error });
    if (!(error instanceof ServiceAwayError)) throw error;
    throw new BundleFault(task, 'old-archive-away', `The old archive ${error.message}. Retry the job.`, {
      cause: error,
    });
  }
}

async function put(
  { objects, asking }: OldArchive,
  address: string,
  path: string,
  { folder, data_at: from, size, modified_at }: Member,
  signal: AbortSignal,
): Promise<void> {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(size),
    'last-modified': ctime(modified_at ?? 0),
  };
  const body = () => objects.read(tarIn(folder), from, from + size, signal);
  const answer = await ask(address, { method: 'PUT', headers, body }, asking, signal);
  if (answer.status < 300 && String(fieldOf(answer.body, 'total_bytes')) === String(size)) return;
  throw refused(`did not take ${path} (${size} bytes): ${reasonIn(answer)}`);
}

async function patch(
  { asking }: OldArchive,
  address: string,
  path: string,
  source: string,
  signal: AbortSignal,
): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = () => JSON.stringify({ path: source });
  const answer = await ask(address, { method: 'PATCH', headers, body }, asking, signal);
  if (answer.status < 300 && fieldOf(answer.body, 'message') === 'File Moved Successfully') return;
  throw refused(`did not move ${path}: ${reasonIn(answer)}`);
}

async function memberOf({ read }: Store, bundleId: number, path: string): Promise<Member> {
  return read
    .selectFrom('bundle_members')
    .innerJoin('bundles', 'bundles.id', 'bundle_members.bundle_id')
    .select(['bundles.folder', 'data_at', 'bundle_members.size', 'modified_at'])
    .where('bundle_id', '=', bundleId)
    .where('path', '=', path)
    .executeTakeFirstOrThrow();
}

function refused(what: string): BundleFault {
  return new BundleFault('ingest files', 'old-archive-refuses', `The old archive ${what}`);
}

/** As C's `ctime` writes it, which is what the old service sends: `Tue Nov 29 14:09:05 2016`. */
function ctime(ms: number): string {
  const [day = '', date = '', month = '', year = '', time = ''] = new Date(ms).toUTCString().split(' ');
  return `${day.replace(',', '')} ${month} ${date.replace(/^0/, ' ')} ${time} ${year}`;
}
