import type { QueryError } from '@daybook/core';
import { useSyncExternalStore } from 'react';

/** What stands in the search box and cannot be read: until it can, the list below shows the query before it. */
export interface UnreadQuery {
  readonly fault: QueryError;
  /** Puts the query that is shown back into the box. */
  readonly drop: () => void;
}

let current: UnreadQuery | undefined;
const listeners = new Set<() => void>();

/** The box and the list are in different parts of the page, so the one leaves a word here for the other. */
export function tellUnread(unread: UnreadQuery | undefined): void {
  if (unread === current) return;
  current = unread;
  for (const call of listeners) call();
}

function subscribe(call: () => void): () => void {
  listeners.add(call);
  return () => listeners.delete(call);
}

export function useUnread(): UnreadQuery | undefined {
  return useSyncExternalStore(subscribe, () => current);
}
