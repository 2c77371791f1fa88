import type { JobSummary } from '@daybook/core';
import { useCallback, useSyncExternalStore } from 'react';

/**
 * The newest row of every job that the stream has spoken of. Lists keep the rows that they loaded, and each row shows the
 * newer of the two: only what changed is drawn again, and an answer that was overtaken by the stream does no harm.
 */
class LiveRows {
  readonly #rows = new Map<number, JobSummary>();
  readonly #listeners = new Map<number, Set<() => void>>();

  put(row: JobSummary): void {
    if (!isNewer(row, this.#rows.get(row.id))) return;
    this.#rows.delete(row.id);
    this.#rows.set(row.id, row);
    if (this.#rows.size > keptRows) this.#rows.delete(this.#rows.keys().next().value as number);
    for (const call of this.#listeners.get(row.id) ?? []) call();
  }

  get(id: number): JobSummary | undefined {
    return this.#rows.get(id);
  }

  all(): JobSummary[] {
    return [...this.#rows.values()];
  }

  clear(): void {
    this.#rows.clear();
  }

  subscribe(id: number, call: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(call));
    return () => {
      listeners.delete(call);
      if (listeners.size === 0) this.#listeners.delete(id);
    };
  }
}

const keptRows = 5_000;

function isNewer(row: JobSummary, than: JobSummary | undefined): boolean {
  return (
    than === undefined ||
    row.updatedAt > than.updatedAt ||
    (row.updatedAt === than.updatedAt && row.version >= than.version)
  );
}

export const liveRows = new LiveRows();

/** The row as it is now, whatever was loaded. Everything that only the whole job has is kept. */
export function useLiveRow<T extends JobSummary>(loaded: T): T {
  const id = loaded.id;
  const live = useSyncExternalStore(
    useCallback((call) => liveRows.subscribe(id, call), [id]),
    useCallback(() => liveRows.get(id), [id]),
  );
  return live && isNewer(live, loaded) ? { ...loaded, ...live } : loaded;
}
