import type { Lineage } from '@daybook/core';

/** Where a job stands: its column is how many base runs are before it, its place counts from the top. */
export interface Place {
  readonly column: number;
  readonly row: number;
}

/**
 * Lays a lineage out from left to right: every job stands right of its base runs, near the middle of those that it is linked
 * to. A link that would close a circle is drawn and does not count.
 */
export function layOut({ nodes, edges }: Pick<Lineage, 'nodes' | 'edges'>): Map<number, Place> {
  const columns = columnsOf(nodes, forward(nodes, edges));
  const near = neighbours(edges);
  const places = new Map<number, Place>();
  // The middle of what stands left of it already; what has nothing there keeps the order of submission.
  for (const [column, ids] of [...Map.groupBy(nodes, ({ id }) => columns.get(id) ?? 0)].sort(
    ([a], [b]) => a - b,
  )) {
    const wished = ids.map(({ id, submittedAt }) => {
      const left = (near.get(id) ?? []).flatMap((other) => places.get(other)?.row ?? []);
      const middle = left.length === 0 ? Number.NaN : left.reduce((sum, row) => sum + row, 0) / left.length;
      return { id, submittedAt, middle };
    });
    const sorted = wished.sort(
      (a, b) =>
        (Number.isNaN(a.middle) ? Number.POSITIVE_INFINITY : a.middle) -
          (Number.isNaN(b.middle) ? Number.POSITIVE_INFINITY : b.middle) ||
        a.submittedAt.localeCompare(b.submittedAt) ||
        a.id - b.id,
    );
    let free = 0;
    for (const { id, middle } of sorted) {
      // As near to its wish as what stands above it lets it; a column may be loose, so that lines stay straight.
      const row = Number.isNaN(middle) ? free : Math.max(free, Math.round(middle - (sorted.length - 1) / 2));
      places.set(id, { column, row });
      free = row + 1;
    }
  }
  return places;
}

type Edges = Lineage['edges'];

function neighbours(edges: Edges): Map<number, number[]> {
  const near = new Map<number, number[]>();
  const add = (from: number, to: number) => {
    const known = near.get(from);
    if (known) known.push(to);
    else near.set(from, [to]);
  };
  for (const { base, job } of edges) {
    add(base, job);
    add(job, base);
  }
  return near;
}

/** The edges without those that close a circle, found by a walk that knows what is above it. Without recursion: chains are long. */
function forward(nodes: Lineage['nodes'], edges: Edges): Map<number, number[]> {
  const after = Map.groupBy(edges, ({ base }) => base);
  const kept = new Map<number, number[]>(nodes.map(({ id }) => [id, []]));
  const state = new Map<number, 'open' | 'done'>();
  // Those without a base run first, so that circles are cut where they are entered.
  const hasBase = new Set(edges.map(({ job }) => job));
  const starts = [...nodes].sort(
    (a, b) => Number(hasBase.has(a.id)) - Number(hasBase.has(b.id)) || a.id - b.id,
  );
  for (const { id } of starts) {
    if (state.has(id)) continue;
    const path: { id: number; next: number }[] = [{ id, next: 0 }];
    state.set(id, 'open');
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const edge = after.get(top.id)?.[top.next++];
      if (edge === undefined) {
        state.set(top.id, 'done');
        path.pop();
      } else if (state.get(edge.job) !== 'open') {
        kept.get(top.id)?.push(edge.job);
        if (!state.has(edge.job)) {
          state.set(edge.job, 'open');
          path.push({ id: edge.job, next: 0 });
        }
      }
    }
  }
  return kept;
}

/** The longest way from a job without base runs, by counting off those whose base runs are all placed. */
function columnsOf(
  nodes: Lineage['nodes'],
  after: ReadonlyMap<number, readonly number[]>,
): Map<number, number> {
  const columns = new Map(nodes.map(({ id }) => [id, 0]));
  const waiting = new Map(nodes.map(({ id }) => [id, 0]));
  for (const jobs of after.values()) for (const job of jobs) waiting.set(job, (waiting.get(job) ?? 0) + 1);
  const ready = nodes.map(({ id }) => id).filter((id) => waiting.get(id) === 0);
  for (const id of ready)
    for (const job of after.get(id) ?? []) {
      columns.set(job, Math.max(columns.get(job) ?? 0, (columns.get(id) ?? 0) + 1));
      const left = (waiting.get(job) ?? 1) - 1;
      waiting.set(job, left);
      if (left === 0) ready.push(job);
    }
  return columns;
}
