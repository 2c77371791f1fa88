import { expect, test } from 'vitest';
import { type Box, firstView } from './first-view.ts';

const canvas = { width: 800, height: 400 };
const size = { width: 190, height: 46 };

const boxes = (...places: readonly (readonly [x: number, y: number])[]) =>
  new Map(places.map(([x, y], index): [number, Box] => [index + 1, { x, y, ...size }]));

const link = (base: number, job: number) => ({ base, job, differences: [], count: 0 });

/** Where the middle of a box is on the canvas. */
function seen(id: number, places: ReadonlyMap<number, Box>, view: ReturnType<typeof firstView>) {
  const { x, y, width, height } = places.get(id) as Box;
  return [(x + width / 2) * view.zoom + view.x, (y + height / 2) * view.zoom + view.y];
}

test('all is seen where it can be read', () => {
  const places = boxes([0, 0], [340, 60]);
  const view = firstView({ edges: [link(1, 2)] }, 2, places, canvas);
  expect(view.zoom).toBe(1);
  expect(seen(1, places, view)).toEqual([230, 170]);
  expect(seen(2, places, view)).toEqual([570, 230]);
});

test('of a large family the job is seen, with its base runs and those that vary it', () => {
  const places = boxes([0, 0], [340, 2_000], [680, 2_030], [1_020, 2_400]);
  const view = firstView({ edges: [link(1, 2), link(2, 3), link(3, 4)] }, 3, places, canvas);
  for (const id of [2, 3, 4]) {
    const [x = 0, y = 0] = seen(id, places, view);
    expect(x > 0 && x < canvas.width && y > 0 && y < canvas.height).toBe(true);
  }
});

test('of a family that cannot be read as a whole the job is in the middle', () => {
  const places = boxes([0, 0], [340, 3_000], [340, 6_000], [340, -3_000]);
  const view = firstView({ edges: [link(1, 2), link(1, 3), link(1, 4)] }, 1, places, canvas);
  expect(view.zoom).toBeGreaterThanOrEqual(0.65);
  expect(seen(1, places, view)[1]).toBe(200);
});

test('at the edge of a large lineage no room is left empty beyond it', () => {
  const places = boxes([0, 0], [0, 2_000]);
  const view = firstView({ edges: [] }, 2, places, canvas);
  expect(seen(2, places, view)).toEqual([400, 400 - 24 - 23]);
});
