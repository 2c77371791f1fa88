import type { Translate } from './translate.ts';

/**
 * Numbers, lengths and points of time as people read them. Every function takes the language from the translator `t`;
 * none reads the clock. What is no number is shown as {@link dash}: a page never breaks over a missing figure.
 */

export const dash = '–';
const NBSP = '\u00a0';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Locale = Pick<Translate, 'locale'>;

/** Intl's formatters cost a hundred times more to make than to use, so each is made once. */
function remembered<T>(
  make: (locale: string, setting: string) => T,
): (locale: string, setting?: string) => T {
  const known = new Map<string, T>();
  return (locale, setting = '') => {
    const key = `${locale} ${setting}`;
    const found = known.get(key) ?? make(locale, setting);
    known.set(key, found);
    return found;
  };
}

const relativeTimes = remembered(
  (locale) => new Intl.RelativeTimeFormat(locale, { style: 'short', numeric: 'always' }),
);
const integers = remembered((locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }));
const decimals = remembered((locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }));
const threeDigits = remembered((locale) => new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }));
const fixed = remembered(
  (locale, digits) =>
    new Intl.NumberFormat(locale, {
      minimumFractionDigits: Number(digits),
      maximumFractionDigits: Number(digits),
    }),
);
const clocks = remembered(
  (locale, timeZone) => new Intl.DateTimeFormat(locale, { timeZone, timeStyle: 'short' }),
);
const days = remembered(
  (locale, timeZone) => new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'medium' }),
);
const exact = remembered(
  (locale, timeZone) => new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'medium', timeStyle: 'long' }),
);

/**
 * How long ago, or how soon, seen from `now` (both milliseconds): "just now", "3 min ago", "in 2 hrs", "5 days ago".
 * It counts whole units and never says "yesterday", which would need to know whose midnight.
 */
export function formatRelativeTime(ms: number, now: number, t: Translate): string {
  const away = Math.abs(now - ms);
  if (!Number.isFinite(away)) return dash;
  const sign = ms <= now ? -1 : 1;
  if (away < 45 * SECOND) return sign < 0 ? t('time.justNow') : t('time.soon');
  const format = relativeTimes(t.locale);
  // 45 seconds are nearly a minute; "0 minutes" would be none.
  if (away < HOUR) return format.format(sign * Math.max(1, Math.floor(away / MINUTE)), 'minute');
  if (away < DAY) return format.format(sign * Math.floor(away / HOUR), 'hour');
  if (away < 31 * DAY) return format.format(sign * Math.floor(away / DAY), 'day');
  if (away < 365 * DAY) return format.format(sign * Math.floor(away / (30.44 * DAY)), 'month');
  return format.format(sign * Math.floor(away / (365 * DAY)), 'year');
}

/**
 * A length of time, given in milliseconds, with at most two units: "340 ms", "45 s", "1 m 30 s", "3 h 12 m", "2 d 3 h".
 * `compact` is for tables and strips of steps; `plain` is for sentences ("12 min", "2 days").
 */
export function formatDuration(ms: number, t: Translate, style: 'compact' | 'plain' = 'compact'): string {
  if (!Number.isFinite(ms) || ms < 0) return dash;
  const write = (value: number, unit: 'ms' | 's' | 'm' | 'h' | 'd') => writeUnit(value, unit, style, t);
  if (ms < SECOND) return ms === 0 ? write(0, 's') : write(Math.max(1, Math.min(999, Math.round(ms))), 'ms');
  // Rounded to the smallest unit that is shown, so that 59.9 s are a minute and not "60 s".
  if (Math.round(ms / SECOND) * SECOND < 10 * MINUTE)
    return pair(Math.round(ms / SECOND), 60, 'm', 's', write);
  if (Math.round(ms / MINUTE) * MINUTE < DAY) return pair(Math.round(ms / MINUTE), 60, 'h', 'm', write);
  return pair(Math.round(ms / HOUR), 24, 'd', 'h', write);
}

function writeUnit(
  value: number,
  unit: 'ms' | 's' | 'm' | 'h' | 'd',
  style: 'compact' | 'plain',
  t: Translate,
): string {
  if (unit === 'd' && style === 'plain') return t('duration.plain.d', { count: value });
  const text = { value: integers(t.locale).format(value) };
  return unit === 'd' ? t('duration.compact.d', text) : t(`duration.${style}.${unit}`, text);
}

