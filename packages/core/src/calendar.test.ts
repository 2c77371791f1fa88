import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayAfter, isDay, mondayOf, spanOfWeek, spansOf, weekOf } from './calendar.ts';
import { InvalidTimeError, toIso } from './time.ts';

const hour = 3_600_000;

test.each([
  // ISO 8601: the year of a week is that of its Thursday.
  ['2021-01-03T12:00:00Z', '2020-W53'],
  ['2021-01-04T12:00:00Z', '2021-W01'],
  ['2024-12-30T12:00:00Z', '2025-W01'],
  ['2026-11-22T12:00:00Z', '2026-W47'],
])('%s is in week %s', (iso, week) => {
  expect(weekOf(Date.parse(iso), 'UTC')).toBe(week);
});

test('a day is as long as the clocks of its zone say', () => {
  const days = spansOf('day', { first: '2026-03-28', last: '2026-03-30' }, 'Europe/Berlin');
  expect(days.map(({ since, until }) => (until - since) / hour)).toEqual([24, 23, 24]);
  expect(toIso(days[0]?.since ?? 0)).toBe('2026-03-27T23:00:00.000Z');
  const [week] = spansOf('week', { first: '2026-10-22', last: '2026-10-22' }, 'Europe/Berlin');
  expect([toIso(week?.since ?? 0), week && (week.until - week.since) / hour]).toEqual([
    '2026-10-18T22:00:00.000Z',
    7 * 24 + 1,
  ]);
});

test('weeks follow each other without a gap, and each holds its own instants', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1971-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
      fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Apia'),
      (date, zone) => {
        const span = spanOfWeek(weekOf(date.getTime(), zone), zone);
        expect(span.since <= date.getTime() && date.getTime() < span.until).toBe(true);
        expect(spanOfWeek(weekOf(span.until, zone), zone).since).toBe(span.until);
      },
    ),
  );
});

test.each(['2026-W54', '2026-W00', '2026-05', 'next', ''])('%j is no week', (text) => {
  expect(() => spanOfWeek(text, 'UTC')).toThrow(InvalidTimeError);
});

test('days are counted and told from what is none', () => {
  expect([dayAfter('2026-02-28', 1), dayAfter('2026-01-01', -1), mondayOf('2026-11-22')]).toEqual([
    '2026-03-01',
    '2025-12-31',
    '2026-11-16',
  ]);
  expect(['2026-02-28', '2026-02-29', '2026-2-1', 'x'].map(isDay)).toEqual([true, false, false, false]);
});
