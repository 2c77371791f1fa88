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

/**
 * The values of a filter in an order that does not depend on the counts, so that nothing changes its place while the
 * counts move. What is chosen is there even if nothing bears it any more.
 */
export function arrange(
  name: FacetName,
  counts: readonly FacetCount[],
  chosen: readonly string[],
): readonly FacetCount[] {
  const missing = chosen.filter((value) => !counts.some((each) => each.value === value));
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
      return 0;
  }
}

/** The values that most jobs bear, and the chosen ones, in the order that they were given in. */
export function mostUsed(entries: readonly FacetCount[], chosen: readonly string[]): readonly FacetCount[] {
  if (entries.length <= shownValues + 2) return entries;
  const least = entries.map((each) => each.count).sort((a, b) => b - a)[shownValues - 1] ?? 0;
  return entries.filter((each) => each.count >= least || chosen.includes(each.value));
}
