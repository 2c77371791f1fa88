import type { Lineage } from '@daybook/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOut } from './layout.ts';

const graph = (count: number, links: readonly (readonly [base: number, job: number])[]) => ({
  nodes: Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    submittedAt: '2026-01-01T00:00:00.000Z',
  })) as Lineage['nodes'],
  edges: links.map(([base, job]) => ({ base, job, differences: [], count: 0 })),
});

test('a job stands right of all of its base runs', () => {
  const places = layOut(
    graph(5, [
      [1, 2],
      [2, 3],
      [1, 3],
      [1, 4],
    ]),
  );
  expect([1, 2, 3, 4, 5].map((id) => places.get(id)?.column)).toEqual([0, 1, 2, 1, 0]);
});

test('a circle is cut, not walked for ever', () => {
  const places = layOut(
    graph(3, [
      [1, 2],
      [2, 3],
      [3, 1],
    ]),
  );
  expect([1, 2, 3].map((id) => places.get(id)?.column)).toEqual([0, 1, 2]);
});

test('no two jobs stand in one place, whatever is linked to what', () => {
  const link = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }));
  fc.assert(
    fc.property(fc.array(link, { maxLength: 80 }), (links) => {
      const places = [...layOut(graph(30, links)).values()].map(({ column, row }) => `${column} ${row}`);
      expect(places).toHaveLength(30);
      expect(new Set(places).size).toBe(30);
    }),
  );
});

test('a thousand jobs in a chain are laid out at once', () => {
  const links = Array.from({ length: 999 }, (_, i) => [i + 1, i + 2] as const);
  expect(layOut(graph(1_000, links)).get(1_000)).toEqual({ column: 999, row: 0 });
});