function pair<U extends string>(
  amount: number,
  base: number,
  large: U,
  small: U,
  write: (value: number, unit: U) => string,
): string {
  const [whole, rest] = [Math.floor(amount / base), amount % base];
  if (whole === 0) return write(rest, small);
  return rest === 0 ? write(whole, large) : `${write(whole, large)} ${write(rest, small)}`;
}

/** Seconds that are left: as likely as not, and the range that it lies in most of the time (see time-left.ts). */
export interface TimeLeftFigures {
  readonly likely: number;
  readonly low: number;
  readonly high: number;
}

/** Time left as a sentence: "about 12 min left (8–19)", "about 3 h left (2 h 10 min–5 h)", "less than a minute left". */
export function formatTimeLeft({ likely, low, high }: TimeLeftFigures, t: Translate): string {
  if (![likely, low, high].every((seconds) => Number.isFinite(seconds) && seconds >= 0)) return dash;
  if (likely < 60) return t('timeLeft.underMinute');
  const rounded = (seconds: number) => formatDuration(roundLeft(seconds) * SECOND, t, 'plain');
  const [from, about, to] = [rounded(low), rounded(likely), rounded(high)];
  if (from === to) return t('timeLeft.about', { likely: about });
  const inMinutes = high < 55 * 60;
  const range = inMinutes
    ? { low: String(Math.floor(low / 60)), high: String(Math.ceil(high / 60)) }
    : { low: from, high: to };
  return t('timeLeft.range', { likely: about, ...range });
}

/** What nobody can know to the minute is not said to the minute: minutes, then five minutes, then hours. */
function roundLeft(seconds: number): number {
  const grain = seconds < 3_600 ? 60 : seconds < 6 * 3_600 ? 300 : 3_600;
  return Math.round(seconds / grain) * grain;
}

/** A number with the digit groups of the language, at most two decimals. */
export function formatNumber(value: number, t: Locale): string {
  return Number.isFinite(value) ? decimals(t.locale).format(value) : dash;
}

/** How many, and a plus where counting stopped: "10,000+". */
export function formatCount(count: number, t: Locale, options: { readonly atLeast?: boolean } = {}): string {
  if (!Number.isFinite(count)) return dash;
  return `${integers(t.locale).format(count)}${options.atLeast === true ? '+' : ''}`;
}

/**
 * A share of a hundred in a fixed form: "61 %", or with `digits` decimals. Cut, never rounded up, so that 100 % means
 * done; held between 0 and 100.
 */
export function formatPercent(percent: number, t: Locale, digits = 0): string {
  if (typeof percent !== 'number' || Number.isNaN(percent)) return dash;
  const scale = 10 ** digits;
  // 28.57 is stored as 28.569…: a hair is added before cutting, far less than the last digit shown.
  const cut = Math.floor(Math.min(100, Math.max(0, percent)) * scale + 1e-9) / scale;
  return `${fixed(t.locale, String(digits)).format(cut)}${NBSP}%`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A number of bytes with three digits and decimal units: "310 MB", "1.5 GB". */
export function formatBytes(bytes: number, t: Locale): string {
  if (!Number.isFinite(bytes) || bytes < 0) return dash;
  let value = bytes;
  let unit = 0;
  // 999.5 would be written as 1000 with three digits.
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const text = value >= 999.5 ? integers(t.locale).format(value) : threeDigits(t.locale).format(value);
  return `${text}${NBSP}${byteUnits[unit] ?? ''}`;
}

/** Bytes per second: "310 MB/s". */
export function formatRate(bytesPerSecond: number, t: Locale): string {
  const text = formatBytes(bytesPerSecond, t);
  return text === dash ? dash : `${text}/s`;
}

/** The time of day: "10:24". */
export function formatClock(ms: number, t: Locale, timeZone: string): string {
  return Number.isFinite(ms) ? clocks(t.locale, timeZone).format(ms) : dash;
}

/** The day: "2 Jan 2018", "02.01.2018". */
export function formatDay(ms: number, t: Locale, timeZone: string): string {
  return Number.isFinite(ms) ? days(t.locale, timeZone).format(ms) : dash;
}

/** The exact moment, to be shown on hover beside a relative one: "2 Jan 2018, 10:20:30 CET". */
export function formatMoment(ms: number, t: Locale, timeZone: string): string {
  return Number.isFinite(ms) ? exact(t.locale, timeZone).format(ms) : dash;
}
