/**
 * Points in time and lengths of time. Inside Daybook an instant is a number of milliseconds since 1970-01-01T00:00Z, on
 * the wire it is ISO 8601 in UTC with milliseconds (design.md §3, "One clock"). Nothing here reads the clock.
 */

/** A text or number that is no time, with a message for the person who wrote it. */
export class InvalidTimeError extends Error {
  override readonly name = 'InvalidTimeError';
}

/** First and last instant that Daybook knows: years of four digits, so that ISO texts sort as their instants do. */
export const firstInstant = -62_135_596_800_000; // 0001-01-01T00:00:00.000Z
export const lastInstant = 253_402_300_799_999; // 9999-12-31T23:59:59.999Z

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const twoDigits = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
const threeDigits = Array.from({ length: 1_000 }, (_, n) => String(n).padStart(3, '0'));

// The day and second that were written last: events of one moment share them, and Date's own formatter is ten times slower.
let knownDay = Number.NaN;
let knownDayText = '';
let knownSecond = Number.NaN;
let knownSecondText = '';

/**
 * Writes an instant as `2026-01-31T12:34:56.789Z`. Fractions of a millisecond are dropped.
 *
 * @throws InvalidTimeError if `ms` is no number between {@link firstInstant} and {@link lastInstant}
 */
export function toIso(ms: number): string {
  const second = Math.floor(ms / SECOND);
  if (second !== knownSecond) {
    knownSecondText = secondText(second);
    knownSecond = second;
  }
  return `${knownSecondText}${threeDigits[Math.floor(ms) - second * SECOND]}Z`;
}

function secondText(second: number): string {
  const ms = second * SECOND;
  if (!(ms >= firstInstant && ms <= lastInstant))
    throw new InvalidTimeError(`${ms} is outside the years 0001 to 9999`);
  const day = Math.floor(ms / DAY);
  if (day !== knownDay) {
    knownDayText = new Date(day * DAY).toISOString().slice(0, 11);
    knownDay = day;
  }
  const inDay = second - day * 86_400;
  const minutes = Math.floor(inDay / 60);
  return `${knownDayText}${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[inDay % 60]}.`;
}

const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d{2}):?(\d{2})?)$/;
const INSTANT_EXAMPLE = 'e.g. 2026-01-31T12:34:56.789Z or 2026-01-31T13:34:56+01:00';

/**
 * Reads ISO 8601 / RFC 3339 with an offset into milliseconds. Digits beyond the millisecond are cut, not rounded, so
 * that no event moves into the future.
 *
 * @throws InvalidTimeError if the text has another form, no offset, or names a day or time that does not exist
 */
export function parseInstant(text: string): number {
  const known = canonicalInstant(text);
  if (!Number.isNaN(known)) return known;
  const found = INSTANT.exec(text);
  if (!found) throw new InvalidTimeError(`${quote(text)} is not a time with an offset, ${INSTANT_EXAMPLE}`);
  const wall = wallTime(text, found);
  const ms = wall - offsetOf(text, found);
  if (ms < firstInstant || ms > lastInstant)
    throw new InvalidTimeError(`${quote(text)} is outside the years 0001 to 9999`);
  return ms;
}

/** Days of each month of a common year, from 1. */
const shortMonths = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Reads the form that we write ourselves, several times faster than the expression does; NaN for any other text. */
function canonicalInstant(text: string): number {
  if (text.length !== 24 || text[10] !== 'T' || text[19] !== '.' || text[23] !== 'Z') return Number.NaN;
  if (text[4] !== '-' || text[7] !== '-' || text[13] !== ':' || text[16] !== ':') return Number.NaN;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  // The 29th of February is left to the careful path. NaN fails every comparison.
  if (!(year >= 1 && day >= 1 && day <= (shortMonths[month] ?? 0))) return Number.NaN;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  return (
    dayNumber(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second * SECOND + digits(text, 20, 23)
  );
}

/** Days since 1970-01-01 of a Gregorian date; years are counted from March, so that the leap day comes last. */
function dayNumber(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + dayOfYear - 719_468;
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function offsetOf(text: string, [, , , , , , , , utc, sign, hours, minutes = '0']: RegExpExecArray): number {
  if (utc !== undefined) return 0;
  if (Number(hours) > 23 || Number(minutes) > 59)
    throw new InvalidTimeError(`${quote(text)} has an impossible offset`);
  return (Number(hours) * HOUR + Number(minutes) * MINUTE) * (sign === '-' ? -1 : 1);
}

/** Milliseconds of a wall clock as if it stood in UTC; the groups are year, month, day, hour, minute, second, fraction. */
function wallTime(text: string, groups: RegExpExecArray): number {
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = groups;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    throw new InvalidTimeError(`${quote(text)} has an hour, minute or second that does not exist`);
  }
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day)); // Date.UTC would read the years 0 to 99 as 1900 and on
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) {
    throw new InvalidTimeError(`${quote(text)} has a day that does not exist`);
  }
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  return (
    date.getTime() + Number(hour) * HOUR + Number(minute) * MINUTE + Number(second) * SECOND + milliseconds
  );
}

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:(?:[Tt ]|__)(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?$/;

/**
 * Reads what a wall clock in `timeZone` showed: `2018-01-02 10:20:30`, with `T` or `__` for the space, with or without
 * seconds, or the day alone (its midnight). Where the clock was put forward, the times that it skipped count on from
 * before the gap (02:30 reads as 03:30); where it was put back, the first of the two instants is meant. Temporal's
 * `compatible` and RFC 5545 choose the same.
 *
 * @throws InvalidTimeError if the text has another form, the day does not exist or the zone is unknown
 */
export function parseLocalTime(text: string, timeZone: string): number {
  const found = LOCAL.exec(text);
  if (!found) throw new InvalidTimeError(`${quote(text)} is not a local time, e.g. 2026-01-31 12:34:56`);
  const wall = wallTime(text, found);
  // One of the offsets of the day before and the day after holds at this wall time: no zone changes twice in two days.
  const before = wall - zoneOffset(wall - DAY, timeZone);
  const after = wall - zoneOffset(wall + DAY, timeZone);
  const matching = [before, after].filter((ms) => ms + zoneOffset(ms, timeZone) === wall);
  const ms = matching.length > 0 ? Math.min(...matching) : before;
  if (ms < firstInstant || ms > lastInstant)
    throw new InvalidTimeError(`${quote(text)} is outside the years 0001 to 9999`);
  return ms;
}

/**
 * The calendar day of an instant in an IANA time zone, `YYYY-MM-DD`.
 *
 * @throws InvalidTimeError if the zone is unknown or the instant out of range
 */
export function localDate(ms: number, timeZone: string): string {
  const wall = ms + zoneOffset(ms, timeZone);
  // At the very ends of the calendar a zone would need a year 0 or 10000.
  return toIso(Number.isNaN(wall) ? wall : Math.min(Math.max(wall, firstInstant), lastInstant)).slice(0, 10);
}

/** True for names of the IANA time zone database that this platform knows (`Europe/Berlin`, `UTC`); offsets are no names. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{1,63}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** Offset of each UTC day that was asked for, NaN where it changes within the day. */
  readonly days: Map<number, number>;
}

