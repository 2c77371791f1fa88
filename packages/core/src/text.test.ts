import { describe, expect, test } from 'vitest';
import { limits } from './limits.ts';
import { instant, jsonObject, label, line, printed, prose, rowId } from './text.ts';

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

  test.each([line, label, prose, printed])('holds no half characters', (kind) => {
    expect(kind(9).safeParse('a\ud800').error?.issues[0]?.message).toBe('is no well-formed Unicode');
    expect(kind(9).parse('a\u{1f600}')).toBe('a\u{1f600}');
  });

  test('what is printed may hold anything else but NUL', () => {
    expect(printed(9).parse('\u001b[31m\r\n')).toBe('\u001b[31m\r\n');
    expect(printed(9).safeParse('\u0000').error?.issues[0]?.message).toBe('must not contain NUL');
  });

  test.each([line, label, prose, printed])('has a largest length', (kind) => {
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

test('all that is wrong with a JSON object is told, with its path', () => {
  const object = JSON.parse(
    '{"a": ["x", "\\u0000"], "b": {"c": 1e999, "__proto__": {}}, "\\udfff": 1, "d": "\\ud800", "__proto__": 1}',
  );
  expect(jsonObject.safeParse(object).error?.issues.map(({ path, message }) => [path, message])).toEqual([
    [['a', 1], 'must not contain NUL'],
    [['b', 'c'], 'must not be a number beyond those of JSON'],
    [['b', '__proto__'], 'is no name for a property'],
    [['\udfff'], 'is no well-formed Unicode'],
    [['d'], 'is no well-formed Unicode'],
    [['__proto__'], 'is no name for a property'],
  ]);
  const many = Object.fromEntries(Array.from({ length: 9_999 }, (_, i) => [i, '\u0000']));
  expect(jsonObject.safeParse(many).error?.issues).toHaveLength(100);
});

test.each([0, -1, 1.5, 2 ** 53, '1', null])('%j is no id of a row', (id) => {
  expect(rowId.safeParse(id).success).toBe(false);
});
