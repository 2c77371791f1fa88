import type { BulkWrite, Store, Transaction, Value } from '../storage/index.ts';
import type { ReadMember } from '../tar/tar-reading.ts';

/** Rows that one transaction writes or removes at most: bounds how long everybody else waits. */
export const ROWS_AT_ONCE = 5_000;

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

/** What is known of a member once the metadata has listed it. */
export interface Listing {
  readonly position: number;
  readonly hashType: string | null;
  readonly hash: string | null;
  readonly mimeType: string | null;
}

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
  await transaction.write(
    updateListed,
    listings.map(({ position, hashType, hash, mimeType }): Value[] => [
      bundleId,
      position,
      hashType,
      hash,
      1,
      mimeType,
    ]),
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
export async function* memberPages(store: Store, bundleId: number, size = 2_000) {
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
