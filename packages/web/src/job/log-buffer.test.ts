import type { JobEvent } from '@daybook/core';
import { expect, test } from 'vitest';
import { LogBuffer } from './log-buffer.ts';

const lines = (...ids: number[]) => ids.map((id) => ({ id }) as JobEvent);
const idsOf = (buffer: LogBuffer) => buffer.lines.map((line) => line.id);

test('orders what comes in any order and knows every line once', () => {
  const buffer = new LogBuffer()
    .with(lines(5, 4))
    .with(lines(6, 5, 7))
    .with(lines(3, 2, 4));
  expect(idsOf(buffer)).toEqual([2, 3, 4, 5, 6, 7]);
  expect(buffer.prepended).toBe(2);
});

test('stays the same object when nothing is new, so that nothing is drawn again', () => {
  const buffer = new LogBuffer().with(lines(1, 2));
  expect(buffer.with(lines(2, 1))).toBe(buffer);
});

test('a tail that reaches back is added, one that leaves a gap replaces', () => {
  const buffer = new LogBuffer().with(lines(1, 2, 3));
  expect(idsOf(buffer.withTail(lines(5, 4, 3), false))).toEqual([1, 2, 3, 4, 5]);
  expect(idsOf(buffer.withTail(lines(9, 8), false))).toEqual([8, 9]);
  expect(idsOf(buffer.withTail(lines(9), true))).toEqual([1, 2, 3, 9]);
});
