import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BundleFault } from './bundle-fault.ts';
import { isMimeType, listedFiles, memberPath, readMetadata } from './metadata.ts';
import { metadataEntries } from './metadata-entries.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (...entries: unknown[]) => readMetadata([bytes(JSON.stringify(entries))]);
async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
const files = async (...entries: unknown[]) =>
  (await collected(listedFiles([bytes(JSON.stringify(entries))]))).flat();
const piecesOf = (all: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
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

test('reads what the contract shows', async () => {
  const metadata = await read(
    { destinationTable: 'Transactions.submitter', value: 10 },
    { destinationTable: 'Transactions.project', value: '1234a' },
    { destinationTable: 'Transactions.instrument', value: 54 },
    { destinationTable: 'TransactionKeyValue', key: 'Temp C', value: '27' },
    foo,
  );
  expect(metadata).toMatchObject({ submitter: '10', project: '1234a', instrument: '54', faults: [] });
  expect(metadata).toMatchObject({ keyValues: [{ key: 'Temp C', value: '27' }], files: 1, bytes: 4 });
  expect(metadata.entries).toHaveLength(4);
  const path = 'data/a/b/foo.txt';
  expect(await files(foo)).toEqual([
    { path, size: 4, hashType: 'sha1', hash: sha1, mimeType: 'text/plain', source: undefined },
  ]);
});

test('older documents say proposal', async () => {
  expect((await read({ destinationTable: 'Transactions.proposal', value: '7' })).project).toBe('7');
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
  ['sha1', `sha1:${sha1}`, 'sha1'],
  ['SHA1', sha1.toUpperCase(), 'SHA1'],
  [undefined, `sha1:${sha1}`, 'sha1'],
  [undefined, sha1, undefined],
])('takes a hash with type %j and sum %j', async (hashtype, hashsum, hashType) => {
  expect(await files({ ...foo, hashtype, hashsum })).toMatchObject([{ hashType, hash: sha1 }]);
});

describe('what cannot be read fails in load metadata', () => {
  test.each([
    ['', 'metadata-empty'],
    ['  \n', 'metadata-empty'],
    ['nonsense', 'metadata-not-json'],
    ['{"a": 1}', 'metadata-not-array'],
    ['"text"', 'metadata-not-array'],
    ['[{"destinationTable": "Files"', 'metadata-not-json'],
    ['[1 2]', 'metadata-not-json'],
    ['[{"destinationTable": "x"}', 'metadata-not-json'],
    ['[{"destinationTable": "x"', 'metadata-not-json'],
    ['[{"destinationTable": "x"},]', 'metadata-not-json'],
    ['[', 'metadata-not-json'],
    ['[,]', 'metadata-not-json'],
    ['[] []', 'metadata-not-json'],
    [`[${'['.repeat(100)}`, 'metadata-not-json'],
    ['["unended]', 'metadata-not-json'],
    ['[{}]', 'metadata-wrong-shape'],
    ['[1]', 'metadata-wrong-shape'],
    ['[null]', 'metadata-wrong-shape'],
    ['[[]]', 'metadata-wrong-shape'],
    ['[{"destinationTable": 7}]', 'metadata-wrong-shape'],
  ])('%j', async (text, rule) => {
    const fault = { name: 'BundleFault', task: 'load metadata', rule };
    await expect(readMetadata([bytes(text)])).rejects.toMatchObject(fault);
    await expect(readMetadata(piecesOf(bytes(text), 1))).rejects.toMatchObject(fault);
  });

  test('what is wrong in the middle, by the number of its entry, after what is right before it', async () => {
    const right = '{"destinationTable": "x"}';
    const text = `[${right}, ${right}, {"destinationTable"}, ${right}]`;
    await expect(readMetadata([bytes(text)])).rejects.toMatchObject({
      rule: 'metadata-not-json',
      message: expect.stringContaining('in entry 3'),
    });
    // The first fault is told, whoever finds it.
    await expect(readMetadata([bytes(`[${right}, 7, ${right},,]`)])).rejects.toMatchObject({
      rule: 'metadata-wrong-shape',
    });
  });

  test('bytes that are no text', async () => {
    const broken = new Uint8Array([...bytes('[{"destinationTable": "'), 0xff, ...bytes('"}]')]);
    await expect(readMetadata([broken])).rejects.toMatchObject({ rule: 'metadata-not-utf8' });
  });

  test('more than is kept besides the files', async () => {
    const long = { destinationTable: 'TransactionKeyValue', key: 'k', value: 'x'.repeat(100_000) };
    await expect(read(long, long, long)).rejects.toMatchObject({ rule: 'metadata-too-large' });
    const padded = { ...foo, padding: 'x'.repeat(1_100_000) };
    await expect(read(padded)).rejects.toMatchObject({ rule: 'metadata-too-large' });
  });
});

test.each([
  [{ ...foo, name: '..' }, 'file-name-malformed'],
  [{ ...foo, subdir: 'data/../../etc' }, 'file-name-malformed'],
  [{ ...foo, name: '' }, 'file-name-malformed'],
  [{ ...foo, name: 7 }, 'file-name-malformed'],
  [{ ...foo, name: 'a\0b' }, 'file-name-malformed'],
  [{ ...foo, name: '.' }, 'file-name-malformed'],
  [{ destinationTable: 'TransactionKeyValue', value: 1 }, 'key-missing'],
])('%j is refused by the policy', async (entry, rule) => {
  expect((await read(entry)).faults).toMatchObject([{ task: 'Policy Validation', rule }]);
});

test('facts that contradict each other are refused by the policy, malformed mime types with the metadata', async () => {
  const { faults } = await read(
    { ...foo, mimetype: 'text' },
    { destinationTable: 'Transactions.project', value: 'a' },
    { destinationTable: 'Transactions.project', value: 'b' },
  );
  expect(faults.map(({ task, rule }) => [task, rule])).toEqual([
    ['ingest metadata', 'mime-type-malformed'],
    ['Policy Validation', 'metadata-contradicts'],
  ]);
});

test('sizes may be text; what is no size equals none', async () => {
  const size = async (value: unknown) => (await files({ ...foo, size: value }))[0]?.size;
  expect(await size('12')).toBe(12);
  expect(await size(undefined)).toBeUndefined();
  expect(await size('12 kB')).toBeNaN();
});

test('reads entry by entry, in any pieces, what JSON.parse reads at once', async () => {
  const documents = fc.array(fc.jsonValue({ maxDepth: 5 }));
  const sizes = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(1_000));
  await fc.assert(
    fc.asyncProperty(documents, fc.constantFrom(0, 1, 4), sizes, async (values, indent, size) => {
      const text = JSON.stringify(values, null, indent);
      const entries: unknown[] = [];
      for await (const values of metadataEntries(piecesOf(bytes(text), size))) entries.push(...values);
      expect(entries).toEqual(JSON.parse(text));
    }),
  );
});

test('whatever it is given, it reads it or says why not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), fc.string({ unit: 'grapheme' }), async (head, tail) => {
      for (const input of [head, bytes(`[${tail}]`), bytes(`[{"destinationTable":${tail}`)])
        try {
          await readMetadata([input]);
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
