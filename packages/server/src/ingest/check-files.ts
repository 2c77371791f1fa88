import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import { type Listing, noteListings } from '../archive/member-rows.ts';
import { tarIn } from '../archive/tar-object.ts';
import type { BundleMembersTable, BundlesTable } from '../storage/index.ts';
import { platformHash } from '../tar/algorithms.ts';
import { BundleFault } from './bundle-fault.ts';
import type { CheckOptions, ListedFile } from './reception.ts';
import type { ReceptionParts } from './reception-parts.ts';

type Bundle = Pick<Selectable<BundlesTable>, 'id' | 'folder'>;
type Member = Pick<
  Selectable<BundleMembersTable>,
  'position' | 'path' | 'kind' | 'data_at' | 'size' | 'sha256' | 'hash_type' | 'hash'
>;

/** Files that are looked up at once. */
const AT_ONCE = 400;
const EXAMPLES = 20;

/**
 * Holds a bundle's members against what its metadata lists (contracts/pacifica.md: what fails in `ingest files`). Throws
 * BundleFault for the first file that is missing or different.
 */
export async function checkFiles(
  parts: ReceptionParts,
  bundle: Bundle,
  listed: Iterable<ListedFile> | AsyncIterable<ListedFile>,
  { strictListing, signal, onProgress }: CheckOptions,
): Promise<{ unlisted: number; examples: string[] }> {
  await hashDeferred(parts, bundle, signal);
  let checked = 0;
  let batch: ListedFile[] = [];
  const check = async () => {
    signal?.throwIfAborted();
    await checkBatch(parts, bundle, batch, signal);
    checked += batch.length;
    batch = [];
    onProgress?.(checked);
  };
  for await (const file of listed) {
    batch.push(file);
    if (batch.length === AT_ONCE) await check();
  }
  if (batch.length > 0) await check();
  const found = await unlistedFiles(parts, bundle);
  if (strictListing && found.unlisted > 0)
    throw fault(
      'unlisted',
      `${found.unlisted} files are not listed in metadata.txt, such as ${found.examples[0]}.`,
    );
  return found;
}

/** Hashes what was open when its reception went on in another process. */
export async function hashDeferred(
  { store, objects }: ReceptionParts,
  bundle: Bundle,
  signal?: AbortSignal,
): Promise<void> {
  const members = await store.read
    .selectFrom('bundle_members')
    .select(['position', 'path', 'kind', 'data_at', 'size', 'sha256', 'hash_type', 'hash'])
    .where('bundle_id', '=', bundle.id)
    .where('kind', '=', 'file')
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

async function checkBatch(
  parts: ReceptionParts,
  bundle: Bundle,
  files: readonly ListedFile[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const members = await membersAt(
    parts,
    bundle,
    files.flatMap(({ path }) => formsOf(path)),
  );
  const listings: Listing[] = [];
  for (const file of files) {
    const member = formsOf(file.path)
      .map((path) => members.get(path))
      .find((found) => found !== undefined);
    if (member === undefined || member.kind !== 'file')
      throw fault('file-missing', `The file ${file.path} is listed in metadata.txt and not in the tar.`);
    if (file.size !== undefined && file.size !== member.size)
      throw fault(
        'size-different',
        `The file ${file.path} has ${member.size} bytes, metadata.txt says ${file.size}.`,
      );
    const declared = await checkHash(parts, bundle, file, member, signal);
    listings.push({ position: member.position, mimeType: file.mimeType ?? null, ...declared });
  }
  await parts.store.write((transaction) => noteListings(transaction, bundle.id, listings));
}

/** A name that a Mac wrote is in another Unicode form than what lists it; no two names differ in that alone. */
function formsOf(path: string): string[] {
  return [path, ...['NFC', 'NFD'].map((form) => path.normalize(form)).filter((form) => form !== path)];
}

async function membersAt({ store }: ReceptionParts, bundle: Bundle, paths: readonly string[]) {
  const rows: Member[] = await store.read
    .selectFrom('bundle_members')
    .select(['position', 'path', 'kind', 'data_at', 'size', 'sha256', 'hash_type', 'hash'])
    .where('bundle_id', '=', bundle.id)
    .where('path', 'in', paths)
    .execute();
  return new Map(rows.map((row) => [row.path, row]));
}

/** What it declares, once it was found right: as the platform calls the hash, in small letters. */
async function checkHash(
  parts: ReceptionParts,
  bundle: Bundle,
  { path, hashType, hash }: ListedFile,
  member: Member,
  signal: AbortSignal | undefined,
): Promise<{ hashType: string | null; hash: string | null }> {
  const algorithm = hashType === undefined ? byLength(hash) : platformHash(hashType);
  if (algorithm === undefined && (hashType !== undefined || hash !== undefined))
    throw fault(
      'hash-unknown',
      `The file ${path} is hashed with ${hashType ?? 'something unknown'}, which Daybook does not know.`,
    );
  if (algorithm === undefined || hash === undefined) return { hashType: null, hash: null };
  const expected = hash.toLowerCase();
  const found = await hashOf(parts, bundle, member, algorithm, signal);
  if (found !== expected)
    throw fault(
      'hash-different',
      `The file ${path} has the ${algorithm} hash ${found}, metadata.txt says ${expected}.`,
    );
  return { hashType: algorithm, hash: found };
}

/** Documents without `hashtype`: the length says which hash it is. */
function byLength(hash: string | undefined): string | undefined {
  return { 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' }[hash?.length ?? 0];
}

async function hashOf(
  parts: ReceptionParts,
  bundle: Bundle,
  member: Member,
  algorithm: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (algorithm === 'sha256' && member.sha256 !== null) return member.sha256;
  if (algorithm === member.hash_type && member.hash !== null) return member.hash;
  return await hashStored(parts, bundle, member, algorithm, signal);
}

async function hashStored(
  { objects }: Pick<ReceptionParts, 'objects'>,
  bundle: Bundle,
  { data_at, size }: Member,
  algorithm: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash(algorithm);
  for await (const piece of objects.read(tarIn(bundle.folder), data_at, data_at + size, signal))
    hash.update(piece);
  return hash.digest('hex');
}

async function unlistedFiles({ store }: ReceptionParts, bundle: Bundle) {
  const unlisted = store.read
    .selectFrom('bundle_members')
    .where('bundle_id', '=', bundle.id)
    .where('kind', '=', 'file')
    .where('listed', '=', 0)
    .where('path', '!=', 'metadata.txt');
  const { count } = await unlisted
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const some = await unlisted.select('path').orderBy('position').limit(EXAMPLES).execute();
  return { unlisted: Number(count), examples: some.map(({ path }) => path) };
}

function fault(rule: string, message: string): BundleFault {
  return new BundleFault('ingest files', rule, message);
}
