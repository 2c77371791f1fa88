import type { JobEvent } from '@daybook/core';
import { expect, test } from 'vitest';
import { withEvent } from './with-event.ts';

const event = (id: number) => ({ id }) as JobEvent;
const page = (...ids: number[]) => ({ items: ids.map(event) });
const ids = (pages: ReturnType<typeof withEvent>) => pages.map(({ items }) => items.map(({ id }) => id));

test('a new event comes first, one that was overtaken to its place, one that is known not again', () => {
  const pages = [{ ...page(9, 7), nextCursor: 'c' }, page(5, 3)];
  expect(ids(withEvent(pages, event(10)))).toEqual([
    [10, 9, 7],
    [5, 3],
  ]);
  expect(ids(withEvent(pages, event(8)))).toEqual([
    [9, 8, 7],
    [5, 3],
  ]);
  expect(ids(withEvent(pages, event(3)))).toEqual([
    [9, 7],
    [5, 3],
  ]);
  expect(withEvent(pages, event(10))[0]?.nextCursor).toBe('c');
  expect(withEvent([], event(10))).toEqual([]);
});
