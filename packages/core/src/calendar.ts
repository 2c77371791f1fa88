import { InvalidTimeError, localDate, parseLocalTime, toIso } from './time.ts';

/*
 * Days and weeks as people count them, in their time zone: a day is as long as its clocks say, 23 to 25 hours. Weeks are
 * those of ISO 8601: they begin on Monday, and belong to the year of their Thursday.
 */

const DAY = 24 * 60 * 60_000;

/** A stretch of time, milliseconds; `until` is not part of it. */
export interface Span {
  readonly since: number;
  readonly until: number;
}

/** The day, `2026-01-31`, so many days later (or earlier, negative). */
export function dayAfter(day: string, days: number): string {
  return toIso(Date.parse(`${day}T00:00:00.000Z`) + days * DAY).slice(0, 10);
}

/** True for a day that exists, `2026-01-31`. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && dayAfter(text, 0) === text;
}

/** The Monday of a day's week. */
export function mondayOf(day: string): string {
  const weekday = (new Date(`${day}T00:00:00.000Z`).getUTCDay() + 6) % 7;
  return dayAfter(day, -weekday);
}

/** The days or weeks from `first` to `last` (both are days, and part of it), oldest first. */
export function spansOf(
  unit: 'day' | 'week',
  { first, last }: { first: string; last: string },
  timeZone: string,
): Span[] {
  const step = unit === 'day' ? 1 : 7;
  const spans: Span[] = [];
  for (let day = unit === 'day' ? first : mondayOf(first); day <= last; day = dayAfter(day, step))
    spans.push({
      since: parseLocalTime(day, timeZone),
      until: parseLocalTime(dayAfter(day, step), timeZone),
    });
  return spans;
}

/** The week that an instant falls into, `2026-W05`. */
export function weekOf(ms: number, timeZone: string): string {
  const thursday = dayAfter(mondayOf(localDate(ms, timeZone)), 3);
  const year = thursday.slice(0, 4);
  const days = (Date.parse(thursday) - Date.parse(`${year}-01-01`)) / DAY;
  return `${year}-W${String(Math.floor(days / 7) + 1).padStart(2, '0')}`;
}

/**
 * From Monday to Monday.
 *
 * @throws InvalidTimeError for what is no week of the calendar, say `2026-W54`
 */
export function spanOfWeek(week: string, timeZone: string): Span {
  const [, year, number] = /^(\d{4})-W(\d{2})$/.exec(week) ?? [];
  if (year === undefined || year === '0000' || year === '9999') throw noWeek(week);
  // The fourth of January is always in the first week.
  const monday = dayAfter(mondayOf(`${year}-01-04`), (Number(number) - 1) * 7);
  const since = parseLocalTime(monday, timeZone);
  if (weekOf(since, timeZone) !== week) throw noWeek(week);
  return { since, until: parseLocalTime(dayAfter(monday, 7), timeZone) };
}

function noWeek(text: string): InvalidTimeError {
  return new InvalidTimeError(`${JSON.stringify(text.slice(0, 20))} is no week, e.g. 2026-W05`);
}
