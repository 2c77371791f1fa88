/** What is beside the steps and the verdict of a job; the address names it (`?tab=log`). */
export const jobTabs = [
  'timeline',
  'log',
  'files',
  'lineage',
  'history',
  'metadata',
  'source',
  'raw',
  'terminal',
] as const;
export type JobTab = (typeof jobTabs)[number];
