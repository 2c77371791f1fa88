import { type BundleMember, formatBytes, visibleName } from '@daybook/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { useT } from '../words/language.tsx';
import css from './ingest.module.css';
import { type TreeRow, treeRows, useFolders } from './use-folders.ts';

interface MemberTreeProps {
  readonly bundleId: number;
  readonly chosen: string | undefined;
  readonly onChoose: (member: BundleMember) => void;
}

const ROW = 28;

/** What is in a bundle, as a tree: folders are asked for when they are opened, and only what is seen is drawn. */
export function MemberTree({ bundleId, chosen, onChoose }: MemberTreeProps) {
  const t = useT();
  const { folders, error, open, toggle, more } = useFolders(bundleId);
  const rows = useMemo(() => treeRows(folders), [folders]);
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  useEffect(() => open(''), [open]);
  const current = rows[Math.min(at, rows.length - 1)];
  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setAt(next);
    virtual.scrollToIndex(next, { align: 'auto' });
  };
  const act = (row: TreeRow) => {
    if (row.kind === 'more') more(row.folder);
    else if (row.member.kind === 'directory') toggle(row.member.path);
    else onChoose(row.member);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (step !== undefined) move(step);
    else if (current && (event.key === 'Enter' || event.key === ' ')) act(current);
    else if (
      current?.kind === 'member' &&
      current.isOpen !== undefined &&
      isTowards(event.key, current.isOpen)
    )
      toggle(current.member.path);
    else return;
    event.preventDefault();
  };
  return (
    <>
      {error !== undefined && <ErrorNote error={error} onRetry={() => open('')} />}
      <div
        ref={box}
        className={css.tree}
        role="tree"
        aria-label={t('ingest.files')}
        aria-activedescendant={current && `member-${at}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div role="none" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const place = { transform: `translateY(${start}px)`, paddingInlineStart: 8 + row.depth * 18 };
            return row.kind === 'more' ? (
              <div key={`more ${row.folder}`} role="none" className={css.member} style={place}>
                <Button look="plain" onClick={() => more(row.folder)}>
                  {t('jobs.more')}
                </Button>
              </div>
            ) : (
              <MemberRow
                key={row.member.path}
                {...{ row, index, place }}
                isChosen={row.member.path === chosen}
                isCurrent={index === at}
                onClick={() => {
                  setAt(index);
                  act(row);
                }}
              />
            );
          })}
        </div>
      </div>
    </>
  );
}

/** Right opens, left closes. */
function isTowards(key: string, isOpen: boolean): boolean {
  return key === (isOpen ? 'ArrowLeft' : 'ArrowRight');
}

interface MemberRowProps {
  readonly row: TreeRow & { readonly kind: 'member' };
  readonly index: number;
  readonly place: { readonly transform: string; readonly paddingInlineStart: number };
  readonly isChosen: boolean;
  readonly isCurrent: boolean;
  readonly onClick: () => void;
}

function MemberRow({ row, index, place, isChosen, isCurrent, onClick }: MemberRowProps) {
  const t = useT();
  const { member, depth, isOpen } = row;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree itself hears the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus, and says which row it is at
    <div
      id={`member-${index}`}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={isChosen}
      {...(isOpen !== undefined && { 'aria-expanded': isOpen })}
      data-current={isCurrent}
      className={css.member}
      style={place}
      onClick={onClick}
    >
      <span aria-hidden="true" className={css.twist}>
        {isOpen === undefined ? '' : isOpen ? '▾' : '▸'}
      </span>
      <span className={css.memberName}>
        <bdi>{visibleName(member.name)}</bdi>
      </span>
      {member.listed === false && member.path !== 'metadata.txt' && (
        <span className={css.faint}>{t('ingest.notListed')}</span>
      )}
      {member.size !== undefined && <span className={css.memberSize}>{formatBytes(member.size, t)}</span>}
    </div>
  );
}
