import type { Edge, Fault, House } from './house.ts';

/**
 * No file may import itself by way of others: types count (what cannot be read alone cannot be understood alone),
 * lazy imports do not (they are how a circle is opened on purpose).
 */
export function checkCycles(house: House): Fault[] {
  const edges = house.edges.filter(({ kind }) => kind !== 'lazy');
  const outgoing = Map.groupBy(edges, ({ from }) => from);
  const finished = new Set<string>();
  const faults: Fault[] = [];

  // Depth first; an edge to a file on the way that we came closes a circle.
  const visit = (path: string, way: readonly Edge[]) => {
    for (const edge of outgoing.get(path) ?? []) {
      const start = way.findIndex(({ from }) => from === edge.to);
      if (edge.to === path || start >= 0) faults.push(cycleFault(edge, way.slice(Math.max(start, 0))));
      else if (!finished.has(edge.to)) visit(edge.to, [...way, edge]);
    }
    finished.add(path);
  };
  for (const { path } of house.files) if (!finished.has(path)) visit(path, []);
  return faults;
}

function cycleFault(closing: Edge, way: readonly Edge[]): Fault {
  const circle = closing.from === closing.to ? [closing.to] : [...way.map(({ from }) => from), closing.from];
  const drawn = [...circle, closing.to].join(' → ');
  const message = `import cycle ${drawn}: move what both need to a file of its own`;
  return { path: closing.from, line: closing.line, rule: 'no-cycle', message };
}
