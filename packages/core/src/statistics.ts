import type { JobStatus } from './status.ts';

/* How jobs went: per day or week of the diary's time zone, and per project, user or kind. */

export const statisticsLimits = {
  /** Days or weeks of one answer. */
  spans: 400,
  /** Projects, users or kinds: those with the most jobs. */
  groups: 50,
} as const;

export const statisticsGroups = ['project', 'user', 'kind'] as const;
export type StatisticsGroup = (typeof statisticsGroups)[number];

/**
 * Share of the jobs that succeeded among those that did or failed, 0 to 1: who canceled a job says nothing of how it
 * would have gone, nor does one that ended in a way that nobody has told. Null without any.
 */
export function successRate({
  ended,
}: {
  readonly ended: Partial<Record<JobStatus, number>>;
}): number | null {
  const [good, bad] = [ended.succeeded ?? 0, ended.failed ?? 0];
  return good + bad === 0 ? null : good / (good + bad);
}
