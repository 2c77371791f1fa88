import type { ReactNode } from 'react';
import css from './data-table.module.css';
import { ScrollBox } from './scroll-box.tsx';

export interface Column<Row> {
  readonly key: string;
  /** Said above the column, and before the value where the table is stacked. */
  readonly head: string;
  readonly cell: (row: Row) => ReactNode;
  /**
   * `end` is for numbers, `lead` names the row and heads it where the table is stacked, `wide` takes the room that is
   * left, `verbs` holds buttons and shows no head.
   */
  readonly look?: 'end' | 'lead' | 'wide' | 'verbs';
}

interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  /** Rows that are over stand back. */
  readonly isOver?: (row: Row) => boolean;
}

/** A table that becomes a list of rows on a narrow screen, with the head of each value before it. */
export function DataTable<Row>({ label, columns, rows, keyOf, isOver }: DataTableProps<Row>) {
  return (
    <ScrollBox label={label}>
      <table className={css.table}>
        <thead>
          <tr>
            {columns.map(({ key, head, look }) => (
              <th key={key} scope="col" data-look={look}>
                {look === 'verbs' ? <span className="visually-hidden">{head}</span> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} data-over={isOver?.(row)}>
              {columns.map(({ key, head, look, cell }) => (
                <td
                  key={key}
                  data-look={look}
                  data-head={look === 'lead' || look === 'verbs' ? undefined : head}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
