import { DaybookError, jsonObject } from '@daybook/core';
import { describe, expect, it } from 'vitest';
import { parseBody } from './body.ts';

const refusal = (text: string): DaybookError => {
  try {
    parseBody(text);
  } catch (error) {
    if (error instanceof DaybookError) return error;
  }
  throw new Error('it was not refused');
};

describe('a body', () => {
  it('is JSON, or nothing', () => {
    expect(parseBody('{"a": [1, "ä", "\\u00e4"]}')).toEqual({ a: [1, 'ä', 'ä'] });
    expect(parseBody('')).toBeUndefined();
    expect(refusal('{"a": ').code).toBe('malformed_json');
  });

  it.each([
    ['{"a": ["x", "\\u0000"]}', 'a[1]', 'must not contain NUL'],
    ['{"a": {"b": "\\ud800"}}', 'a.b', 'is no well-formed Unicode'],
    ['{"\\udfff": 1}', '\udfff', 'is no well-formed Unicode'],
  ])('%s has text that cannot be stored', (text, path, message) => {
    expect(refusal(text).faults).toEqual([{ path, message }]);
  });

  it('may be as deep as it likes without hurting us, and is then refused by its schema', () => {
    const deep = `{"a": ${'['.repeat(100_000)}"\\u0041"${']'.repeat(100_000)}}`;
    const result = jsonObject.safeParse(parseBody(deep));
    expect(result.error?.issues.map((issue) => issue.message)).toEqual([
      'must not be nested deeper than 32 levels',
    ]);
  });
});
