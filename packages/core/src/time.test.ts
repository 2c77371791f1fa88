import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  firstInstant,
  InvalidTimeError,
  isTimeZone,
  lastInstant,
  localDate,
  parseDuration,
  parseInstant,
  parseLocalTime,
  toIso,
  zoneOffset,
} from './time.ts';

const anyInstant = fc.integer({ min: firstInstant, max: lastInstant });
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Australia/Lord_Howe',
];

describe('toIso', () => {
  test('writes what Date writes', () => {
    fc.assert(fc.property(anyInstant, (ms) => void expect(toIso(ms)).toBe(new Date(ms).toISOString())));
    const near = fc.array(fc.integer({ min: 1.7e12 - 5_000, max: 1.7e12 + 5_000 }));
    fc.assert(
      fc.property(near, (all) => {
        for (const ms of all) expect(toIso(ms)).toBe(new Date(ms).toISOString());
      }),
    );
  });

  test('drops fractions of a millisecond, before 1970 too', () => {
    expect(toIso(0.9)).toBe('1970-01-01T00:00:00.000Z');
    expect(toIso(-0.1)).toBe('1969-12-31T23:59:59.999Z');
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, firstInstant - 1, lastInstant + 1])('refuses %s', (ms) => {
    expect(() => toIso(ms)).toThrow(InvalidTimeError);
  });
});

