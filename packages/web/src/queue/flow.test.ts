import { expect, test } from 'vitest';
import { barsOf, chart, peakOf, sumOf } from './flow.ts';

test('bars in and out share one scale and one middle line', () => {
  const peak = peakOf([0, 10], [5, 0]);
  expect(peak).toBe(10);
  const [none, full] = barsOf([0, 10], peak, 'in');
  expect(none).toBeUndefined();
  expect(full).toEqual({ x: chart.width / 2, y: 0, height: chart.half });
  const [half] = barsOf([5, 0], peak, 'out');
  expect(half).toEqual({ x: 0, y: chart.half + 1, height: chart.half / 2 });
});

test('a single job is seen beside thousands', () => {
  const [bar] = barsOf([1], 100_000, 'in');
  expect(bar?.height).toBeGreaterThan(1);
});

test('an empty quarter of an hour has neither peak nor sum', () => {
  expect(peakOf([], [])).toBe(0);
  expect(barsOf([0, 0], 0, 'out')).toEqual([undefined, undefined]);
  expect(sumOf([1, 2, 3])).toBe(6);
});
