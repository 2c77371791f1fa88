import { expect, test } from 'vitest';
import { drawnEnds, endAt } from './marks.ts';

const figures = (ended: Record<string, number>) => ({ ended, jobs: 0, waited: null, ran: null });

test('a place in a bar is of the part that is drawn there; above it there is none', () => {
  const drawn = drawnEnds(figures({ succeeded: 9, failed: 3, canceled: 1 }));
  const bar = figures({ succeeded: 2, canceled: 1 });
  expect([0.1, 1.9, 2.1, 2.9, 3.1].map((height) => endAt(height, bar, drawn))).toEqual([
    'succeeded',
    'succeeded',
    'canceled',
    'canceled',
    undefined,
  ]);
  expect(endAt(0.5, figures({}), drawn)).toBeUndefined();
});
