import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetMember } from '@daybook/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BrokenTarError, walkTar } from './tar-headers.ts';
import { headerBytes, paxRecord, tarBytes, withSum } from './testing/tar-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-tar-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function members(tar: Buffer, most = 1_000) {
  const found: DatasetMember[] = [];
  const end = await walkTar(
    async (length, at) => tar.subarray(at, at + length),
    tar.length,
    most,
    (member) => found.push(member),
  );
  return { end, found, paths: found.map(({ path }) => path) };
}

describe('what a tar program writes', () => {
  const long = `${'deep/'.repeat(30)}${'n'.repeat(90)}.json`;
  beforeAll(() => {
    mkdirSync(join(folder, 'in', 'chunks'), { recursive: true });
    mkdirSync(join(folder, 'in', 'deep/'.repeat(30)), { recursive: true });
    writeFileSync(join(folder, 'in/A.json'), '{}');
    writeFileSync(join(folder, 'in/chunks/1.parquet'), Buffer.alloc(3_000, 7));
    writeFileSync(join(folder, 'in/chunks/ü ö.parquet'), 'x');
    writeFileSync(join(folder, 'in/sparse'), '');
    truncateSync(join(folder, 'in/sparse'), 5_000_000);
    symlinkSync('A.json', join(folder, 'in/link'));
  });

  const written = (format: string, ...words: string[]) => {
    const file = join(folder, `${format}.tar`);
    execFileSync('tar', ['-C', join(folder, 'in'), `--format=${format}`, '-cf', file, ...words]);
    return readFileSync(file);
  };
  const short = ['A.json', 'chunks', 'link'];
  const wanted = [
    { path: 'A.json', size: 2, type: 'file' },
    { path: 'chunks', size: 0, type: 'directory' },
    { path: 'chunks/1.parquet', size: 3_000, type: 'file' },
    { path: 'chunks/ü ö.parquet', size: 1, type: 'file' },
    { path: 'link', size: 0, type: 'link' },
  ];
  const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);

  test.each(['v7', 'ustar', 'pax', 'gnu', 'oldgnu'])('%s', async (format) => {
    const { end, found } = await members(written(format, ...short));
    expect([end, found.sort(byPath)]).toEqual(['whole', wanted]);
  });

  test.each(['pax', 'gnu'])('%s, with long names and a dot in front', async (format) => {
    writeFileSync(join(folder, 'in', long), 'long');
    const { found } = await members(written(format, '.'));
    expect(found).toContainEqual({ path: long, size: 4, type: 'file' });
    expect(found).toContainEqual({ path: 'A.json', size: 2, type: 'file' });
  });

  test.each(['pax', 'gnu'])('%s, with a sparse file', async (format) => {
    const { paths } = await members(written(format, '--sparse', 'sparse', 'A.json'));
    expect(paths).toEqual(['sparse', 'A.json']);
  });
});

