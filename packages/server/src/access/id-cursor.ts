import { decodeCursor, encodeCursor } from '../paging.ts';

/** Pages of a list that is ordered by id alone, the newest first. */

/** The id that a page begins below; undefined for the first page. Throws `invalid_cursor`. */
export function idBelow(list: string, cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const [id] = decodeCursor(list, cursor, ['number']);
  return id as number;
}

/** The page out of `limit + 1` found rows, and the cursor of the next one if there is one. */
export function pageOf<Row extends { id: number }>(
  list: string,
  found: readonly Row[],
  limit: number,
): { items: Row[]; nextCursor?: string } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(found.length > limit && last && { nextCursor: encodeCursor(list, [last.id]) }) };
}
