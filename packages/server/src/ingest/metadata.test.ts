import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BundleFault } from './bundle-fault.ts';
import { hashAlgorithm, isMimeType, memberPath, parseMetadata } from './metadata.ts';
import { metadataEntries } from './metadata-entries.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (...entries: unknown[]) => parseMetadata(bytes(JSON.stringify(entries)));
const foo = {
  destinationTable: 'Files',
  name: 'foo.txt',
  subdir: 'data/a/b/',
  size: 4,
  hashtype: 'sha1',
  hashsum: 'F1D2D2F924E986AC86FDF7B36C94BCDF32BEEC15',
  mimetype: 'text/plain',
};
const sha1 = 'f1d2d2f924e986ac86fdf7b36c94bcdf32beec15';

test('reads what the contract shows', () => {
  const read = parse(
    { destinationTable: 'Transactions.submitter', value: 10 },
    { destinationTable: 'Transactions.project', value: '1234a' },
    { destinationTable: 'Transactions.instrument', value: 54 },
    { destinationTable: 'TransactionKeyValue', key: 'Temp C', value: '27' },
    foo,
  );
  expect(read).toMatchObject({ submitter: '10', project: '1234a', instrument: '54', faults: [] });
  expect(read.keyValues).toEqual([{ key: 'Temp C', value: '27' }]);
  expect([...read.files.values()]).toEqual([
    {
      path: 'data/a/b/foo.txt',
      size: 4,
      hashType: 'sha1',
      algorithm: 'sha1',
      hashSum: sha1,
      mimeType: 'text/plain',
      source: undefined,
    },
  ]);
});

test('older documents say proposal', () => {
  expect(parse({ destinationTable: 'Transactions.proposal', value: '7' }).project).toBe('7');
});

test.each([
  ['data/a/b/', 'x', 'data/a/b/x'],
  ['data/a/b', 'x', 'data/a/b/x'],
  ['a/b', 'x', 'data/a/b/x'],
  ['a//b//', 'x', 'data/a/b/x'],
  ['data//a', 'x', 'data/a/x'],
  ['/data/a', 'x', 'data/a/x'],
  ['data/', 'x', 'data/x'],
  ['data', 'x', 'data/x'],
  ['', 'x', 'data/x'],
  ['database', 'x', 'data/database/x'],
  ['a/data', 'x', 'data/a/data/x'],
  ['data/data', 'x', 'data/data/x'],
  ['a', 'A\u030aé', 'data/a/Åé'],
])('the member of %j and %j is %j', (subdir, name, path) => expect(memberPath(subdir, name)).toBe(path));

test.each([
  ['sha1:', `sha1:${sha1}`, 'sha1', 'sha1'],
  ['SHA1', sha1.toUpperCase(), 'SHA1', 'sha1'],
  [undefined, `sha1:${sha1}`, 'sha1', 'sha1'],
])('takes a hash with type %j and sum %j', (hashtype, hashsum, hashType, algorithm) => {
  const [file] = parse({ ...foo, hashtype: hashtype?.replace(':', ''), hashsum }).files.values();
  expect(file).toMatchObject({ hashType, algorithm, hashSum: sha1 });
});

test.each([
  ['md5', 'md5'],
  ['SHA-256', 'sha256'],
  ['sha3_256', 'sha3-256'],
  ['blake2b', 'blake2b512'],
  ['crc32', undefined],
  ['', undefined],
])('the platform knows %j as %j', (hashType, algorithm) => {
  expect(hashAlgorithm(hashType)?.toLowerCase()).toBe(algorithm);
});

