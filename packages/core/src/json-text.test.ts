import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonPath, linesOf, parseJsonText } from './json-text.ts';

describe('parseJsonText', () => {
  test('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const read = parseJsonText(text);
        expect(read.slips).toEqual([]);
        expect(read.value).toEqual(JSON.parse(text));
      }),
      { numRuns: 1_000 },
    );
  });

  test('is as strict as JSON.parse: what it reads without a slip, JSON.parse reads the same', () => {
    const pieces = fc.constantFrom(
      ...'{}[]:,"\\/ \n\t019-+.eEutrnfalsx\u0000\u2028',
      'true',
      'null',
      '"a"',
      '1.5',
      '//',
      '/*',
      '*/',
      '\\u00e4',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const read = parseJsonText(text);
        let value: unknown;
        let valid = true;
        try {
          value = JSON.parse(text);
        } catch {
          valid = false;
        }
        const twice = read.slips.every((slip) => slip.message === 'is given twice');
        expect(read.complete && twice, text).toBe(valid);
        if (valid) expect(read.value).toEqual(value);
      }),
      { numRuns: 20_000 },
    );
  });

  test('__proto__ is a field like others', () => {
    const read = parseJsonText('{"__proto__": {"polluted": true}}');
    expect(Object.keys(read.value as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('a byte order mark is no slip', () =>
    expect(parseJsonText('\ufeff[1]')).toMatchObject({ value: [1], slips: [] }));

  test.each<[string, [string, number][]]>([
    ['{"a": 1,}', [['a comma must not stand before the end', 7]]],
    ['[1, 2,\n]', [['a comma must not stand before the end', 5]]],
    ['{"a": 1 "b": 2}', [['a comma is missing before this', 8]]],
    [
      '[1\n2\n{}]',
      [
        ['a comma is missing before this', 3],
        ['a comma is missing before this', 5],
      ],
    ],
    [
      '// hello\n[1 /* two */]',
      [
        ['JSON has no comments', 0],
        ['JSON has no comments', 12],
      ],
    ],
    ['{"a": 1, "a": 2}', [['is given twice', 9]]],
  ])('reads over %j and reports it', (text, slips) => {
    const read = parseJsonText(text);
    expect(read.complete).toBe(true);
    expect(read.slips.map((slip) => [slip.message, slip.offset])).toEqual(slips);
  });

  test.each<[string, string, number]>([
    ['', 'the text ends where a value should be', 0],
    ['{"a": [1, 2}', 'expected a comma or ], found "}"', 11],
    ['{"a": [1, 2', 'this [ is never closed', 6],
    ['{"a"', 'a colon must follow the name of a field', 4],
    ['{a: 1}', 'a field must begin with its name in double quotes, found "a"', 1],
    ["{'a': 1}", 'a field must begin with its name in double quotes, found "\'"', 1],
    ["['a']", 'texts stand in double quotes', 1],
    ['["a\nb"]', 'this text has no closing quote on its line', 1],
    ['["a', 'this text has no closing quote on its line', 1],
    ['["C:\\data"]', 'a backslash must be written as \\\\', 4],
    ['[01]', 'this is not how JSON writes a number', 1],
    ['[.5]', 'expected a value, found "."', 1],
    ['[1.]', 'this is not how JSON writes a number', 1],
    ['[NaN]', 'expected a value, found "N"', 1],
    ['[1] 2', 'something follows after the end', 4],
    ['[😀]', 'expected a value, found "😀"', 1],
    ['[,]', 'expected a value, found ","', 1],
    ['['.repeat(100), 'is nested deeper than 64 levels', 64],
  ])('stops at %j', (text, message, offset) => {
    const read = parseJsonText(text);
    expect(read.complete).toBe(false);
    expect(read.slips.at(-1)).toMatchObject({ message, offset });
  });

  test('takes any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseJsonText(text)));
    expect(parseJsonText('{"a":'.repeat(1e6)).complete).toBe(false);
  });
});

describe('positions', () => {
  const text = '{\n  "a": [10, {"b": true}],\r\n  "c": "x"\n}';
  const { offsetOf } = parseJsonText(text);
  const lines = linesOf(text);
  test.each<[JsonPath, 'value' | 'key', number, number]>([
    [[], 'value', 1, 1],
    [['a'], 'value', 2, 8],
    [['a'], 'key', 2, 3],
    [['a', 1], 'value', 2, 13],
    [['a', 1, 'b'], 'key', 2, 14],
    [['a', 1, 'b'], 'value', 2, 19],
    [['c'], 'value', 3, 8],
    [['a', 7, 'z'], 'value', 2, 8],
    [['missing'], 'value', 1, 1],
  ])('%j (%s) stands at %d:%d', (path, part, line, column) =>
    expect(lines(offsetOf(path, part))).toEqual({ line, column }),
  );

  test('every value is found where it stands', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const written = JSON.stringify(value, null, 1);
        const read = parseJsonText(written);
        const check = (path: (string | number)[], part: unknown): void => {
          expect(written.startsWith(JSON.stringify(part).slice(0, 1), read.offsetOf(path))).toBe(true);
          if (Array.isArray(part)) part.forEach((each, index) => check([...path, index], each));
          else if (part !== null && typeof part === 'object') {
            for (const [key, each] of Object.entries(part)) {
              expect(written.startsWith(JSON.stringify(key), read.offsetOf([...path, key], 'key'))).toBe(
                true,
              );
              check([...path, key], each);
            }
          }
        };
        check([], JSON.parse(written));
      }),
      { numRuns: 200 },
    );
  });
});
