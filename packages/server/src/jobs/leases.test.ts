import { expect, test } from 'vitest';
import { backoff, mostLosses } from './leases.ts';

test('the backoff doubles from 10 s to an hour, and takes off up to half at random', () => {
  const seconds = (failures: number, random: number) => backoff(failures, () => random) / 1_000;
  expect([1, 2, 3, 9, 10, 1_000].map((failures) => seconds(failures, 1))).toEqual([
    10, 20, 40, 2_560, 3_600, 3_600,
  ]);
  expect([1, 2, 1_000].map((failures) => seconds(failures, 0))).toEqual([5, 10, 1_800]);
  expect(seconds(1, 0.5)).toBe(7.5);
});

test('a job may cost three workers in a row, or as many as it has tries', () => {
  expect([1, 3, 10].map((maxAttempts) => mostLosses({ maxAttempts }))).toEqual([3, 3, 10]);
});
