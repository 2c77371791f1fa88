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
    yield separator + members.map((member) => JSON.stringify(memberLine(member))).join(',\n');
    separator = ',\n';
  }
  yield '\n]}\n';
}

function memberLine(member: Member) {
  const { path, kind, size, sha256 } = member;
  return {
    ...(sha256 !== null && { sha256 }),
    path,
    kind,
    size,
    offset: member.data_at,
    headerOffset: member.header_at,
    mode: member.mode.toString(8),
    ...(member.modified_at !== null && { modifiedAt: toIso(member.modified_at) }),
    ...(kind === 'file' && { listed: member.listed === 1 }),
    ...(member.listed === 1 && member.hash !== null && { declared: `${member.hash_type}:${member.hash}` }),
    ...(member.mime_type !== null && { mimeType: member.mime_type }),
  };
}
