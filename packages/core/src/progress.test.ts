import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clampPercent, progressOf, type WeightedStep } from './progress.ts';
import { jobStatuses, stepStatuses } from './status.ts';

const step = (points: number, status: WeightedStep['status'], percent: number | null = null) => ({
  points,
  status,
  percent,
});

test('weighs steps by their points', () => {
  // The three-step job of the contracts: 10, 20 and 5 points.
  const [first, second, third] = [step(10, 'succeeded'), step(20, 'running', 50), step(5, 'pending')];
  expect(progressOf('running', [step(10, 'running'), step(20, 'pending'), third], null, 0)).toBe(0);
  expect(progressOf('running', [first, step(20, 'pending'), third], null, 0)).toBe(28.57);
  expect(progressOf('running', [first, second, third], null, 0)).toBe(57.14);
  expect(progressOf('running', [first, step(20, 'skipped'), third], null, 0)).toBe(85.71);
});

test('only success is 100', () => {
  const done = [step(1, 'succeeded'), step(2, 'skipped')];
  expect(progressOf('running', done, 100, 0)).toBe(99.99);
  expect(progressOf('succeeded', [step(1, 'pending')], 3, 0)).toBe(100);
  expect(progressOf('failed', done, null, 100)).toBe(99.99);
});

test('a failed step counts for nothing, and what was reached stays', () => {
  expect(progressOf('failed', [step(1, 'failed', 80), step(1, 'pending')], null, 0)).toBe(0);
  expect(progressOf('failed', [step(1, 'failed', 80), step(1, 'pending')], null, 40)).toBe(40);
});

test('without points the reported percent counts', () => {
  expect(progressOf('running', [], 33.333, 0)).toBe(33.33);
  expect(progressOf('running', [step(0, 'running', 70)], 10, 0)).toBe(10);
  expect(progressOf('running', [], null, 0)).toBe(0);
});

test.each([
  [-1, 0],
  [0, 0],
  [Number.NaN, 0],
  [12.5, 12.5],
  [101, 100],
  [Number.POSITIVE_INFINITY, 100],
])('clamps %d to %d', (percent, clamped) => expect(clampPercent(percent)).toBe(clamped));

test('lies between 0 and 100 and never below what was shown', () => {
  const points = fc.oneof(fc.constant(0), fc.double({ min: 5e-324, max: 1e9, noNaN: true }));
  const percent = fc.option(fc.double({ min: -1e9, max: 1e9 }));
  const steps = fc.array(fc.record({ points, status: fc.constantFrom(...stepStatuses), percent }));
  const previous = fc.double({ min: 0, max: 99.99, noNaN: true });
  fc.assert(
    fc.property(
      fc.constantFrom(...jobStatuses),
      steps,
      percent,
      previous,
      (status, each, reported, shown) => {
        const progress = progressOf(status, each, reported, shown);
        expect(progress).toBeGreaterThanOrEqual(shown);
        expect(progress).toBeLessThanOrEqual(100);
        expect(progress === 100).toBe(status === 'succeeded');
      },
    ),
    { numRuns: 2_000 },
  );
});
