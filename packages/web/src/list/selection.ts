/** What is chosen of a list, to act on at once: some of its rows, or everything that matches, loaded or not. */
export type Selection =
  | { readonly all: true }
  | {
      readonly all: false;
      readonly ids: ReadonlySet<number>;
      /** The row that was chosen last: where a range begins. */
      readonly anchor: number | undefined;
    };

export const nothingSelected: Selection = { all: false, ids: new Set(), anchor: undefined };

export function isSelected(selection: Selection, id: number): boolean {
  return selection.all || selection.ids.has(id);
}

/** Nothing is chosen. */
export function isEmpty(selection: Selection): boolean {
  return !selection.all && selection.ids.size === 0;
}

/**
 * Chooses a row or gives it up. As a range, all rows from the last one to this get what this one gets. `rows` are the
 * ids of the loaded rows in their order; a row that is given up out of everything leaves the other loaded ones.
 */
export function select(selection: Selection, rows: readonly number[], id: number, range: boolean): Selection {
  const ids = new Set(selection.all ? rows : selection.ids);
  const chosen = !ids.has(id);
  const anchor = selection.all ? undefined : selection.anchor;
  for (const each of range ? between(rows, anchor, id) : [id]) {
    if (chosen) ids.add(each);
    else ids.delete(each);
  }
  return { all: false, ids, anchor: id };
}

function between(rows: readonly number[], anchor: number | undefined, id: number): readonly number[] {
  const to = rows.indexOf(id);
  const from = anchor === undefined ? -1 : rows.indexOf(anchor);
  if (from < 0 || to < 0) return [id];
  return rows.slice(Math.min(from, to), Math.max(from, to) + 1);
}
