import { useEffect, useSyncExternalStore } from 'react';
import css from './toast.module.css';

let current: { readonly text: string; readonly serial: number } | undefined;
let serial = 0;
const listeners = new Set<() => void>();

function show(text: string | undefined): void {
  current = text === undefined ? undefined : { text, serial: ++serial };
  for (const call of listeners) call();
}

/** Says in passing that something was done. What needs an answer or must not be missed does not belong here. */
export function announce(text: string): void {
  show(text);
}

function subscribe(call: () => void): () => void {
  listeners.add(call);
  return () => listeners.delete(call);
}

export function Toast() {
  const toast = useSyncExternalStore(subscribe, () => current);
  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => show(undefined), 4_000);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <div role="status" className={css.place}>
      {toast && (
        <p key={toast.serial} className={css.toast}>
          {toast.text}
        </p>
      )}
    </div>
  );
}
