import { useCallback, useState } from 'react';
import { storedText } from '../ui/stored-text.ts';
import type { Draft } from './draft.ts';

/** The draft of a job. It outlives reload, sign-out and a server that is away. */
export function useDraft(jobId: number): [Draft | undefined, (draft: Draft | undefined) => void] {
  const [draft, setDraft] = useState<Draft | undefined>(() => readDraft(jobId));
  const keep = useCallback(
    (next: Draft | undefined) => {
      keepDraft(jobId, next);
      setDraft(next);
    },
    [jobId],
  );
  return [draft, keep];
}

export function hasDraft(jobId: number): boolean {
  return readDraft(jobId) !== undefined;
}

/** Forgets a draft that was saved elsewhere. */
export function dropDraft(jobId: number): void {
  keepDraft(jobId, undefined);
}

/** Keeps a draft for whoever opens the job next; none is forgotten. */
export function keepDraft(jobId: number, draft: Draft | undefined): void {
  storedText(keyOf(jobId)).set(draft ? JSON.stringify(draft) : null);
}

const prefix = 'daybook.draft.';

function keyOf(jobId: number): string {
  return `${prefix}${jobId}`;
}

/** The draft as it is kept. */
export function readDraft(jobId: number): Draft | undefined {
  try {
    return draftIn(JSON.parse(storedText(keyOf(jobId)).get() ?? 'null'), jobId);
  } catch {
    return undefined;
  }
}

function draftIn(value: unknown, jobId: number): Draft | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  // The first drafts had no name, and did not say what was.
  const { name = `#${jobId}`, was = {}, changes } = value as Partial<Draft>;
  return typeof changes === 'object' && changes !== null ? { name, was, changes } : undefined;
}
