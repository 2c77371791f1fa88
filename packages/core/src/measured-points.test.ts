import { expect, test } from 'vitest';
import { measuredPoints } from './measured-points.ts';

const steps = [
  { tag: 'a', name: 'A', points: 10 },
  { tag: 'b', name: 'B', points: 30 },
  { tag: 'new', name: 'New', points: 20, metadata: [{ name: 'Records' }] },
];
const past = (median: number, samples = 3) => ({ samples, median, p90: 2 * median });

test('points are the usual seconds; a step that is not measured keeps its weight', () => {
  const history = new Map([
    ['a', past(123.456)],
    ['b', past(276.544)],
    ['new', past(1, 2)],
    ['other', past(5)],
  ]);
  expect(measuredPoints(steps, history)).toEqual([
    { tag: 'a', name: 'A', points: 123 },
    { tag: 'b', name: 'B', points: 277 },
    { tag: 'new', name: 'New', points: 200, metadata: [{ name: 'Records' }] },
  ]);
});

test('too little is known to measure by', () => {
  expect(measuredPoints(steps, new Map([['a', past(1, 2)]]))).toBeUndefined();
  expect(measuredPoints([], new Map())).toBeUndefined();
});

test('points stay points: positive, however short a step is', () => {
  const [step] = measuredPoints(steps.slice(0, 1), new Map([['a', past(1e-7)]])) ?? [];
  expect(step?.points).toBe(1e-7);
});
