import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { BundleMembersTable, Store } from '../../storage/index.ts';
import { memberPages } from '../member-rows.ts';
import type { ObjectStore } from '../object-store.ts';
import { tarIn } from '../tar-object.ts';
import { tarEnd, tarHeader, tarPadding } from '../tar-writer.ts';

/** What is exported: a bundle, and where its bytes and rows are. */
export interface Exported {
  readonly id: number;
  readonly jobId: number;
  readonly folder: string;
  readonly size: number;
  readonly publishedAt: number;
  readonly store: Store;
  readonly objects: ObjectStore;
}

export type ExportedMember = Selectable<BundleMembersTable>;

/** A file of an export: its size is known before its bytes are made, for the header in front of them. */
export interface ExportFile {
  readonly path: string;
  readonly size: number;
  bytes(): AsyncIterable<Uint8Array>;
}

/** Every file of the bundle, in the order of the tar. */
export async function* filesOf({ store, id }: Exported): AsyncGenerator<ExportedMember> {
  for await (const members of memberPages(store, id))
    for (const member of members) if (member.kind === 'file') yield member;
}

/** A member of the bundle, under another path. */
export function memberFile(
  { objects, folder }: Exported,
  { data_at, size }: ExportedMember,
  path: string,
): ExportFile {
  return { path, size, bytes: () => objects.read(tarIn(folder), data_at, data_at + size) };
}

/** Text that is made twice: to know its size and hash, and to be sent. A million members fit, because none of it is kept. */
export async function textFile(
  path: string,
  text: () => Iterable<string> | AsyncIterable<string>,
): Promise<ExportFile & { readonly sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of text()) {
    hash.update(piece);
    size += Buffer.byteLength(piece);
  }
  const bytes = async function* () {
    for await (const piece of text()) yield Buffer.from(piece);
  };
  return { path, size, sha256: hash.digest('hex'), bytes };
}

/** A tar of files, as it is sent. */
export async function* tarOf(files: AsyncIterable<ExportFile>, modified: number): AsyncGenerator<Uint8Array> {
  for await (const file of files) {
    yield tarHeader(file.path, file.size, modified);
    yield* file.bytes();
    const padding = tarPadding(file.size);
    if (padding.length > 0) yield padding;
  }
  yield tarEnd;
}
