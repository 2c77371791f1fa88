import type { JobSummary } from '@daybook/core';
import { useNavigate } from '@tanstack/react-router';
import { type RefObject, useCallback, useMemo, useRef, useState } from 'react';
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts';
import { useT } from '../words/language.tsx';
import { useRowVerdict } from './use-row-verdict.ts';

interface RowKeys {
  readonly rows: readonly JobSummary[];
  readonly body: RefObject<HTMLDivElement | null>;
  /** Brings the row with this index onto the screen. */
  readonly scrollTo: (index: number) => void;
  readonly onShowNew: (() => void) | undefined;
  readonly onSelect: ((id: number, range: boolean) => void) | undefined;
}

/**
 * `j` and `k` move through the list by moving the focus, so that Enter, the browser and a screen reader all follow.
 * Gives the id of the row that they are at.
 */
export function useRowKeys({ rows, body, scrollTo, onShowNew, onSelect }: RowKeys): number | undefined {
  const t = useT();
  const navigate = useNavigate();
  const [currentId, setCurrentId] = useState<number>();
  const current = useRef<number>(undefined);
  useRowVerdict(useCallback(() => rows.find((row) => row.id === current.current), [rows]));
  const shortcuts = useMemo((): Shortcut[] => {
    const move = (step: number) => {
      const at = rows.findIndex((row) => row.id === current.current);
      const next = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step));
      const row = rows[next];
      if (!row) return;
      current.current = row.id;
      setCurrentId(row.id);
      scrollTo(next);
      focusRow(body, row.id);
    };
    const open = () => {
      const row = rows.find((each) => each.id === current.current);
      if (row) body.current?.querySelector<HTMLElement>(`[data-job="${row.id}"] a`)?.click();
    };
    const choose = (range: boolean) => current.current !== undefined && onSelect?.(current.current, range);
    const choosing = [
      { keys: 'x', label: t('keyboard.select'), run: () => choose(false) },
      { keys: 'X', label: t('bulk.selectTo'), run: () => choose(true) },
    ];
    return [
      ...(onSelect ? choosing : []),
      { keys: 'j', label: t('keyboard.next'), run: () => move(1) },
      { keys: 'k', label: t('keyboard.previous'), run: () => move(-1) },
      { keys: 'Enter', label: t('keyboard.open'), run: open },
      { keys: 'n', label: t('keyboard.refresh'), run: () => onShowNew?.() },
      { keys: 'u', label: t('jobs.filter.clear'), run: () => void navigate({ to: '/' }) },
    ];
  }, [t, rows, body, scrollTo, onShowNew, onSelect, navigate]);
  useShortcuts(shortcuts);
  return currentId;
}

/** The row may come into being only with the next frame, when the list has scrolled. */
function focusRow(body: RefObject<HTMLDivElement | null>, id: number, tries = 5): void {
  const link = body.current?.querySelector<HTMLElement>(`[data-job="${id}"] a`);
  if (link) link.focus({ preventScroll: true });
  else if (tries > 0) requestAnimationFrame(() => focusRow(body, id, tries - 1));
}
