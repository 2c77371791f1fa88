import { DaybookError, jsonObject } from '@daybook/core';
import { describe, expect, it } from 'vitest';
import { parseBody } from './body.ts';

const parse = (text: string): unknown => parseBody(Buffer.from(text));
const refusal = (bytes: Uint8Array): DaybookError => {
  try {
    parseBody(bytes);
  } catch (error) {
    if (error instanceof DaybookError) return error;
  }
  throw new Error('it was not refused');
};

describe('a body', () => {
  it('is JSON, or nothing', () => {
    expect(parse('{"a": [1, "ä", "\\u00e4"]}')).toEqual({ a: [1, 'ä', 'ä'] });
    expect(parse('')).toBeUndefined();
    expect(refusal(Buffer.from('{"a": ')).code).toBe('malformed_json');
  });

  it.each([
    ['Latin 1', Buffer.from('{"a": "ä"}', 'latin1')],
    ['half a character', Buffer.from('{"a": "ä"}').filter((byte) => byte !== 0xa4)],
    ['a surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ])('in %s is no UTF-8, and is not changed into some', (_what, bytes) => {
    expect(refusal(bytes)).toMatchObject({ code: 'malformed_json', message: 'The body is not UTF-8.' });
  });

  it('may be as deep as it likes without hurting us, and is then refused by its schema', () => {
    const deep = `{"a": ${'['.repeat(20_000)}"\\u0041"${']'.repeat(20_000)}}`;
    const result = jsonObject.safeParse(parse(deep));
    expect(result.error?.issues.map((issue) => issue.message)).toEqual([
      'must not be nested deeper than 32 levels',
    ]);
  });
});

describe('a large body', () => {
  const bytesOf = (text: string) => new TextEncoder().encode(text);

  it.each([
    ['many unknown keys', `{${Array.from({ length: 400_000 }, (_, i) => `"k${i}":1`).join()}}`],
    ['a long list', `{"jobs":[${'{},'.repeat(1_000_000)}{}]}`],
    ['deep nesting', `{"name":${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}}`],
    ['brackets without end', '['.repeat(2_000_000)],
  ])('of %s is refused before anybody looks at its values', (_, text) => {
    expect(() => parseBody(bytesOf(text))).toThrow(expect.objectContaining({ code: 'payload_too_large' }));
  });

  it('of much text is fine, whatever stands in it', () => {
    const message = '{"[,\\"'.repeat(200_000);
    expect(parseBody(bytesOf(JSON.stringify({ message })))).toEqual({ message });
  });
});
