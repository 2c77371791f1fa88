import type { JobSort } from '@daybook/core';

/** A column of the list that people may show or hide. Id and name are always there. */
export interface Column {
  /** `minmax` and lengths of a CSS grid. */
  readonly width: string;
  readonly end?: boolean;
  /** What a click on its head sorts by: first this way, then the other. */
  readonly sorts?: readonly [JobSort, JobSort];
}

const offered = {
  status: { width: '166px' },
  duration: { width: '68px', end: true, sorts: ['-duration', 'duration'] },
  verdict: { width: '122px' },
  note: { width: 'minmax(160px, 3fr)' },
  project: { width: '92px', sorts: ['project', '-project'] },
  user: { width: '76px', sorts: ['user', '-user'] },
  kind: { width: '84px' },
  solver: { width: '92px' },
  configuration: { width: '110px' },
  target: { width: '120px' },
  startedAt: { width: '84px', end: true },
  endedAt: { width: '84px', end: true, sorts: ['-endedAt', 'endedAt'] },
  updatedAt: { width: '84px', end: true, sorts: ['-updatedAt', 'updatedAt'] },
  submittedAt: { width: '84px', end: true, sorts: ['-submittedAt', 'submittedAt'] },
} as const satisfies Record<string, Column>;

export type ColumnName = keyof typeof offered;
export const columns: Readonly<Record<ColumnName, Column>> = offered;
export const columnNames = Object.keys(offered) as ColumnName[];

/** What is shown unless somebody chooses. */
export const usualColumns: readonly ColumnName[] = [
  'status',
  'duration',
  'verdict',
  'note',
  'project',
  'user',
  'submittedAt',
];
