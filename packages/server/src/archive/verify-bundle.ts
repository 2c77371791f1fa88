import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Selectable } from 'kysely';
import type { BundlesTable, Store } from '../storage/index.ts';
import type { LaneState } from '../tar/lane.ts';
import type { ReadMember } from '../tar/read-members.ts';
import { TarFault } from '../tar/tar-fault.ts';
import { type ReadPiece, TarReading } from '../tar/tar-reading.ts';
import type { TarThreads } from '../tar/tar-threads.ts';
import type { ObjectStore } from './object-store.ts';
import { MissingObjectError } from './object-store.ts';
import { manifestNamedIn } from './receipt.ts';

/** Something that is not as the index says. */
export interface Difference {
  readonly kind:
    | 'missing'
    | 'size_different'
    | 'tar_damaged'
    | 'member_different'
    | 'hash_different'
    | 'manifest_different'
    | 'receipt_different';
  readonly path: string | null;
  readonly expected: string | null;
  readonly found: string | null;
}

export type VerifiedBundle = Pick<
  Selectable<BundlesTable>,
  'id' | 'folder' | 'size' | 'members' | 'skeleton' | 'manifest_sha256' | 'manifest_size'
>;

export interface VerifyParts {
  readonly store: Store;
  readonly objects: ObjectStore;
  readonly threads: TarThreads;
}

export interface VerifyOptions {
  readonly signal: AbortSignal;
  /** Bytes a second; 0 is no limit. */
  readonly rate: number;
  /** Goes on after that piece. */
  readonly from?: LaneState | undefined;
  /** Told where it could go on: between two members. */
  onBoundary(state: LaneState): Promise<void>;
}

/** More than so many differences say no more than that the bundle is lost. */
const MOST = 100;
/** Bytes of a receipt that are looked at: it says a dozen facts. */
const LARGEST_RECEIPT = 1024 * 1024;
/** Bytes between two places where it could go on. */
const NOTED = 64 * 1024 * 1024;

/**
 * Reads a bundle anew, whole, and tells what differs from its index: the tar through the same parser and hashes as when it came,
 * the manifest, and which one the receipt names. Changes nothing.
 */
export async function verifyBundle(
  parts: VerifyParts,
  bundle: VerifiedBundle,
  options: VerifyOptions,
): Promise<Difference[]> {
  const stored = await parts.objects.size({ folder: bundle.folder, name: 'bundle.tar' });
  if (stored === undefined) return [difference('missing', 'bundle.tar', String(bundle.size), null)];
  const differences =
    stored === bundle.size
      ? []
      : [difference('size_different', 'bundle.tar', String(bundle.size), String(stored))];
  differences.push(
    ...(await verifyTar(parts, bundle, options)),
    ...(await verifyManifest(parts, bundle)),
    ...(await verifyReceipt(parts, bundle)),
  );
  return differences.slice(0, MOST);
}

async function verifyTar(
  { store, objects, threads }: VerifyParts,
  bundle: VerifiedBundle,
  { signal, rate, from, onBoundary }: VerifyOptions,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  let state: LaneState | undefined = from;
  let noted = from?.parser.position ?? 0;
  const reading = new TarReading({
    threads,
    guess: false,
    ...(from !== undefined && { from }),
    onPiece: async (piece: ReadPiece) => {
      differences.push(...(await compare(store, bundle.id, piece.members.unpack())));
      state = piece.state;
      if (state.open !== null || differences.length > 0 || piece.end - noted < NOTED) return;
      noted = piece.end;
      await onBoundary(state);
    },
  });
  try {
    const pace = new Pace(rate);
    const begin = from?.parser.position ?? 0;
    for await (const piece of objects.read(
      { folder: bundle.folder, name: 'bundle.tar' },
      begin,
      bundle.size,
      signal,
    )) {
      await reading.write(piece);
      if (differences.length >= MOST) return differences;
      await pace.spend(piece.length, signal);
    }
    await reading.end();
    return [...differences, ...compareEnd(bundle, state)];
  } catch (error) {
    if (!(error instanceof TarFault)) throw error;
    return [...differences, difference('tar_damaged', null, null, error.message)];
  } finally {
    reading.close();
    await reading.settled();
  }
}