const zones = new Map<string, Zone>();
const DAYS_KEPT = 20_000;

/**
 * How far the clocks of a zone are ahead of UTC at an instant, milliseconds (negative in the west).
 *
 * @throws InvalidTimeError if the zone is unknown
 */
export function zoneOffset(ms: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const zone = zones.get(timeZone) ?? openZone(timeZone);
  const day = Math.floor(ms / DAY);
  let offset = zone.days.get(day);
  if (offset === undefined) {
    const morning = askedOffset(zone.format, day * DAY);
    offset = morning === askedOffset(zone.format, (day + 1) * DAY - 1) ? morning : Number.NaN;
    if (zone.days.size >= DAYS_KEPT) zone.days.clear();
    zone.days.set(day, offset);
  }
  return Number.isNaN(offset) ? askedOffset(zone.format, ms) : offset;
}

function openZone(timeZone: string): Zone {
  if (!isTimeZone(timeZone))
    throw new InvalidTimeError(`${quote(timeZone)} is no IANA time zone, e.g. Europe/Berlin`);
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const zone = { format, days: new Map<number, number>() };
  zones.set(timeZone, zone);
  return zone;
}

const ENGLISH = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/;

/** Asks the platform, which is slow (microseconds): by formatting, since it has no other way to tell an offset. */
function askedOffset(format: Intl.DateTimeFormat, ms: number): number {
  if (!(ms >= firstInstant - DAY && ms <= lastInstant + DAY))
    throw new InvalidTimeError(`${ms} is outside the years 0001 to 9999`);
  // Before the first and after the last year no zone changes; staying inside keeps eras and five-digit years away.
  const asked =
    Math.floor(Math.min(Math.max(ms, firstInstant + 2 * DAY), lastInstant - 2 * DAY) / SECOND) * SECOND;
  const [, month, day, year, hour, minute, second] = ENGLISH.exec(format.format(asked)) ?? [];
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getTime() + Number(hour) * HOUR + Number(minute) * MINUTE + Number(second) * SECOND - asked;
}

const unitLengths: Readonly<Record<string, number>> = {
  w: 7 * DAY,
  d: DAY,
  h: HOUR,
  m: MINUTE,
  s: SECOND,
  ms: 1,
};
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[wdhms])\s*)+$/;
const LONGEST = 100 * 366 * DAY;

/**
 * Reads a length of time such as `90m`, `7d`, `1h30m`, `1.5h` or `500ms` into milliseconds. Units are `w d h m s ms`,
 * from large to small, each at most once.
 *
 * @throws InvalidTimeError if the text has another form or means more than a hundred years
 */
export function parseDuration(text: string): number {
  const trimmed = text.trim();
  if (trimmed.length > 100 || !DURATION.test(trimmed)) {
    throw new InvalidTimeError(`${quote(text)} is no length of time, e.g. 90m, 7d or 1h30m`);
  }
  let total = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[wdhms])/g)) {
    const length = unitLengths[unit as string] as number;
    if (length >= smallest)
      throw new InvalidTimeError(`${quote(text)}: write large units before small ones, each once`);
    smallest = length;
    total += Number(amount) * length;
  }
  if (total > LONGEST) throw new InvalidTimeError(`${quote(text)} is longer than a hundred years`);
  return Math.round(total);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
