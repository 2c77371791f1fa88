import { type AnalysisStatus, type Assessment, type JobStatus, jobStatuses } from '@daybook/core';
import type { FacetCount, FacetName } from '../api/wire.ts';

/** More values than these are folded. */
const shownValues = 10;

/** The order of a life: what moves first, then how it ended. */
const statusOrder: readonly JobStatus[] = [
  'running',
  'queued',
  ...jobStatuses.filter((s) => s !== 'running' && s !== 'queued'),
];
const analysisOrder: Readonly<Record<AnalysisStatus, number>> = { open: 0, ongoing: 1, done: 2 };
const assessmentOrder: Readonly<Record<Assessment | 'none', number>> = {
  none: 0,
  ok: 1,
  not_ok: 2,
  issue: 3,
  other: 4,
  obsolete: 5,
};

/** The values that a filter can have at all, where the contract lists them. */
export const possibleValues: { readonly [Name in FacetName]?: readonly string[] } = {
  status: jobStatuses,
  analysisStatus: Object.keys(analysisOrder),
  assessment: Object.keys(assessmentOrder),
};

/**
 * The values of a filter in an order that does not depend on the counts, so that nothing changes its place while the
 * counts move. `known` values are there even if nothing bears them just now.
 */
export function arrange(
  name: FacetName,
  counts: readonly FacetCount[],
  known: readonly string[],
): readonly FacetCount[] {
  const missing = [...new Set(known)].filter((value) => !counts.some((each) => each.value === value));
  const all = [...counts, ...missing.map((value) => ({ value, count: 0 }))];
  return all.sort((a, b) => rank(name, a.value) - rank(name, b.value) || byName.compare(a.value, b.value));
}

const byName = new Intl.Collator(undefined, { numeric: true });

function rank(name: FacetName, value: string): number {
  switch (name) {
    case 'status':
      return statusOrder.indexOf(value as JobStatus);
    case 'analysisStatus':
      return analysisOrder[value as AnalysisStatus];
    case 'assessment':
      return assessmentOrder[value as Assessment | 'none'];
    case 'kind':
    case 'project':
    case 'user':
    case 'solver':
    case 'tag':
      return 0;
  }
}

/** The values that most of all jobs bear, and the chosen ones, in the order that they were given in. */
export function mostUsed(
  entries: readonly FacetCount[],
  all: readonly FacetCount[],
  chosen: readonly string[],
): readonly FacetCount[] {
  if (entries.length <= shownValues + 2) return entries;
  const often = [...all].sort((a, b) => b.count - a.count).slice(0, shownValues);
  const shown = new Set([...often.map((each) => each.value), ...chosen]);
  return entries.filter((each) => shown.has(each.value));
}
