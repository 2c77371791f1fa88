import { cutToWidth, textWidth } from './text-width.ts';

export interface Column<Row> {
  readonly title: string;
  /** Plain text; `paint` colours it once it has its width. */
  readonly value: (row: Row) => string;
  readonly paint?: (text: string, row: Row) => string;
  readonly align?: 'right';
  /** May be cut when the table is too wide; the widest of these gives way first. */
  readonly flexible?: boolean;
  /** Is left out, the last one first, where the others need its room. */
  readonly extra?: boolean;
}

const GAP = '  ';
/** What a flexible column keeps, whatever the width. */
const LEAST = 8;
/** What a flexible column is worth others for. */
const READABLE = 20;

/** Lines of an aligned table, the first its titles. `columns` is the width of the terminal, if there is one. */
export function tableLines<Row>(
  wanted: readonly Column<Row>[],
  rows: readonly Row[],
  columns: number | undefined,
  paintTitle: (text: string) => string = (text) => text,
): string[] {
  const table = columns === undefined ? wanted : withRoom(wanted, rows, columns);
  const cells = rows.map((row) => table.map((column) => column.value(row)));
  const widths = table.map((column) => widthOf(column, rows));
  if (columns !== undefined) shrink(table, widths, columns);
  const titles = table.map((column, n) => fit(column.title, widths[n] ?? 0, column.align));
  const lines = rows.map((row, r) =>
    table.map((column, n) => {
      const text = fit(cells[r]?.[n] ?? '', widths[n] ?? 0, column.align);
      return column.paint === undefined ? text : column.paint(text, row);
    }),
  );
  return [paintTitle(titles.join(GAP).trimEnd()), ...lines.map((line) => line.join(GAP).trimEnd())];
}

function widthOf<Row>({ title, value }: Column<Row>, rows: readonly Row[]): number {
  return Math.max(textWidth(title), ...rows.map((row) => textWidth(value(row))));
}

/** The columns without the extra ones that would leave too little of the flexible ones. */
function withRoom<Row>(table: readonly Column<Row>[], rows: readonly Row[], columns: number) {
  const least = new Map(
    table.map((column) => [
      column,
      Math.min(widthOf(column, rows), column.flexible ? READABLE : Number.POSITIVE_INFINITY),
    ]),
  );
  let shown = table;
  while (sum(shown.map((column) => (least.get(column) ?? 0) + GAP.length)) - GAP.length > columns) {
    const last = shown.findLast(({ extra }) => extra);
    if (last === undefined) break;
    shown = shown.filter((column) => column !== last);
  }
  return shown;
}

function shrink<Row>(table: readonly Column<Row>[], widths: number[], columns: number): void {
  const room = columns - GAP.length * (table.length - 1);
  for (let over = sum(widths) - room; over > 0; over--) {
    const widest = table.reduce(
      (best, column, n) => (column.flexible && (widths[n] ?? 0) > (widths[best] ?? 0) ? n : best),
      table.findIndex((column) => column.flexible),
    );
    if (widest < 0 || (widths[widest] ?? 0) <= LEAST) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function fit(text: string, width: number, align: 'right' | undefined): string {
  const cut = cutToWidth(text, width);
  const padding = ' '.repeat(width - textWidth(cut));
  return align === 'right' ? padding + cut : cut + padding;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
