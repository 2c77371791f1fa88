import { type BundleMember, toIso } from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import { decodeCursor, encodeCursor } from '../paging.ts';
import type { BundleMembersTable, Database } from '../storage/index.ts';

type Row = Selectable<BundleMembersTable>;

/** Rows that are read at once. */
const LOOK = 200;

/**
 * What lies directly in a folder (`data/a`; the root is empty), in the order of the bytes of the names. Jumps over what lies
 * deeper, so that a folder of a million files costs its parent nothing.
 */
export async function listFolder(
  db: Kysely<Database>,
  bundleId: number,
  folder: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: BundleMember[]; nextCursor?: string }> {
  const prefix = folder === '' ? '' : `${folder}/`;
  const list = `members ${bundleId} ${prefix}`;
  let from = cursor === undefined ? prefix : String(decodeCursor(list, cursor, ['text'])[0]);
  const items: BundleMember[] = [];
  for (;;) {
    const rows = await rowsFrom(db, bundleId, from);
    let jumped = false;
    for (const row of rows) {
      if (!row.path.startsWith(prefix)) return { items };
      if (items.length === limit) return { items, nextCursor: encodeCursor(list, [from]) };
      const slash = row.path.indexOf('/', prefix.length);
      if (slash < 0) {
        if (row.path !== '.') items.push(memberOf(row));
        // No name has a NUL: nothing stands between.
        from = `${row.path}\u0001`;
        continue;
      }
      const path = row.path.slice(0, slash);
      if (!(await hasRow(db, bundleId, path))) items.push(folderOf(path));
      // `0` follows `/`: behind everything in that folder.
      from = `${path}0`;
      jumped = true;
      break;
    }
    if (!jumped && rows.length < LOOK) return { items };
  }
}

/** Every file, in the order of the bytes of the paths. */
export async function listFiles(
  db: Kysely<Database>,
  bundleId: number,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: BundleMember[]; nextCursor?: string }> {
  const list = `files ${bundleId}`;
  const after = cursor === undefined ? '' : String(decodeCursor(list, cursor, ['text'])[0]);
  const rows = await db
    .selectFrom('bundle_members')
    .selectAll()
    .where('bundle_id', '=', bundleId)
    .where('kind', '=', 'file')
    .where('path', '>', after)
    .orderBy('path')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map(memberOf);
  const last = items.at(-1);
  return { items, ...(rows.length > limit && last && { nextCursor: encodeCursor(list, [last.path]) }) };
}

async function rowsFrom(db: Kysely<Database>, bundleId: number, from: string): Promise<Row[]> {
  return await db
    .selectFrom('bundle_members')
    .selectAll()
    .where('bundle_id', '=', bundleId)
    .where('path', '>=', from)
    .orderBy('path')
    .limit(LOOK)
    .execute();
}

/** A folder that the tar itself has stands where its own name does, not where its first file does. */
async function hasRow(db: Kysely<Database>, bundleId: number, path: string): Promise<boolean> {
  const row = await db
    .selectFrom('bundle_members')
    .select('position')
    .where('bundle_id', '=', bundleId)
    .where('path', '=', path)
    .executeTakeFirst();
  return row !== undefined;
}

function folderOf(path: string): BundleMember {
  return { path, name: nameOf(path), kind: 'directory' };
}

function memberOf(row: Row): BundleMember {
  if (row.kind === 'directory') return folderOf(row.path);
  return {
    path: row.path,
    name: nameOf(row.path),
    kind: 'file',
    size: row.size,
    ...(row.sha256 !== null && { sha256: row.sha256 }),
    ...(row.listed === 1 && row.hash !== null && { declared: `${row.hash_type}:${row.hash}` }),
    ...(row.mime_type !== null && { mimeType: row.mime_type }),
    ...(row.modified_at !== null && { modifiedAt: toIso(row.modified_at) }),
    listed: row.listed === 1,
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
