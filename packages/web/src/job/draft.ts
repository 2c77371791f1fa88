import type { AnalysisStatus, Assessment, Job } from '@daybook/core';
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

/** Changes that are not saved yet. */
export interface Draft {
  /** What the job is called where somebody is told of its draft. */
  readonly name: string;
  /** What each of these fields was when its change was begun. */
  readonly was: Partial<Verdict>;
  readonly changes: Partial<Verdict>;
}

export function verdictOf(job: Job): Verdict {
  const { analysisStatus, assessment, summary, info, tags } = job;
  return { analysisStatus, assessment, summary, info, tags, baseRuns: job.baseRuns.map(nameOf) };
}

/** The fields in which two verdicts differ. */
export function differences(a: Verdict, b: Verdict): readonly VerdictField[] {
  return verdictFields.filter((field) => !isSame(a[field], b[field]));
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A draft with one more change; a value that is the stored one again is no change. */
export function withChange(draft: Draft | undefined, job: Job, changes: Partial<Verdict>): Draft | undefined {
  const stored = verdictOf(job);
  const wanted = { ...draft?.changes, ...changes };
  const left = verdictFields.filter((field) => field in wanted && !isSame(wanted[field], stored[field]));
  if (left.length === 0) return undefined;
  // A field that somebody else changes meanwhile was still what it was when the change was begun.
  const was = { ...stored, ...draft?.was };
  const known = left.filter(
    (field) => draft === undefined || !(field in draft.changes) || field in draft.was,
  );
  return { name: nameOf(job), was: only(known, was), changes: only(left, wanted) };
}

function only(fields: readonly VerdictField[], verdict: Partial<Verdict>): Partial<Verdict> {
  return Object.fromEntries(fields.map((field) => [field, verdict[field]]));
}

/** The fields that both have changed, to different ends, since the draft was begun. All others merge by themselves. */
export function conflictsOf(draft: Draft | undefined, job: Job): readonly VerdictField[] {
  if (draft === undefined) return [];
  const { was, changes } = draft;
  const stored = verdictOf(job);
  return verdictFields.filter(
    (field) =>
      field in changes &&
      !isSame(changes[field], stored[field]) &&
      // Older drafts do not know what was: they ask.
      !(field in was && isSame(was[field], stored[field])),
  );
}

/** A draft on top of what is stored now: what its owner decided for the fields that both changed, and all that they alone did. */
export function decidedDraft(draft: Draft, job: Job, decided: Partial<Verdict>): Draft | undefined {
  const conflicts = conflictsOf(draft, job);
  const alone = verdictFields.filter((field) => field in draft.changes && !conflicts.includes(field));
  return withChange(undefined, job, { ...only(alone, draft.changes), ...decided });
}

/** Two texts in one, theirs first; of what both had before, once. */
export function bothTexts(was: string, mine: string, theirs: string): string {
  const kept = was !== '' && mine.startsWith(was) && theirs.startsWith(was) ? was : '';
  const added = mine.slice(kept.length).trim();
  return theirs === '' || added === '' ? theirs + added : `${theirs.trimEnd()}\n\n${added}`;
}

/** What either has added, without what either has taken away. */
export function bothLists(
  was: readonly string[],
  mine: readonly string[],
  theirs: readonly string[],
): readonly string[] {
  const kept = theirs.filter((each) => mine.includes(each) || !was.includes(each));
  return [...kept, ...mine.filter((each) => !theirs.includes(each) && !was.includes(each))];
}

/**
 * What is left of a draft when a part of it is saved: whatever was typed while that was on its way. `before` is the job
 * that both were made on, `saved` the job that they go on with.
 */
export function leftAfterSaving(
  draft: Draft | undefined,
  sent: Pick<Draft, 'changes'>,
  { before, saved }: { readonly before: Job; readonly saved: Job },
): Draft | undefined {
  const stored = verdictOf(before);
  const typed: Verdict = { ...stored, ...draft?.changes };
  const since = differences({ ...stored, ...sent.changes }, typed);
  return withChange(undefined, saved, only(since, typed));
}
