import type { BundleMember } from '@daybook/core';
import { useCallback, useState } from 'react';
import { folderPage } from './queries.ts';

/** What is known of a folder. */
export interface Folder {
  readonly items: readonly BundleMember[];
  readonly nextCursor: string | undefined;
  readonly isOpen: boolean;
}

export type Folders = ReadonlyMap<string, Folder>;

/** A line of the tree: a member, or that there is more in a folder. */
export type TreeRow =
  | {
      readonly kind: 'member';
      readonly member: BundleMember;
      readonly depth: number;
      /** undefined for what is no folder. */
      readonly isOpen: boolean | undefined;
    }
  | { readonly kind: 'more'; readonly folder: string; readonly depth: number };

/** The lines of what is open, in order. */
export function treeRows(folders: Folders, folder = '', depth = 0): TreeRow[] {
  const known = folders.get(folder);
  if (known === undefined) return [];
  const rows: TreeRow[] = [];
  for (const member of known.items) {
    const isOpen = member.kind === 'directory' ? (folders.get(member.path)?.isOpen ?? false) : undefined;
    rows.push({ kind: 'member', member, depth, isOpen });
    if (isOpen === true) for (const row of treeRows(folders, member.path, depth + 1)) rows.push(row);
  }
  if (known.nextCursor !== undefined) rows.push({ kind: 'more', folder, depth });
  return rows;
}

/** The folders of a bundle, as far as they were looked into. */
export function useFolders(bundleId: number) {
  const [folders, setFolders] = useState<Folders>(new Map());
  const [error, setError] = useState<unknown>();
  const load = useCallback(
    (folder: string, cursor: string | undefined) => {
      folderPage(bundleId, folder, cursor).then(({ items, nextCursor }) => {
        setError(undefined);
        setFolders((known) => {
          const before = cursor === undefined ? [] : (known.get(folder)?.items ?? []);
          return new Map(known).set(folder, { items: [...before, ...items], nextCursor, isOpen: true });
        });
      }, setError);
    },
    [bundleId],
  );
  const open = useCallback((folder: string) => load(folder, undefined), [load]);
  const toggle = (folder: string) => {
    const known = folders.get(folder);
    if (known === undefined) load(folder, undefined);
    else setFolders(new Map(folders).set(folder, { ...known, isOpen: !known.isOpen }));
  };
  const more = (folder: string) => load(folder, folders.get(folder)?.nextCursor);
  return { folders, error, open, toggle, more };
}
