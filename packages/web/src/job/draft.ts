import type { AnalysisStatus, Assessment, Job } from '@daybook/core';
import { useCallback, useState } from 'react';
import { storedText } from '../ui/stored-text.ts';
import { nameOf } from './base-names.ts';

/** What a person may change here. */
export interface Verdict {
  readonly analysisStatus: AnalysisStatus;
  readonly assessment: Assessment | null;
  readonly summary: string;
  readonly info: string;
  readonly tags: readonly string[];
  /** As they are named: `1234567`, or `#17`. */
  readonly baseRuns: readonly string[];
}
export type VerdictField = keyof Verdict;
export const verdictFields = [
  'analysisStatus',
  'assessment',
  'summary',
  'info',
  'tags',
  'baseRuns',
] as const satisfies readonly VerdictField[];

/** Changes that are not saved yet, with the version of the job that they were made on. */
export interface Draft {
  readonly version: number;
  readonly changes: Partial<Verdict>;
}

export function verdictOf(job: Job): Verdict {
  const { analysisStatus, assessment, summary, info, tags } = job;
  return { analysisStatus, assessment, summary, info, tags, baseRuns: job.baseRuns.map(nameOf) };
}

/** The fields in which two verdicts differ. */
export function differences(a: Verdict, b: Verdict): readonly VerdictField[] {
  return verdictFields.filter((field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]));
}

/** A draft with one more change; a value that is the stored one again is no change. */
export function withChange(draft: Draft | undefined, job: Job, changes: Partial<Verdict>): Draft | undefined {
  const wanted = { ...draft?.changes, ...changes };
  const stored = verdictOf(job);
  const left = Object.entries(wanted).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(stored[field as VerdictField]),
  );
  return left.length === 0
    ? undefined
    : { version: draft?.version ?? job.version, changes: Object.fromEntries(left) };
}

/**
 * What is left of a draft when a part of it is saved: whatever was typed while that was on its way. `before` is the job
 * that both were made on, `saved` the job that they go on with.
 */
export function leftAfterSaving(
  draft: Draft | undefined,
  sent: Draft,
  { before, saved }: { readonly before: Job; readonly saved: Job },
): Draft | undefined {
  const stored = verdictOf(before);
  const typed: Verdict = { ...stored, ...draft?.changes };
  const since = differences({ ...stored, ...sent.changes }, typed);
  return withChange(undefined, saved, Object.fromEntries(since.map((field) => [field, typed[field]])));
}

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

function keyOf(jobId: number): string {
  return `daybook.draft.${jobId}`;
}

/** The draft as it is kept. */
export function readDraft(jobId: number): Draft | undefined {
  try {
    const draft: unknown = JSON.parse(storedText(keyOf(jobId)).get() ?? 'null');
    return isDraft(draft) ? draft : undefined;
  } catch {
    return undefined;
  }
}

function isDraft(value: unknown): value is Draft {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    'changes' in value &&
    typeof value.changes === 'object'
  );
}
