import type { JobSort } from '@daybook/core';

/** A column of the list that people may show or hide. Id and name are always there. */
export interface Column {
  /** Px at the least. */
  readonly width: number;
  /** Its share of the room that is left; without one it keeps its width. */
  readonly grow?: number;
  readonly end?: boolean;
  /** What a click on its head sorts by: first this way, then the other. */
  readonly sorts?: readonly [JobSort, JobSort];
}

const offered = {
  status: { width: 166 },
  duration: { width: 68, end: true, sorts: ['-duration', 'duration'] },
  verdict: { width: 122 },
  analysisStatus: { width: 96 },
  assessment: { width: 84 },
  note: { width: 160, grow: 3 },
  summary: { width: 160, grow: 3 },
  info: { width: 160, grow: 3 },
  tags: { width: 120, grow: 1 },
  project: { width: 92, sorts: ['project', '-project'] },
  user: { width: 76, sorts: ['user', '-user'] },
  kind: { width: 84 },
  solver: { width: 92 },
  configuration: { width: 110 },
  target: { width: 120 },
  // By the number in this diary, which goes up as jobs are added; the ids that one sees are often those of elsewhere.
  createdAt: { width: 84, end: true, sorts: ['-id', 'id'] },
  startedAt: { width: 84, end: true },
  endedAt: { width: 84, end: true, sorts: ['-endedAt', 'endedAt'] },
  updatedAt: { width: 84, end: true, sorts: ['-updatedAt', 'updatedAt'] },
  submittedAt: { width: 84, end: true, sorts: ['-submittedAt', 'submittedAt'] },
} as const satisfies Record<string, Column>;

export type ColumnName = keyof typeof offered;
export const columns: Readonly<Record<ColumnName, Column>> = offered;
export const columnNames = Object.keys(offered) as ColumnName[];

export function isColumn(name: string): name is ColumnName {
  return Object.hasOwn(offered, name);
}

/** The key of the word for a column. */
export function columnWord(name: ColumnName) {
  if (name === 'note') return 'list.note';
  return name === 'createdAt' ? 'list.added' : (`field.${name}` as const);
}

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

/** Of the usual ones those for windows that have no room for a text, and for still smaller ones. */
export const mostColumns = usualColumns.filter((name) => name !== 'note');
export const fewColumns = mostColumns.filter((name) => name !== 'project' && name !== 'user');

/** What a card shows, and one as wide as a narrow screen; each has its place there. */
export const cardColumns: readonly ColumnName[] = [...usualColumns.slice(0, -1), 'tags', 'submittedAt'];
export const stripColumns: readonly ColumnName[] = mostColumns;

/** With a column more, at the end, or with one less. */
export function toggled(shown: readonly ColumnName[], name: ColumnName): readonly ColumnName[] {
  return shown.includes(name) ? shown.filter((each) => each !== name) : [...shown, name];
}

/** With a column one place earlier (-1) or later (1); the same where there is no such place. */
export function moved(shown: readonly ColumnName[], name: ColumnName, step: -1 | 1): readonly ColumnName[] {
  const from = shown.indexOf(name);
  const other = shown[from + step];
  if (from < 0 || other === undefined) return shown;
  return shown.map((each) => (each === name ? other : each === other ? name : each));
}

/** The columns as those of a CSS grid. */
export function gridOf(names: readonly ColumnName[]): string {
  return names
    .map((name) => columns[name])
    .map(({ width, grow }) => (grow === undefined ? `${width}px` : `minmax(${width}px, ${grow}fr)`))
    .join(' ');
}
