import { DaybookError } from '@daybook/core';

/**
 * Cursors of keyset paging: the sort and the values of the last row, opaque to callers. A cursor of another list or
 * sort is refused with `invalid_cursor`.
 */
export function encodeCursor(sort: string, values: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify([sort, ...values])).toString('base64url');
}

export function decodeCursor(sort: string, cursor: string, width: number): (string | number)[] {
  const values = parse(cursor);
  const [from, ...rest] = values;
  const fits =
    from === sort &&
    rest.length === width &&
    rest.every((v) => typeof v === 'number' || typeof v === 'string');
  if (!fits)
    throw new DaybookError(
      'invalid_cursor',
      'This cursor was not made by this list. Start again without it.',
    );
  return rest as (string | number)[];
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