describe('what cannot be read fails in load metadata', () => {
  test.each([
    ['', 'metadata_empty'],
    ['  \n', 'metadata_empty'],
    ['nonsense', 'metadata_not_json'],
    ['{"a": 1}', 'metadata_not_array'],
    ['"text"', 'metadata_not_array'],
    ['[{"destinationTable": "Files"', 'metadata_not_json'],
    ['[1 2]', 'metadata_not_json'],
    ['[{"destinationTable": "x"}', 'metadata_not_json'],
    ['[', 'metadata_not_json'],
    ['[,]', 'metadata_not_json'],
    ['[{"destinationTable": "x"},]', 'metadata_not_json'],
    ['[] []', 'metadata_not_json'],
    [`[${'['.repeat(100)}`, 'metadata_not_json'],
    ['["unended]', 'metadata_not_json'],
    ['[{}]', 'metadata_wrong_shape'],
    ['[1]', 'metadata_wrong_shape'],
    ['[null]', 'metadata_wrong_shape'],
    ['[[]]', 'metadata_wrong_shape'],
    ['[{"destinationTable": 7}]', 'metadata_wrong_shape'],
  ])('%j', (text, rule) => {
    expect(() => parseMetadata(bytes(text))).toThrowError(
      expect.objectContaining({ name: 'BundleFault', task: 'load metadata', rule }),
    );
  });

  test('bytes that are no text', () => {
    const broken = new Uint8Array([...bytes('[{"destinationTable": "'), 0xff, ...bytes('"}]')]);
    expect(() => parseMetadata(broken)).toThrowError(expect.objectContaining({ rule: 'metadata_not_utf8' }));
  });
});

test.each([
  [{ ...foo, name: '..' }, 'file_name_malformed'],
  [{ ...foo, subdir: 'data/../../etc' }, 'file_name_malformed'],
  [{ ...foo, name: '' }, 'file_name_malformed'],
  [{ ...foo, name: 7 }, 'file_name_malformed'],
  [{ ...foo, name: 'a\0b' }, 'file_name_malformed'],
  [{ ...foo, name: '.' }, 'file_name_malformed'],
  [{ destinationTable: 'TransactionKeyValue', value: 1 }, 'key_missing'],
])('%j is refused by the policy', (entry, rule) => {
  expect(parse(entry).faults).toMatchObject([{ task: 'Policy Validation', rule }]);
});

test('a file that is listed twice, and facts that contradict each other, are refused by the policy', () => {
  const rules = parse(
    foo,
    { ...foo, subdir: 'a/b' },
    { destinationTable: 'Transactions.project', value: 'a' },
    { destinationTable: 'Transactions.project', value: 'b' },
  ).faults.map(({ rule }) => rule);
  expect(rules).toEqual(['file_listed_twice', 'metadata_contradicts']);
});

test('sizes may be text; what is no size equals none', () => {
  const size = (value: unknown) => [...parse({ ...foo, size: value }).files.values()][0]?.size;
  expect(size('12')).toBe(12);
  expect(size(undefined)).toBeUndefined();
  expect(size('12 kB')).toBeNaN();
  expect(size(-1)).not.toBe(1);
});

test('reads entry by entry what JSON.parse reads at once', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 5 })), fc.constantFrom(0, 1, 4), (values, indent) => {
      const text = JSON.stringify(values, null, indent);
      expect([...metadataEntries(bytes(text))]).toEqual(JSON.parse(text));
    }),
  );
});

test('whatever it is given, it reads it or says why not', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ unit: 'grapheme' }), (head, tail) => {
      for (const input of [head, bytes(`[${tail}]`), bytes(`[{"destinationTable":${tail}`)])
        try {
          parseMetadata(input);
        } catch (error) {
          expect(error).toBeInstanceOf(BundleFault);
        }
    }),
  );
});

test.each([
  ['text/plain', true],
  ['text/plain; charset=utf-8', true],
  ['application/vnd.ms-excel', true],
  ['application/x-foo;a="b c"', true],
  ['text', false],
  ['text/', false],
  ['/plain', false],
  ['text/plain; charset', false],
  ['te xt/plain', false],
  ['text/pla\nin', false],
])('%j as a mime type: %s', (text, fits) => expect(isMimeType(text)).toBe(fits));
