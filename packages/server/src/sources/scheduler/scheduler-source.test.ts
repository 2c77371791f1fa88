import { expect, test } from 'vitest';
import { systemClock } from '../../clock.ts';
import type { Ends, Scheduler } from './scheduler.ts';
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

test('what could not be read in a file stands until the file is read anew, and is told once', async () => {
  const answers: Ends[] = [];
  const scheduler: Scheduler = {
    needsDate: false,
    left: () => 4,
    list: () => Promise.resolve({ seen: [], unread: [] }),
    ended: () => Promise.resolve(answers.shift() ?? { seen: [], unread: [] }),
    test: () => Promise.resolve([]),
  };
  const parts = { clock: systemClock, interval: 20, projectOf: () => undefined };
  const lookWith = async (source: SchedulerSource, marks: ReadonlyMap<string, string> = new Map()) => {
    const look = {
      marks: () => Promise.resolve(marks),
      saw: () => undefined,
      signal: new AbortController().signal,
      now: systemClock.now(),
    };
    const found = [];
    for await (const piece of source.discover(look)) found.push(...piece);
    return found;
  };
  const broken = (detail: string) => ({
    id: '7',
    problem: { code: 'source.problem.unreadableRecord', detail },
  });
  const source = new SchedulerSource(scheduler, parts);
  expect(await lookWith(source)).toEqual([]);
  answers.push({ seen: [], unread: [broken('first')], anew: true });
  expect(await lookWith(source)).toEqual([
    { item: 'records', mark: 'unread', problem: broken('first').problem },
  ]);
  expect(await lookWith(source)).toEqual([]);
  answers.push({ seen: [], unread: [broken('second')] });
  expect(await lookWith(source)).toMatchObject([{ problem: { detail: 'first\nsecond' } }]);
  answers.push({ seen: [], unread: [], anew: true });
  expect(await lookWith(source)).toEqual([{ item: 'records', gone: true }]);
  expect(await lookWith(source)).toEqual([]);
  // The next process knows that it stood, and finds it mended.
  const next = new SchedulerSource(scheduler, parts);
  expect(await lookWith(next, new Map([['records', 'unread']]))).toEqual([{ item: 'records', gone: true }]);
});
