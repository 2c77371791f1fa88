import { useMedia } from '../ui/use-media.ts';
import { type ColumnName, fewColumns, mostColumns, usualColumns } from './columns.ts';
import type { ListSearch } from './search.ts';

/** The columns of the table: all that somebody chose; else the usual ones, as many as the window has room for. */
export function useTableColumns(search: ListSearch): {
  readonly shown: readonly ColumnName[];
  readonly usual: readonly ColumnName[];
} {
  const hasMost = useMedia('(min-width: 1081px)');
  const hasAll = useMedia('(min-width: 1500px)');
  const usual = hasAll ? usualColumns : hasMost ? mostColumns : fewColumns;
  return { shown: search.columns ?? usual, usual };
}
