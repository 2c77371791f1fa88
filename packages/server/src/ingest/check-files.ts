import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import { type CheckedMember, checkedColumns, type Listing, noteListings } from '../archive/member-rows.ts';
import { tarIn } from '../archive/tar-object.ts';
import type { BundlesTable, Store } from '../storage/index.ts';
import { platformHash } from '../tar/algorithms.ts';
import { BundleFault } from './bundle-fault.ts';
import { ListedMembers } from './listed-members.ts';
import type { CheckOptions, ListedFile } from './reception.ts';
import type { ReceptionParts } from './reception-parts.ts';

type Bundle = Pick<Selectable<BundlesTable>, 'id' | 'folder' | 'members'>;

const EXAMPLES = 20;
/** Rows that one statement looks through: everybody else waits meanwhile. */
const LOOK = 10_000;

/**
 * Holds a bundle's members against what its metadata lists (contracts/pacifica.md: what fails in `ingest files`). Throws
 * BundleFault for the first file that is missing or different.
 */
export async function checkFiles(
  parts: ReceptionParts,
  bundle: Bundle,
  listed: Iterable<readonly ListedFile[]> | AsyncIterable<readonly ListedFile[]>,
  { strictListing, signal, onProgress }: CheckOptions,
): Promise<{ unlisted: number; examples: string[] }> {
  const found = new ListedMembers(parts.store, bundle.id);
  let checked = 0;
  let noting = Promise.resolve();
  try {
    for await (const files of listed) {
      signal?.throwIfAborted();
      const members = await found.find(files.map(({ path }) => path));
      const listings = await listingsOf(parts, bundle, files, members, signal);
      // Noted while the next ones are read and compared.
      await noting;
      noting = parts.store.write((transaction) => noteListings(transaction, bundle.id, listings));
      noting.catch(() => undefined);
      checked += files.length;
      onProgress?.(checked);
    }
  } finally {
    await noting;
  }
  const rest = await unlistedFiles(parts, bundle);
  if (strictListing && rest.unlisted > 0)
    throw fault(
      'unlisted',
      `${rest.unlisted} files are not listed in metadata.txt, such as ${rest.examples[0]}.`,
    );
  return rest;
}

/** Hashes what was open when its reception went on in another process. */
export async function hashDeferred(
  { store, objects }: ReceptionParts,
  bundle: Bundle,
  signal?: AbortSignal,
): Promise<void> {
  for (let from = 0; from < bundle.members; from += LOOK) {
    const members = await filesIn(store, bundle.id, from)
      .select(checkedColumns)
      .where('sha256', 'is', null)
      .execute();
    for (const member of members) {
      const sha256 = await hashStored({ objects }, bundle, member, 'sha256', signal);
      await store.write(({ db }) =>
        db
          .updateTable('bundle_members')
          .set({ sha256 })
          .where('bundle_id', '=', bundle.id)
          .where('position', '=', member.position)
          .execute(),
      );
    }
  }
}

/** What is to be noted of the members of listed files. Throws BundleFault for the first that is missing or different. */
async function listingsOf(
  parts: ReceptionParts,
  bundle: Bundle,
  files: readonly ListedFile[],
  members: readonly (CheckedMember | undefined)[],
  signal: AbortSignal | undefined,
): Promise<Listing[]> {
  const listings: Listing[] = [];
  for (const [i, file] of files.entries()) {
    const member = members[i];
    if (member === undefined || member.kind !== 'file')
      throw fault('file-missing', `The file ${file.path} is listed in metadata.txt and not in the tar.`);
    if (file.size !== undefined && file.size !== member.size)
      throw fault(
        'size-different',
        `The file ${file.path} has ${member.size} bytes, metadata.txt says ${file.size}.`,
      );
    const hashType = hashTypeOf(file);
    // Only what was not hashed so is waited for: files are many.
    const hash =
      hashType === null
        ? null
        : (knownHash(member, hashType) ?? (await hashStored(parts, bundle, member, hashType, signal)));
    if (hash !== null && hash !== file.hash?.toLowerCase())
      throw fault(
        'hash-different',
        `The file ${file.path} has the ${hashType} hash ${hash}, metadata.txt says ${file.hash?.toLowerCase()}.`,
      );
    const kept = keptIn(member, hashType, hash);
    listings.push({ position: member.position, mimeType: file.mimeType ?? null, kept, hashType, hash });
  }
  return listings;
}

/** Where the row of a member has its declared hash already. */
function keptIn(member: CheckedMember, hashType: string | null, hash: string | null): Listing['kept'] {
  if (hashType === member.hash_type && hash === member.hash) return 'hash';
  return hashType === 'sha256' && hash === member.sha256 ? 'sha256' : undefined;
}

/** With what its declared hash was made, as the platform calls it; null if it declares none. Throws BundleFault. */
function hashTypeOf({ path, hashType, hash }: ListedFile): string | null {
  const algorithm = hashType === undefined ? byLength(hash) : platformHash(hashType);
  if (algorithm === undefined && (hashType !== undefined || hash !== undefined))
    throw fault(
      'hash-unknown',
      `The file ${path} is hashed with ${hashType ?? 'something unknown'}, which Daybook does not know.`,
    );
  return algorithm === undefined || hash === undefined ? null : algorithm;
}

/** Documents without `hashtype`: the length says which hash it is. */
function byLength(hash: string | undefined): string | undefined {
  return { 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' }[hash?.length ?? 0];
}

function knownHash(member: CheckedMember, algorithm: string): string | null {
  if (algorithm === 'sha256' && member.sha256 !== null) return member.sha256;
  return algorithm === member.hash_type ? member.hash : null;
}

async function hashStored(
  { objects }: Pick<ReceptionParts, 'objects'>,
  bundle: Bundle,
  { data_at, size }: CheckedMember,
  algorithm: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash(algorithm);
  for await (const piece of objects.read(tarIn(bundle.folder), data_at, data_at + size, signal))
    hash.update(piece);
  return hash.digest('hex');
}

async function unlistedFiles({ store }: ReceptionParts, bundle: Bundle) {
  const examples: string[] = [];
  let unlisted = 0;
  for (let from = 0; from < bundle.members; from += LOOK) {
    const files = filesIn(store, bundle.id, from).where('listed', '=', 0).where('path', '!=', 'metadata.txt');
    const { count } = await files
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    unlisted += Number(count);
    const missing = EXAMPLES - examples.length;
    if (Number(count) === 0 || missing === 0) continue;
    const some = await files.select('path').orderBy('position').limit(missing).execute();
    examples.push(...some.map(({ path }) => path));
  }
  return { unlisted, examples };
}

function filesIn({ read }: Store, bundleId: number, from: number) {
  return read
    .selectFrom('bundle_members')
    .where('bundle_id', '=', bundleId)
    .where('position', '>=', from)
    .where('position', '<', from + LOOK)
    .where('kind', '=', 'file');
}

function fault(rule: string, message: string): BundleFault {
  return new BundleFault('ingest files', rule, message);
}
