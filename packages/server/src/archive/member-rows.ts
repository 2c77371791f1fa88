import type { BulkRead, BulkWrite, BundleMembersTable, Store, Transaction, Value } from '../storage/index.ts';
import type { ReadMember } from '../tar/read-members.ts';

/** Rows that one transaction writes or removes at most: bounds how long everybody else waits. */
export const ROWS_AT_ONCE = 2_000;

const insertMembers: BulkWrite = {
  name: 'insert_bundle_members',
  table: 'bundle_members',
  mode: 'insert',
  columns: {
    bundle_id: 'int',
    position: 'int',
    path: 'text',
    kind: 'text',
    header_at: 'int',
    data_at: 'int',
    size: 'int',
    modified_at: 'int',
    mode: 'int',
    sha256: 'text',
    hash_type: 'text',
    hash: 'text',
    listed: 'int',
    mime_type: 'text',
  },
};

const updateListed: BulkWrite = {
  name: 'update_bundle_members_listed',
  table: 'bundle_members',
  mode: 'update',
  key: ['bundle_id', 'position'],
  columns: {
    bundle_id: 'int',
    position: 'int',
    hash_type: 'text',
    hash: 'text',
    listed: 'int',
    mime_type: 'text',
  },
};

/** What {@link CheckedMember} has. */
export const checkedColumns = [
  'position',
  'path',
  'kind',
  'data_at',
  'size',
  'sha256',
  'hash_type',
  'hash',
] as const;

/** What is held against the metadata. */
export type CheckedMember = Pick<BundleMembersTable, (typeof checkedColumns)[number]>;

/** One row a name, because a planner that knows nothing of a new table would read the whole bundle for a list of them. */
const readNamed: BulkRead = {
  name: 'read_bundle_members_named',
  table: 'bundle_members',
  columns: checkedColumns,
  key: { bundle_id: 'int', path: 'text' },
};

/** What is known of a member once the metadata has listed it. */
export interface Listing {
  readonly position: number;
  readonly hashType: string | null;
  readonly hash: string | null;
  readonly mimeType: string | null;
  /** Where its row has this hash already: in its place, or as its SHA-256. */
  readonly kept: 'hash' | 'sha256' | undefined;
}

/** Neighbours from so many on, of which the same is to be noted, are one statement instead of one each. */
const RANGE = 16;

export async function insertMemberRows(
  transaction: Transaction,
  bundleId: number,
  members: readonly ReadMember[],
): Promise<void> {
  await transaction.write(
    insertMembers,
    members.map((member): Value[] => [
      bundleId,
      member.position,
      member.path,
      member.kind,
      member.headerAt,
      member.dataAt,
      member.size,
      member.modified,
      member.mode,
      member.sha256,
      member.hashType,
      member.hash,
      0,
      null,
    ]),
  );
}

export async function noteListings(
  transaction: Transaction,
  bundleId: number,
  listings: readonly Listing[],
): Promise<void> {
  const single: Listing[] = [];
  for (const range of rangesOf(listings))
    if (range.length < RANGE) single.push(...range);
    else await noteRange(transaction, bundleId, range);
  await transaction.write(
    updateListed,
    single.map(({ position, hashType, hash, mimeType }): Value[] => [
      bundleId,
      position,
      hashType,
      hash,
      1,
      mimeType,
    ]),
  );
}

/** Runs of neighbours of which the same is to be noted. */
function rangesOf(listings: readonly Listing[]): Listing[][] {
  const ranges: Listing[][] = [];
  let before: Listing | undefined;
  for (const listing of listings) {
    const goesOn =
      listing.kept !== undefined &&
      listing.kept === before?.kept &&
      listing.position === before.position + 1 &&
      listing.mimeType === before.mimeType;
    if (goesOn) ranges.at(-1)?.push(listing);
    else ranges.push([listing]);
    before = listing;
  }
  return ranges;
}

async function noteRange({ db }: Transaction, bundleId: number, range: readonly Listing[]): Promise<void> {
  const [first, last] = [range[0] as Listing, range.at(-1) as Listing];
  await db
    .updateTable('bundle_members')
    .set((eb) => ({
      listed: 1,
      mime_type: first.mimeType,
      ...(first.kept === 'sha256' && { hash_type: 'sha256', hash: eb.ref('sha256') }),
    }))
    .where('bundle_id', '=', bundleId)
    .where('position', '>=', first.position)
    .where('position', '<=', last.position)
    .execute();
}

/** Members after a position, in the order of the tar. */
export async function membersAfter(
  { read }: Store,
  bundleId: number,
  position: number,
  limit: number,
): Promise<CheckedMember[]> {
  return await read
    .selectFrom('bundle_members')
    .select(checkedColumns)
    .where('bundle_id', '=', bundleId)
    .where('position', '>', position)
    .orderBy('position')
    .limit(limit)
    .execute();
}

/** Members of these paths, in any order; those that are not there are left out. */
export async function membersNamed(
  transaction: Transaction,
  bundleId: number,
  paths: readonly string[],
): Promise<CheckedMember[]> {
  return await transaction.read<CheckedMember>(
    readNamed,
    paths.map((path) => [bundleId, path]),
  );
}

/** Removes members from a position on, a chunk per transaction. */
export async function removeMemberRows(store: Store, bundleId: number, from = 0): Promise<void> {
  const last = await store.read
    .selectFrom('bundle_members')
    .select((eb) => eb.fn.max('position').as('position'))
    .where('bundle_id', '=', bundleId)
    .executeTakeFirst();
  for (let at = from; at <= (last?.position ?? -1); at += ROWS_AT_ONCE)
    await store.write(({ db }) =>
      db
        .deleteFrom('bundle_members')
        .where('bundle_id', '=', bundleId)
        .where('position', '>=', at)
        .where('position', '<', at + ROWS_AT_ONCE)
        .execute(),
    );
}

/** Members in the order of the tar, a page at a time. */
export async function* memberPages(store: Store, bundleId: number, size = 250) {
  for (let after = -1; ; ) {
    const rows = await store.read
      .selectFrom('bundle_members')
      .selectAll()
      .where('bundle_id', '=', bundleId)
      .where('position', '>', after)
      .orderBy('position')
      .limit(size)
      .execute();
    if (rows.length > 0) yield rows;
    if (rows.length < size) return;
    after = rows.at(-1)?.position ?? after;
  }
}
