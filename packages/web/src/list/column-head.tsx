// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed by hand and become cards cannot be a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: a table is read, not operated; the focus is on the links in it
import type { JobSort } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { type ColumnName, columns } from './columns.ts';
import css from './job-table.module.css';
import type { ListSearch } from './search.ts';

interface ColumnHeadProps {
  readonly search: ListSearch;
  readonly label: string;
  readonly column?: ColumnName;
  /** What it sorts by: first this way, then the other. */
  readonly sorts: readonly [JobSort, JobSort] | undefined;
}

/** The head of a column; where the list can be sorted by it, a link to the list in that order. */
export function ColumnHead({ search, label, column, sorts }: ColumnHeadProps) {
  const place = column && [css[column], columns[column].end && css.end].filter(Boolean).join(' ');
  if (sorts === undefined)
    return (
      <span role="columnheader" className={place}>
        {label}
      </span>
    );
  const current = search.sort ?? '-id';
  const [first, second] = sorts;
  const next = current === first ? second : first;
  const isSorted = current === first || current === second;
  return (
    <span
      role="columnheader"
      className={place}
      aria-sort={isSorted ? (current.startsWith('-') ? 'descending' : 'ascending') : undefined}
    >
      <Link
        to="/"
        search={{ ...search, sort: next === '-id' ? undefined : next }}
        className={css.sort}
        activeProps={{ 'aria-current': undefined }}
      >
        {label}
        {isSorted && <span aria-hidden="true">{current.startsWith('-') ? ' ↓' : ' ↑'}</span>}
      </Link>
    </span>
  );
}
