import { DaybookError } from '@daybook/core';

/** Types of the values in a cursor, in order. Numbers are ids and milliseconds: whole. */
export type CursorShape = readonly ('number' | 'text')[];

/**
 * Cursors of keyset paging: the sort and the values of the last row, opaque to callers. A cursor of another list or
 * sort is refused with `invalid_cursor`.
 */
export function encodeCursor(sort: string, values: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify([sort, ...values])).toString('base64url');
}

export function decodeCursor(sort: string, cursor: string, shape: CursorShape): (string | number)[] {
  const values = parse(cursor);
  const [from, ...rest] = values;
  const fits =
    from === sort &&
    rest.length === shape.length &&
    shape.every((type, i) => (type === 'number' ? Number.isSafeInteger(rest[i]) : isText(rest[i])));
  if (!fits)
    throw new DaybookError(
      'invalid_cursor',
      'This cursor was not made by this list. Start again without it.',
    );
  return rest as (string | number)[];
}

/** Text that PostgreSQL takes, too. */
function isText(value: unknown): boolean {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\u0000');
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
