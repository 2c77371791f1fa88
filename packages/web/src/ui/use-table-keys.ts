import { useMemo } from 'react';
import { useT } from '../words/language.tsx';
import { type Shortcut, useShortcuts } from './shortcuts.ts';

/** `j` and `k` move through the tables of the page by moving the focus; what has the focus is opened by Enter. */
export function useTableKeys(): void {
  const t = useT();
  useShortcuts(
    useMemo(
      (): Shortcut[] => [
        { keys: 'j', label: t('keyboard.next'), run: () => focusRow(1) },
        { keys: 'k', label: t('keyboard.previous'), run: () => focusRow(-1) },
      ],
      [t],
    ),
  );
}

function focusRow(step: 1 | -1): void {
  const places = [...document.querySelectorAll('#content tbody tr')].flatMap((row) => {
    const place = row.querySelector<HTMLElement>('a, button');
    return place ? [{ row, place }] : [];
  });
  const at = places.findIndex(({ row }) => row.contains(document.activeElement));
  const next = at < 0 ? 0 : Math.min(places.length - 1, Math.max(0, at + step));
  places[next]?.place.focus();
}
