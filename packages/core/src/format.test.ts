import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dash,
  formatBytes,
  formatClock,
  formatCount,
  formatDay,
  formatDuration,
  formatMoment,
  formatNumber,
  formatPercent,
  formatRate,
  formatRelativeTime,
  formatTimeLeft,
} from './format.ts';
import { de } from './messages/de.ts';
import { translator } from './translate.ts';

const t = translator('en');
const tDe = translator('de', de);
const S = 1_000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;
/** Ordinary spaces for those that do not break, so that the tables below can be read. */
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('formatRelativeTime', () => {
  test.each([
    [0, 'just now', 'gerade eben'],
    [-44 * S, 'just now', 'gerade eben'],
    [-46 * S, '1 min ago', 'vor 1 Min.'],
    [-3.9 * M, '3 min ago', 'vor 3 Min.'],
    [-59.9 * M, '59 min ago', 'vor 59 Min.'],
    [-H, '1 hr ago', 'vor 1 Std.'],
    [-23.9 * H, '23 hr ago', 'vor 23 Std.'],
    [-D, '1 day ago', 'vor 1 Tag'],
    [-30 * D, '30 days ago', 'vor 30 Tagen'],
    [-31 * D, '1 mo ago', 'vor 1 Monat'],
    [-364 * D, '11 mo ago', 'vor 11 Monaten'],
    [-800 * D, '2 yr ago', 'vor 2 Jahren'],
    [30 * S, 'in a moment', 'gleich'],
    [5 * M, 'in 5 min', 'in 5 Min.'],
    [2 * D, 'in 2 days', 'in 2 Tagen'],
  ])('%d ms away', (away, english, german) => {
    expect(plain(formatRelativeTime(1e12 + away, 1e12, t))).toBe(english);
    expect(plain(formatRelativeTime(1e12 + away, 1e12, tDe))).toBe(german);
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0 s', '0 s'],
    [0.2, '1 ms', '1 ms'],
    [340, '340 ms', '340 ms'],
    [999.9, '999 ms', '999 ms'],
    [45_400, '45 s', '45 s'],
    [59_900, '1 m', '1 min'],
    [90 * S, '1 m 30 s', '1 min 30 s'],
    [9 * M, '9 m', '9 min'],
    [10 * M - 400, '10 m', '10 min'],
    [12.4 * M, '12 m', '12 min'],
    [59.8 * M, '1 h', '1 h'],
    [3 * H + 12 * M, '3 h 12 m', '3 h 12 min'],
    [D - 1, '1 d', '1 day'],
    [51 * H, '2 d 3 h', '2 days 3 h'],
    [1_234 * D, '1,234 d', '1,234 days'],
  ])('%d ms', (ms, compact, sentence) => {
    expect(formatDuration(ms, t)).toBe(compact);
    expect(formatDuration(ms, t, 'plain')).toBe(sentence);
  });

  test('in German', () => {
    expect(formatDuration(51 * H, tDe)).toBe('2 T 3 h');
    expect(formatDuration(24 * H, tDe, 'plain')).toBe('1 Tag');
    expect(formatDuration(3 * H + 12 * M, tDe)).toBe('3 h 12 min');
  });

  test('never shows a unit that is full', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e13, noNaN: true }), (ms) => {
        expect(formatDuration(ms, t)).not.toMatch(/\b(60 s|60 m|24 h|1000 ms)|\b0 [mhd]|-|NaN/);
      }),
    );
  });
});

describe('formatTimeLeft', () => {
  test.each([
    [{ likely: 720, low: 500, high: 1_110 }, 'about 12 min left (8–19)', 'noch etwa 12 min (8–19)'],
    [{ likely: 720, low: 710, high: 735 }, 'about 12 min left', 'noch etwa 12 min'],
    [{ likely: 20, low: 5, high: 200 }, 'less than a minute left', 'noch keine Minute'],
    [{ likely: 60, low: 10, high: 100 }, 'about 1 min left (0–2)', 'noch etwa 1 min (0–2)'],
    [
      { likely: 3_000, low: 1_800, high: 7_300 },
      'about 50 min left (30 min–2 h)',
      'noch etwa 50 min (30 min–2 h)',
    ],
    [
      { likely: 200_000, low: 100_000, high: 300_000 },
      'about 2 days 8 h left (1 day 4 h–3 days 11 h)',
      'noch etwa 2 Tage 8 h (1 Tag 4 h–3 Tage 11 h)',
    ],
  ])('%j', (figures, english, german) => {
    expect(formatTimeLeft(figures, t)).toBe(english);
    expect(formatTimeLeft(figures, tDe)).toBe(german);
  });
});

describe('numbers', () => {
  test('formatNumber and formatCount', () => {
    expect(formatNumber(1_234_567.891, t)).toBe('1,234,567.89');
    expect(formatNumber(1_234_567.891, tDe)).toBe('1.234.567,89');
    expect(formatCount(10_000, t, { atLeast: true })).toBe('10,000+');
    expect(formatCount(10_000, tDe)).toBe('10.000');
  });

  test.each([
    [0, 0, '0 %'],
    [28.57, 0, '28 %'],
    [28.57, 2, '28.57 %'],
    [99.999, 1, '99.9 %'],
    [99.9999999, 0, '99 %'],
    [100, 0, '100 %'],
    [100, 1, '100.0 %'],
    [-3, 0, '0 %'],
    [1e9, 0, '100 %'],
  ])('formatPercent(%d, %d)', (percent, digits, text) =>
    expect(plain(formatPercent(percent, t, digits))).toBe(text),
  );

  test.each([
    [0, '0 B', '0 B'],
    [999, '999 B', '999 B'],
    [999.9, '1 kB', '1 kB'],
    [1_536, '1.54 kB', '1,54 kB'],
    [999_700, '1 MB', '1 MB'],
    [310_200_000, '310 MB', '310 MB'],
    [4.2e12, '4.2 TB', '4,2 TB'],
    [1.5e18, '1,500 PB', '1.500 PB'],
  ])('formatBytes(%d)', (bytes, english, german) => {
    expect(plain(formatBytes(bytes, t))).toBe(english);
    expect(plain(formatBytes(bytes, tDe))).toBe(german);
    expect(plain(formatRate(bytes, t))).toBe(`${english}/s`);
  });
});

test('points in time', () => {
  const ms = Date.UTC(2018, 0, 2, 9, 20, 30);
  expect(formatMoment(ms, t, 'Europe/Berlin')).toBe('2 Jan 2018, 10:20:30 CET');
  expect(formatMoment(ms, tDe, 'Europe/Berlin')).toBe('02.01.2018, 10:20:30 MEZ');
  expect(formatDay(ms, t, 'UTC')).toBe('2 Jan 2018');
  expect(formatClock(ms, tDe, 'UTC')).toBe('09:20');
});

test('what is no number is a dash', () => {
  for (const value of [Number.NaN, undefined as unknown as number]) {
    expect(formatRelativeTime(value, 0, t)).toBe(dash);
    expect(formatDuration(value, t)).toBe(dash);
    expect(formatTimeLeft({ likely: value, low: 0, high: 1 }, t)).toBe(dash);
    expect(formatNumber(value, t)).toBe(dash);
    expect(formatCount(value, t)).toBe(dash);
    expect(formatPercent(value, t)).toBe(dash);
    expect(formatBytes(value, t)).toBe(dash);
    expect(formatRate(value, t)).toBe(dash);
    expect(formatClock(value, t, 'UTC')).toBe(dash);
    expect(formatDay(value, t, 'UTC')).toBe(dash);
    expect(formatMoment(value, t, 'UTC')).toBe(dash);
  }
});