/** Members against their rows. */
async function compare(
  store: Store,
  bundleId: number,
  members: readonly ReadMember[],
): Promise<Difference[]> {
  const [first, last] = [members[0], members.at(-1)];
  if (first === undefined || last === undefined) return [];
  const rows = await store.bulk
    .selectFrom('bundle_members')
    .select(['position', 'path', 'kind', 'data_at', 'size', 'sha256'])
    .where('bundle_id', '=', bundleId)
    .where('position', '>=', first.position)
    .where('position', '<=', last.position)
    .execute();
  const known = new Map(rows.map((row) => [row.position, row]));
  return members.flatMap((member) => {
    const row = known.get(member.position);
    if (row === undefined) return [difference('member_different', member.path, null, member.path)];
    const expected = `${row.kind} ${row.path}, ${row.size} bytes at ${row.data_at}`;
    const found = `${member.kind} ${member.path}, ${member.size} bytes at ${member.dataAt}`;
    if (expected !== found) return [difference('member_different', row.path, expected, found)];
    return row.sha256 === member.sha256
      ? []
      : [difference('hash_different', row.path, row.sha256, member.sha256)];
  });
}

function compareEnd(bundle: VerifiedBundle, state: LaneState | undefined): Difference[] {
  const members = state?.parser.members ?? 0;
  if (members !== bundle.members)
    return [difference('member_different', null, `${bundle.members} members`, `${members} members`)];
  const skeleton = (state?.skeleton ?? 0).toString(16).padStart(8, '0');
  return skeleton === bundle.skeleton
    ? []
    : [difference('tar_damaged', null, `CRC-32 ${bundle.skeleton} of headers and padding`, skeleton)];
}

async function verifyManifest({ objects }: VerifyParts, bundle: VerifiedBundle): Promise<Difference[]> {
  const hash = createHash('sha256');
  try {
    const size = (bundle.manifest_size ?? 0) + 1;
    for await (const piece of objects.read({ folder: bundle.folder, name: 'manifest.json' }, 0, size))
      hash.update(piece);
  } catch (error) {
    if (!(error instanceof MissingObjectError)) throw error;
    return [difference('missing', 'manifest.json', bundle.manifest_sha256, null)];
  }
  const found = hash.digest('hex');
  return found === bundle.manifest_sha256
    ? []
    : [difference('manifest_different', 'manifest.json', bundle.manifest_sha256, found)];
}

/** It must name our manifest; whether it is signed well is for whoever has kept the key. */
async function verifyReceipt({ objects }: VerifyParts, bundle: VerifiedBundle): Promise<Difference[]> {
  const pieces: Uint8Array[] = [];
  try {
    const key = { folder: bundle.folder, name: 'receipt.json' } as const;
    for await (const piece of objects.read(key, 0, LARGEST_RECEIPT)) pieces.push(piece);
  } catch (error) {
    if (!(error instanceof MissingObjectError)) throw error;
    return [difference('missing', 'receipt.json', bundle.manifest_sha256, null)];
  }
  const found = manifestNamedIn(Buffer.concat(pieces).toString('utf8'));
  return found === bundle.manifest_sha256
    ? []
    : [difference('receipt_different', 'receipt.json', bundle.manifest_sha256, found ?? null)];
}

function difference(
  kind: Difference['kind'],
  path: string | null,
  expected: string | null,
  found: string | null,
): Difference {
  return { kind, path, expected, found };
}

/** Lets no more bytes pass in a second than it may. */
class Pace {
  readonly #rate: number;
  #due = performance.now();

  constructor(rate: number) {
    this.#rate = rate;
  }

  async spend(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.#rate <= 0) return;
    this.#due = Math.max(this.#due, performance.now() - 1_000) + (bytes / this.#rate) * 1_000;
    const wait = this.#due - performance.now();
    if (wait > 5) await sleep(wait, undefined, { signal });
  }
}