describe('parseInstant', () => {
  test('reads what toIso writes', () => {
    fc.assert(fc.property(anyInstant, (ms) => void expect(parseInstant(toIso(ms))).toBe(ms)));
  });

  test.each([
    ['2026-01-31T12:34:56.789Z', '2026-01-31T12:34:56.789Z'],
    ['2026-01-31T12:34:56Z', '2026-01-31T12:34:56.000Z'],
    ['2026-01-31T12:34Z', '2026-01-31T12:34:00.000Z'],
    ['2026-01-31t12:34:56.7z', '2026-01-31T12:34:56.700Z'],
    ['2026-01-31 12:34:56,789999+01:00', '2026-01-31T11:34:56.789Z'],
    ['2026-01-31T12:34:56-0530', '2026-01-31T18:04:56.000Z'],
    ['2026-01-31T12:34:56+02', '2026-01-31T10:34:56.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['0050-02-03T00:00:00Z', '0050-02-03T00:00:00.000Z'],
  ])('reads %s', (text, iso) => expect(toIso(parseInstant(text))).toBe(iso));

  test.each([
    '',
    'now',
    '2026-01-31',
    '2026-01-31T12:34:56',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-01-31T12:34:60Z',
    '2026-01-31T12:34:56+24:00',
    '+012026-01-31T12:34:56Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '2026-01-31T12:34:56Z ',
    '1767225600000',
    `${'9'.repeat(10_000)}`,
  ])('refuses %j', (text) => expect(() => parseInstant(text)).toThrow(InvalidTimeError));

  test('says what it wants', () => {
    expect(() => parseInstant('yesterday')).toThrow(
      '"yesterday" is not a time with an offset, e.g. 2026-01-31T12:34:56.789Z',
    );
  });
});

describe('local times', () => {
  test.each([
    ['2018-01-02 10:20:30', 'Europe/Berlin', '2018-01-02T09:20:30.000Z'],
    ['2018-07-02__10:20:30', 'Europe/Berlin', '2018-07-02T08:20:30.000Z'],
    ['2018-07-02T10:20', 'America/New_York', '2018-07-02T14:20:00.000Z'],
    ['2018-07-02', 'Asia/Kathmandu', '2018-07-01T18:15:00.000Z'],
    // Clocks went from 02:00 to 03:00: what they skipped counts on from before the gap.
    ['2026-03-29 02:30:00', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['2026-03-29 01:59:59', 'Europe/Berlin', '2026-03-29T00:59:59.000Z'],
    ['2026-03-29 03:00:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    // Clocks went from 03:00 back to 02:00: the first of the two.
    ['2026-10-25 02:30:00', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25 03:00:00', 'Europe/Berlin', '2026-10-25T02:00:00.000Z'],
    ['2026-11-01 01:30:00', 'America/New_York', '2026-11-01T05:30:00.000Z'],
    // Half an hour of summer time.
    ['2026-10-04 02:15:00', 'Australia/Lord_Howe', '2026-10-03T15:45:00.000Z'],
    // Samoa had no 30 December 2011.
    ['2011-12-29 23:00:00', 'Pacific/Apia', '2011-12-30T09:00:00.000Z'],
    ['2011-12-31 01:00:00', 'Pacific/Apia', '2011-12-30T11:00:00.000Z'],
  ])('%s in %s', (text, zone, iso) => expect(toIso(parseLocalTime(text, zone))).toBe(iso));

  test('reads back what the wall clock showed, the earlier instant where two showed it', () => {
    const recent = fc.integer({ min: 0, max: Date.UTC(2050, 0) / 1_000 });
    fc.assert(
      fc.property(recent, fc.constantFrom(...zones), (seconds, zone) => {
        const ms = seconds * 1_000;
        const wall = toIso(ms + zoneOffset(ms, zone)).slice(0, 19);
        const back = parseLocalTime(wall, zone);
        expect(back).toBeLessThanOrEqual(ms);
        expect(back + zoneOffset(back, zone)).toBe(ms + zoneOffset(ms, zone));
      }),
      { numRuns: 500 },
    );
  });

  test.each(['2018-02-30 10:20:30', '2018-01-02 25:00:00', '02.01.2018', '2018-01-02 10:20:30Z', ''])(
    'refuses %j',
    (text) => expect(() => parseLocalTime(text, 'Europe/Berlin')).toThrow(InvalidTimeError),
  );

  test('an unknown zone is named', () => {
    expect(() => parseLocalTime('2018-01-02', 'Mars/Olympus')).toThrow('"Mars/Olympus" is no IANA time zone');
    expect(() => localDate(0, '+01:00')).toThrow(InvalidTimeError);
  });
});

describe('localDate', () => {
  test.each([
    ['2026-01-31T23:30:00Z', 'UTC', '2026-01-31'],
    ['2026-01-31T23:30:00Z', 'Europe/Berlin', '2026-02-01'],
    ['2026-01-31T02:30:00Z', 'America/New_York', '2026-01-30'],
    ['2026-03-29T21:59:59Z', 'Europe/Berlin', '2026-03-29'],
    ['2026-03-29T22:00:00Z', 'Europe/Berlin', '2026-03-30'],
    ['0001-01-01T00:00:00Z', 'America/New_York', '0001-01-01'],
    ['9999-12-31T23:59:59Z', 'Asia/Tokyo', '9999-12-31'],
  ])('%s in %s', (text, zone, day) => expect(localDate(parseInstant(text), zone)).toBe(day));

  test('agrees with the platform', () => {
    const recent = fc.integer({ min: 0, max: Date.UTC(2050, 0) });
    fc.assert(
      fc.property(recent, fc.constantFrom(...zones), (ms, timeZone) => {
        const parts = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(ms);
        expect(localDate(ms, timeZone)).toBe(parts);
      }),
    );
  });

  test('refuses what is no instant', () => {
    expect(() => localDate(Number.NaN, 'UTC')).toThrow(InvalidTimeError);
    expect(() => localDate(Number.NaN, 'Europe/Berlin')).toThrow(InvalidTimeError);
    expect(() => localDate(lastInstant + 1e9, 'Europe/Berlin')).toThrow(InvalidTimeError);
  });
});

describe('isTimeZone', () => {
  test.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+3'])('knows %s', (name) =>
    expect(isTimeZone(name)).toBe(true),
  );
  test.each(['', '+01:00', 'Mars/Olympus', 'Europe/Berlin; drop', 'x'.repeat(1_000)])('refuses %j', (name) =>
    expect(isTimeZone(name)).toBe(false),
  );
});

describe('parseDuration', () => {
  test.each([
    ['90m', 5_400_000],
    ['7d', 604_800_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['500ms', 500],
    ['2w1d', 15 * 86_400_000],
    ['1m5ms', 60_005],
    [' 0s ', 0],
  ])('%j', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each([
    '',
    '90',
    'm',
    '-5m',
    '1h1h',
    '5m1h',
    '1e3s',
    '1 h',
    '1M',
    '5 minutes',
    '101000d',
    '1..5h',
    '9'.repeat(200),
  ])('refuses %j', (text) => expect(() => parseDuration(text)).toThrow(InvalidTimeError));

  test('does not hang on long nonsense', () => {
    expect(() => parseDuration(`${'1m'.repeat(49)}x`)).toThrow(InvalidTimeError);
  });
});
