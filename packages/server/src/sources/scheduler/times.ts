import { InvalidTimeError, parseLocalTime } from '@daybook/core';

/** Where and when a time was printed. */
export interface TimeContext {
  /** IANA name: schedulers print local time. */
  readonly timeZone: string;
  /** Milliseconds. */
  readonly now: number;
}

const DAY = 86_400_000;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** As `ctime` prints it; the weekday is ignored. */
const CTIME =
  /^(?:\S+\s+)?([A-Z][a-z]{2})\s+(\d{1,2})\s+(\d{2}:\d{2}:\d{2})(?:\.\d+)?\s+(?:[A-Z]{2,5}\s+)?(\d{4})$/;
const LOCAL = /^\d{4}-\d{2}-\d{2}(?:T|__| )\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?$/;
/** Univa Grid Engine writes milliseconds where others write seconds; as seconds this would be the year 5138. */
const FIRST_MILLISECONDS = 100_000_000_000;

/**
 * Reads a time of a scheduler into milliseconds: seconds or milliseconds since 1970, `2026-11-22T00:01:09`,
 * `2018-01-02__10:20:30`, `Sun Nov 22 00:03:39 2026`. Undefined for what says nothing: words such as `Unknown`, 0, and
 * everything more than a day ahead, because schedulers write "never" as a year such as 2106 or 2163.
 */
export function schedulerTime(text: string | undefined, { timeZone, now }: TimeContext): number | undefined {
  const ms = readTime(text?.trim() ?? '', timeZone);
  return ms === undefined || ms <= 0 || ms > now + DAY ? undefined : ms;
}

function readTime(text: string, timeZone: string): number | undefined {
  if (/^\d{1,16}$/.test(text)) {
    const value = Number(text);
    return value >= FIRST_MILLISECONDS ? value : value * 1_000;
  }
  const local = LOCAL.test(text) ? text : isoOfCtime(text);
  if (local === undefined) return undefined;
  try {
    return parseLocalTime(local, timeZone);
  } catch (error) {
    if (error instanceof InvalidTimeError) return undefined;
    throw error;
  }
}

function isoOfCtime(text: string): string | undefined {
  const [, name = '', day = '', time = '', year = ''] = CTIME.exec(text) ?? [];
  const month = months.indexOf(name) + 1;
  return month === 0
    ? undefined
    : `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')} ${time}`;
}

/** The server's own zone, which the programs that it starts are told, too. */
export function serverTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
