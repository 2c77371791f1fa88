import { toIso } from '@daybook/core';
import type { Selectable } from 'kysely';
import type { BundleMembersTable, BundlesTable, Store } from '../storage/index.ts';
import { memberPages } from './member-rows.ts';
import type { ReceiptFacts } from './receipt.ts';

type Bundle = Selectable<BundlesTable>;
type Member = Selectable<BundleMembersTable>;

/**
 * The text of `manifest.json`, piece by piece, one member a line: what a text editor, `grep` and `sha256sum` need to check the tar
 * beside it without Daybook. docs/archive.md describes it.
 */
export async function* manifestText(
  store: Store,
  bundle: Pick<Bundle, 'id' | 'size' | 'skeleton'>,
  facts: ReceiptFacts & { readonly metadata: readonly unknown[] },
): AsyncGenerator<string> {
  const { metadata, ...rest } = facts;
  const head = {
    format: 'daybook-bundle-manifest/1',
    ...rest,
    tar: { name: 'bundle.tar', size: bundle.size, skeletonCrc32: bundle.skeleton },
    metadata,
  };
  yield `${JSON.stringify(head, null, 1).slice(0, -2)},\n "members": [`;
  let separator = '\n';
  for await (const members of memberPages(store, bundle.id)) {
    yield separator + members.map(memberLine).join(',\n');
    separator = ',\n';
  }
  yield '\n]}\n';
}

/** Written by hand, because a million objects with parts that may be missing take three times as long; what people wrote is escaped. */
function memberLine(member: Member): string {
  const { path, kind, size, sha256, hash, listed, modified_at: modified, mime_type: mimeType } = member;
  const isListed = listed === 1;
  let line = sha256 === null ? '{' : `{"sha256":"${sha256}",`;
  line += `"path":${JSON.stringify(path)},"kind":"${kind}","size":${size}`;
  line += `,"offset":${member.data_at},"headerOffset":${member.header_at},"mode":"${member.mode.toString(8)}"`;
  if (modified !== null) line += `,"modifiedAt":"${toIso(modified)}"`;
  if (kind === 'file') line += `,"listed":${isListed}`;
  if (isListed && hash !== null) line += `,"declared":"${member.hash_type}:${hash}"`;
  if (mimeType !== null) line += `,"mimeType":${JSON.stringify(mimeType)}`;
  return `${line}}`;
}
