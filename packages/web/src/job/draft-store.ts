import { useCallback, useState } from 'react';
import { storedKeys, storedText } from '../ui/stored-text.ts';
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

/** Drafts that the browser refuses to keep: they go with the page. */
const unkept = new Map<number, Draft>();

/** Keeps a draft for whoever opens the job next; none is forgotten. */
export function keepDraft(jobId: number, draft: Draft | undefined): void {
  const text = draft ? JSON.stringify(draft) : null;
  storedText(keyOf(jobId)).set(text);
  if (draft && storedText(keyOf(jobId)).get() !== text) unkept.set(jobId, draft);
  else unkept.delete(jobId);
  // Only then would anything be lost with the page.
  if (unkept.size > 0) addEventListener('beforeunload', askBeforeLeaving);
  else removeEventListener('beforeunload', askBeforeLeaving);
}

function askBeforeLeaving(event: Event): void {
  event.preventDefault();
}

const prefix = 'daybook.draft.';

function keyOf(jobId: number): string {
  return `${prefix}${jobId}`;
}

/** The draft as it is kept. */
export function readDraft(jobId: number): Draft | undefined {
  try {
    return unkept.get(jobId) ?? draftIn(JSON.parse(storedText(keyOf(jobId)).get() ?? 'null'), jobId);
  } catch {
    return undefined;
  }
}

/** The jobs that have a draft, by what they are called. */
export function draftedJobs(): readonly { readonly id: number; readonly name: string }[] {
  const kept = storedKeys(prefix).map((key) => Number(key.slice(prefix.length)));
  return [...new Set([...kept, ...unkept.keys()])]
    .sort((a, b) => a - b)
    .flatMap((id) => {
      const draft = readDraft(id);
      return draft ? [{ id, name: draft.name }] : [];
    });
}

function draftIn(value: unknown, jobId: number): Draft | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  // The first drafts had no name, and did not say what was.
  const { name = `#${jobId}`, was = {}, changes } = value as Partial<Draft>;
  return typeof changes === 'object' && changes !== null ? { name, was, changes } : undefined;
}
