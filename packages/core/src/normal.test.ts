import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalTail, normalTailQuantile } from './normal.ts';

test.each([
  [0, 0.5],
  [1, 0.15865525393145707],
  [1.2815515655446004, 0.1],
  [-2, 0.9772498680518208],
  [5, 2.866515718791933e-7],
  [8, 6.220960574271785e-16],
])('the tail above %d', (z, tail) => {
  expect(normalTail(z) / tail).toBeCloseTo(1, 6);
  expect(normalTailQuantile(tail)).toBeCloseTo(z, 5);
});

test('tail and quantile undo each other', () => {
  fc.assert(
    fc.property(fc.double({ min: -5, max: 8, noNaN: true }), (z) => {
      expect(Math.abs(normalTailQuantile(normalTail(z)) - z)).toBeLessThan(0.01);
    }),
  );
  expect(normalTail(Number.NEGATIVE_INFINITY)).toBe(1);
});
