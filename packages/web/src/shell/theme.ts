import { useSyncExternalStore } from 'react';
import { storedText } from '../ui/stored-text.ts';

export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** index.html reads the same key before the first paint. */
const stored = storedText('daybook.theme');
const listeners = new Set<() => void>();

function currentTheme(): Theme {
  return themes.find((theme) => theme === document.documentElement.dataset['theme']) ?? 'auto';
}

export function setTheme(theme: Theme): void {
  stored.set(theme === 'auto' ? null : theme);
  document.documentElement.dataset['theme'] = theme;
  for (const call of listeners) call();
}

/** The other of light and dark, whatever shows now. */
export function switchTheme(): void {
  const theme = currentTheme();
  const dark = theme === 'auto' ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
  setTheme(dark ? 'light' : 'dark');
}

export function useTheme(): Theme {
  return useSyncExternalStore((call) => {
    listeners.add(call);
    return () => listeners.delete(call);
  }, currentTheme);
}
