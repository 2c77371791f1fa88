import type { JobSummary } from '@daybook/core';
import { useCallback, useMemo, useRef, useState } from 'react';
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts';
import { useT } from '../words/language.tsx';
import { isEmpty, nothingSelected, type Selection, select } from './selection.ts';

export interface SelectionOfList {
  readonly selection: Selection;
  readonly onSelect: (id: number, range: boolean) => void;
  readonly set: (selection: Selection) => void;
}

/** What is chosen of one list; another search begins with nothing. */
export function useSelection(list: string, rows: readonly JobSummary[]): SelectionOfList {
  const t = useT();
  const [kept, setKept] = useState({ list, selection: nothingSelected });
  const selection = kept.list === list ? kept.selection : nothingSelected;
  const now = useRef({ selection, rows });
  now.current = { selection, rows };
  const set = useCallback((next: Selection) => setKept({ list, selection: next }), [list]);
  const onSelect = useCallback(
    (id: number, range: boolean) =>
      set(
        select(
          now.current.selection,
          now.current.rows.map((row) => row.id),
          id,
          range,
        ),
      ),
    [set],
  );
  const nothing = isEmpty(selection);
  useShortcuts(
    useMemo(
      (): Shortcut[] =>
        nothing ? [] : [{ keys: 'Escape', label: t('bulk.clear'), run: () => set(nothingSelected) }],
      [t, set, nothing],
    ),
  );
  return { selection, onSelect, set };
}
