import { describe, expect, test } from 'vitest';
import { limits } from './limits.ts';
import { instant, jsonObject, label, line, prose, rowId } from './text.ts';

describe('text', () => {
  test.each(['a\nb', 'a\u0000', '\u001b[31m', '\u007f'])('a line holds no control characters: %j', (text) => {
    expect(line(10).safeParse(text).success).toBe(false);
    expect(label(10).safeParse(text).success).toBe(false);
  });

  test('a label says something, a line need not', () => {
    expect(line(10).safeParse('').success).toBe(true);
    for (const empty of ['', '  ', '\u00a0']) expect(label(10).safeParse(empty).success).toBe(false);
    expect(label(10).parse(' köln ')).toBe(' köln ');
  });

  test('prose has lines and tabs, and nothing else that is no text', () => {
    expect(prose(20).parse('a\tb\r\nc')).toBe('a\tb\r\nc');
    for (const text of ['\u0000', '\u0008', '\u000b', '\u001b', '\u007f'])
      expect(prose(20).safeParse(text).success).toBe(false);
  });

  test.each([line, label, prose])('has a largest length', (kind) => {
    expect(kind(3).safeParse('abc').success).toBe(true);
    expect(kind(3).safeParse('abcd').success).toBe(false);
  });
});

test('an instant becomes milliseconds, and what is none says why', () => {
  expect(instant.parse('1970-01-01T01:00:01+01:00')).toBe(1_000);
  for (const text of ['', 'now', '2026-02-30T00:00:00Z', '2026-01-01T00:00:00', '10000-01-01T00:00:00Z'])
    expect(instant.safeParse(text).error?.issues[0]?.message, text).toMatch(/is|no|outside/);
});

test('a JSON object has a largest size and no numbers that JSON does not have', () => {
  expect(jsonObject.parse({ a: [1, null, { b: 'c' }] })).toEqual({ a: [1, null, { b: 'c' }] });
  expect(jsonObject.safeParse({ a: 'x'.repeat(limits.jsonBytes) }).success).toBe(false);
  expect(jsonObject.safeParse({ a: Number.POSITIVE_INFINITY }).success).toBe(false);
  expect(jsonObject.safeParse([1]).success).toBe(false);
});

test.each([0, -1, 1.5, 2 ** 53, '1', null])('%j is no id of a row', (id) => {
  expect(rowId.safeParse(id).success).toBe(false);
});
