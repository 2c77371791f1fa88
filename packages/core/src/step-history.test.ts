import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  learnSteps,
  type StepStatistics,
  stepDurations,
  stepStatistics,
  type TimedStep,
} from './step-history.ts';

const step = (tag: string, points: number, more: Partial<TimedStep> = {}): TimedStep => ({
  tag,
  points,
  status: 'pending',
  ...more,
});
const at = (seconds: number) => seconds * 1_000;

describe('stepStatistics', () => {
  test.each<[number[], StepStatistics]>([
    [[], { samples: 0, median: 0, p90: 0 }],
    [[5], { samples: 1, median: 5, p90: 5 }],
    [[10, 0, Number.NaN, -3, 20], { samples: 2, median: 15, p90: 19 }],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], { samples: 11, median: 6, p90: 10 }],
  ])('of %j', (durations, statistics) => expect(stepStatistics(durations)).toEqual(statistics));

  test('lies within what it was given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 1 }),
        (durations) => {
          const { median, p90 } = stepStatistics(durations);
          expect(median).toBeGreaterThanOrEqual(Math.min(...durations));
          expect(p90).toBeGreaterThanOrEqual(median);
          expect(p90).toBeLessThanOrEqual(Math.max(...durations));
        },
      ),
    );
  });
});

test('stepDurations counts from the step before where a step says only that it is done', () => {
  const steps = [
    step('a', 1, { status: 'succeeded', endedAt: at(10) }),
    step('b', 1, { status: 'succeeded', startedAt: at(12), endedAt: at(15) }),
    step('c', 1, { status: 'skipped', endedAt: at(15) }),
    step('d', 1, { status: 'succeeded', endedAt: at(20) }),
    step('e', 1, { status: 'running', startedAt: at(20) }),
  ];
  expect([...stepDurations(steps, 0)]).toEqual([
    ['a', 10],
    ['b', 3],
    ['d', 5],
  ]);
});

describe('learnSteps', () => {
  const job = (a: number, b: number) => new Map(Object.entries({ a, b }));

  test('summarises each step', () => {
    const { steps } = learnSteps([job(10, 100), job(20, 100), new Map([['a', 30]])]);
    expect(steps.get('a')).toEqual({ samples: 3, median: 20, p90: 28 });
    expect(steps.get('b')).toEqual({ samples: 2, median: 100, p90: 100 });
  });

  test('knows what steps of a job have in common', () => {
    const slow = [0.5, 1, 2].map((factor) => job(10 * factor, 100 * factor));
    // Two of three are off by ln 2, both steps alike.
    expect(learnSteps(slow).shared).toBeCloseTo(Math.LN2 * Math.sqrt(2 / 3), 9);
    expect(learnSteps([job(5, 200), job(10, 100), job(20, 50)]).shared).toBe(0);
    expect(learnSteps([new Map([['a', 1]]), new Map([['a', 9]])]).shared).toBe(0);
    expect(learnSteps([]).shared).toBe(0);
  });

  test('is not led astray by one job that hung', () => {
    const jobs = Array.from({ length: 99 }, () => job(10, 100));
    expect(learnSteps([...jobs, job(1e9, 1e9)]).shared).toBeLessThan(0.31);
  });
});
