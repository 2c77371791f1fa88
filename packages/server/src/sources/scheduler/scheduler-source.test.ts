import { expect, test } from 'vitest';
import { systemClock } from '../../clock.ts';
import type { Scheduler } from './scheduler.ts';
import { SchedulerSource } from './scheduler-source.ts';

test('an accounting of years is read as one of days is', async () => {
  const record = { id: '1', status: undefined, word: 'deleted', submittedAt: 1_000 };
  const scheduler: Scheduler = {
    needsDate: false,
    left: () => 4,
    list: () => Promise.resolve({ seen: [], unread: [] }),
    ended: () => Promise.resolve({ seen: Array(500_000).fill(record), unread: [] }),
    test: () => Promise.resolve([]),
  };
  const source = new SchedulerSource(scheduler, {
    clock: systemClock,
    interval: 20,
    projectOf: () => undefined,
  });
  const look = {
    marks: () => Promise.resolve(new Map()),
    saw: () => undefined,
    signal: new AbortController().signal,
    now: systemClock.now(),
  };
  const found = [];
  for await (const piece of source.discover(look)) found.push(...piece);
  for await (const piece of source.refresh(() => Promise.resolve([]), look)) found.push(...piece);
  expect(found).toEqual([]);
});