describe('the headers of a tar', () => {
  test('are read, and nothing of the data', async () => {
    const tar = tarBytes([
      { path: 'A.json', content: 'x'.repeat(5_000) },
      { path: 'chunks/1', content: 'x'.repeat(100_000) },
    ]);
    const read: [number, number][] = [];
    await walkTar(
      async (length, at) => {
        read.push([at, length]);
        return tar.subarray(at, at + length);
      },
      tar.length,
      10,
      () => undefined,
    );
    expect(read).toEqual([
      [0, 512],
      [512 + 5_120, 512],
      [2 * 512 + 5_120 + 100_352, 512],
    ]);
  });

  test('take their path and size from the pax records before', async () => {
    const records = paxRecord('path', 'ü/A.json') + paxRecord('size', '600') + paxRecord('mtime', '1.5');
    const { found } = await members(
      tarBytes([
        { path: 'g', flag: 'g', content: paxRecord('comment', 'all') },
        { path: 'x', flag: 'x', content: records },
        { path: 'cut', content: 'x'.repeat(600), size: 0 },
        { path: 'B.json', content: 'y' },
      ]),
    );
    expect(found).toEqual([
      { path: 'ü/A.json', size: 600, type: 'file' },
      { path: 'B.json', size: 1, type: 'file' },
    ]);
  });

  test('join the two halves of a ustar path', async () => {
    expect((await members(tarBytes([{ path: 'name', prefix: 'a/b' }]))).paths).toEqual(['a/b/name']);
  });

  test('may tell sizes in binary', async () => {
    const header = headerBytes({ path: 'big' }, 0);
    header.fill(0, 124, 136);
    header[124] = 0x80;
    header.writeUInt32BE(700, 132);
    const tar = Buffer.concat([withSum(header), Buffer.alloc(1024), tarBytes([{ path: 'next' }])]);
    expect((await members(tar)).found[0]).toEqual({ path: 'big', size: 700, type: 'file' });
  });

  test('may end without the empty blocks at the end', async () => {
    expect((await members(tarBytes([{ path: 'a' }], false))).paths).toEqual(['a']);
  });

  test('are read up to a number', async () => {
    const tar = tarBytes([{ path: 'a' }, { path: 'b' }, { path: 'c' }]);
    expect(await members(tar, 2)).toMatchObject({ end: 'cut', paths: ['a', 'b'] });
    expect(await members(tar, 4)).toMatchObject({ end: 'whole' });
  });
});

describe('a broken tar', () => {
  const whole = tarBytes([{ path: 'A.json', content: 'x'.repeat(600) }, { path: 'b' }]);
  const big = headerBytes({ path: 'big' }, 0);
  big.fill(0xff, 124, 136);
  const broken: [string, Buffer][] = [
    ['nothing at all', Buffer.alloc(0)],
    ['no tar', Buffer.from('PK\x03\x04'.repeat(400))],
    ['half a header', whole.subarray(0, 100)],
    ['ends within a member', whole.subarray(0, 700)],
    ['a wrong sum', Buffer.concat([Buffer.from('Z'), whole.subarray(1)])],
    ['data where a header should be', tarBytes([{ path: 'a', content: 'x'.repeat(1_024), size: 512 }])],
    ['a size out of bounds', withSum(big)],
    [
      'a size that is none',
      tarBytes([{ path: 'x', flag: 'x', content: paxRecord('size', '-1') }, { path: 'a' }]),
    ],
    ['pax records without end', tarBytes([{ path: 'x', flag: 'x', content: '99 path=a\n' }])],
    ['pax records of no length', tarBytes([{ path: 'x', flag: 'x', content: '0 path=a\n' }])],
    ['a header too large', tarBytes([{ path: 'x', flag: 'L', content: 'n'.repeat(1_100_000) }])],
    ['a path too long', tarBytes([{ path: 'x', flag: 'L', content: 'n'.repeat(5_000) }, { path: 'a' }])],
  ];
  test.each(broken)('is known: %s', async (_, tar) => {
    await expect(members(tar)).rejects.toThrow(BrokenTarError);
  });

  test('never does worse than that, whatever its bytes', async () => {
    const anyTar = fc.array(
      fc.oneof(
        fc
          .record({
            path: fc.string({ maxLength: 120 }),
            flag: fc.constantFrom('0', '5', '1', 'x', 'g', 'L', 'K', 'S', '7', 'Z'),
            size: fc.option(fc.nat(5_000), { nil: undefined }),
            content: fc.string({ maxLength: 700 }),
          })
          .map(({ size, ...member }) =>
            tarBytes([{ ...member, ...(size !== undefined && { size }) }], false),
          ),
        fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
      ),
    );
    await fc.assert(
      fc.asyncProperty(anyTar, async (parts) => {
        const outcome = await members(Buffer.concat(parts)).catch((error: unknown) => error);
        expect(outcome instanceof BrokenTarError || (outcome as { end?: string }).end !== undefined).toBe(
          true,
        );
      }),
    );
  });
});
