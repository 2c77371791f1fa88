/** Limits and groups of a comparison, by themselves: pages need them without the schemas. */

export const comparisonLimits = { jobs: 20, rows: 2_000 } as const;

/** Where a value of a comparison stands in a job. */
export const comparisonGroups = [
  'job',
  'verdict',
  'times',
  'steps',
  'parameters',
  'context',
  'metadata',
] as const;
export type ComparisonGroup = (typeof comparisonGroups)[number];
