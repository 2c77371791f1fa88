import { describe, expect, test } from 'vitest';
import { BundlePlan, describingEntries } from './bundle-plan.ts';
import { tarHeader, tarPadding } from './tar-writing.ts';

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('tarHeader', () => {
  test('is one block of ustar whose checksum fits', () => {
    const header = tarHeader({ path: 'data/a.txt', size: 8, modifiedAt: 1_700_000_000.9 });
    expect(header).toHaveLength(512);
    expect(textOf(header.subarray(0, 10))).toBe('data/a.txt');
    expect(textOf(header.subarray(124, 135))).toBe('00000000010');
    const said = Number.parseInt(textOf(header.subarray(148, 154)), 8);
    header.fill(0x20, 148, 156);
    expect(header.reduce((sum, byte) => sum + byte, 0)).toBe(said);
  });

  test.each([
    ['a long name', { path: `data/${'x'.repeat(200)}`, size: 1 }, `path=data/${'x'.repeat(200)}\n`],
    ['a name that is not ASCII', { path: 'data/ü', size: 1 }, 'path=data/ü\n'],
    ['8 GiB', { path: 'data/a', size: 8 * 1024 ** 3 }, 'size=8589934592\n'],
  ])('has a pax header for %s', (_what, file, record) => {
    const header = tarHeader({ ...file, modifiedAt: 0 });
    expect(header.length % 512).toBe(0);
    expect(textOf(header.subarray(512))).toContain(record);
    const [, length] = /^(\d+) /.exec(textOf(header.subarray(512))) ?? [];
    expect(textOf(header.subarray(512, 512 + Number(length))).endsWith('\n')).toBe(true);
  });
});

describe('BundlePlan', () => {
  const files = ['a.txt', 'b/c.bin', 'b/ünï.txt'].map((path, i) => ({
    path,
    size: i * 700,
    modifiedAt: 1_700_000_000,
    mimeType: 'text/plain',
  }));
  const entries = describingEntries({ submitter: '10', project: 'p', instrument: '54', keyValues: [] });
  const plan = new BundlePlan(entries, files, 1_700_000_000);

  test('says how large it will be, and names its files last', () => {
    const parts = [...plan.parts()];
    const last = parts.at(-1);
    expect(last?.kind === 'bytes' && last.from + last.bytes.length).toBe(plan.size);
    expect(plan.size % 512).toBe(0);
    const metadata = JSON.parse(textOf(plan.metadata(['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)])));
    expect(metadata.slice(0, 3)).toEqual(entries);
    expect(metadata[5]).toMatchObject({
      name: 'ünï.txt',
      subdir: 'data/b/',
      hashsum: 'c'.repeat(64),
      size: 1_400,
    });
  });

  test('its metadata is as long as it was planned, whatever the hashes', () => {
    const planned = [...plan.parts()].find((part) => part.kind === 'metadata');
    const size = plan.metadata(['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)]).length;
    expect(planned).toMatchObject({ size });
    expect(tarPadding(size)).toBeLessThan(512);
  });

  test('goes on at any byte', () => {
    const all = [...plan.parts()];
    for (const from of [0, 1, 511, 512, 1_600, plan.size - 1]) {
      const rest = [...plan.parts(from)];
      expect(rest).toEqual(all.slice(all.length - rest.length));
      expect(rest[0]?.from).toBeLessThanOrEqual(from);
    }
    expect([...plan.parts(plan.size)]).toEqual([]);
  });
});
