import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import css from './toast.module.css';

interface Said {
  readonly text: string;
  readonly way?: ReactNode;
}

let current: (Said & { readonly serial: number }) | undefined;
let serial = 0;
const listeners = new Set<() => void>();

function show(said: Said | undefined): void {
  current = said && { ...said, serial: ++serial };
  for (const call of listeners) call();
}

/**
 * Says in passing that something was done; `way` is a link to where it was. What needs an answer or must not be missed does
 * not belong here.
 */
export function announce(text: string, way?: ReactNode): void {
  show({ text, way });
}

/** Takes back what was said: it is not true any more. */
export function fallSilent(): void {
  show(undefined);
}

function subscribe(call: () => void): () => void {
  listeners.add(call);
  return () => listeners.delete(call);
}

export function Toast() {
  const toast = useSyncExternalStore(subscribe, () => current);
  useEffect(() => {
    if (!toast) return;
    // A link wants to be reached, too.
    const timer = setTimeout(() => show(undefined), toast.way ? 10_000 : 4_000);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <div role="status" className={css.place}>
      {toast && (
        <p key={toast.serial} className={css.toast}>
          {toast.text} {toast.way}
        </p>
      )}
    </div>
  );
}
