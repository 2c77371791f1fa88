import { useEffect, useSyncExternalStore } from 'react';

/** A key of the page: one letter, or two that are pressed one after the other (`g j`). */
export interface Shortcut {
  readonly keys: string;
  /** What it does, for the list of keys. */
  readonly label: string;
  readonly run: () => void;
}

const registered = new Set<readonly Shortcut[]>();
const listeners = new Set<() => void>();
let shown: readonly Shortcut[] = [];
let pending = '';
let pendingUntil = 0;

function renew(): void {
  shown = [...registered].flat();
  for (const call of listeners) call();
}

/** Makes keys work as long as the component is drawn. `shortcuts` should be memoised. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  useEffect(() => {
    registered.add(shortcuts);
    renew();
    return () => {
      registered.delete(shortcuts);
      renew();
    };
  }, [shortcuts]);
}

/** The keys that work just now. */
export function useShownShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (call) => {
      listeners.add(call);
      return () => listeners.delete(call);
    },
    () => shown,
  );
}

/** Listens on the whole page; typing into a field and open dialogs are left alone. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
      return;
    if (document.querySelector('dialog[open]')) return;
    if (event.key === 'Enter' && isPressed(event.target)) return;
    const chord = pending !== '' && event.timeStamp < pendingUntil ? `${pending} ${event.key}` : event.key;
    pending = '';
    // The newest page goes before the shell.
    const found = shown.findLast((each) => each.keys === chord);
    if (found) {
      event.preventDefault();
      found.run();
    } else if (shown.some((each) => each.keys.startsWith(`${event.key} `))) {
      pending = event.key;
      pendingUntil = event.timeStamp + 1_200;
    }
  });
}

/** A box to tick has the focus after a click, and takes no letters. */
const textFields = 'input:not([type="checkbox"]), textarea, select';

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(textFields));
}

/** On a link or a button Enter means it, whatever it means on the page. */
function isPressed(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('a, button, summary') !== null;
}
