import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DirectoryStore } from './directory-store.ts';
import { MissingObjectError, type ObjectKey, type ObjectStore } from './object-store.ts';
import { type S3Server, startS3 } from './testing/s3-server.ts';

const MEBIBYTE = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'daybook-objects-'));
let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(async () => {
  await s3.close();
  rmSync(folder, { recursive: true });
});

const key = (uuid: string): ObjectKey => ({ folder: `2026/11/${uuid}`, name: 'bundle.tar' });

async function content(store: ObjectStore, of: ObjectKey, from: number, to: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of store.read(of, from, to)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function write(store: ObjectStore, of: ObjectKey, bytes: Buffer) {
  const writer = await store.create(of);
  for (let at = 0; at < bytes.length; at += MEBIBYTE) await writer.write(bytes.subarray(at, at + MEBIBYTE));
  return writer;
}

/** What every store promises. */
describe.each([
  ['a directory', () => new DirectoryStore(join(folder, 'archive'))],
  ['an S3 bucket', () => s3.store('some/where')],
] as const)('an archive in %s', (_place, open) => {
  let store: ObjectStore;
  beforeAll(() => {
    store = open();
  });
  afterAll(() => store.close());

  test('has an object when it is finished, and not before', async () => {
    const bytes = randomBytes(19 * MEBIBYTE + 77);
    const writer = await write(store, key('whole'), bytes);
    expect(await store.size(key('whole'))).toBeUndefined();
    await writer.finish();
    expect(await store.size(key('whole'))).toBe(bytes.length);
    expect((await content(store, key('whole'), 0, bytes.length)).equals(bytes)).toBe(true);
    const part = bytes.subarray(8 * MEBIBYTE - 5, 8 * MEBIBYTE + 5);
    expect(await content(store, key('whole'), 8 * MEBIBYTE - 5, 8 * MEBIBYTE + 5)).toEqual(part);
    expect(await content(store, key('whole'), bytes.length - 3, bytes.length + 100)).toEqual(
      bytes.subarray(-3),
    );
    expect(await content(store, key('whole'), bytes.length + 10, bytes.length + 20)).toEqual(Buffer.alloc(0));
  });

  test('goes on from what was safe, and drops what came later', async () => {
    const bytes = randomBytes(20 * MEBIBYTE);
    const lost = await write(store, key('resumed'), bytes);
    const saved = await lost.makeSafe(18 * MEBIBYTE);
    expect(saved.size).toBeGreaterThanOrEqual(16 * MEBIBYTE);
    expect(saved.size).toBeLessThanOrEqual(18 * MEBIBYTE);
    await lost.leave();
    const writer = await store.resume(key('resumed'), JSON.parse(JSON.stringify(saved)));
    const rest = randomBytes(MEBIBYTE);
    await writer.write(rest);
    await writer.finish();
    const expected = Buffer.concat([bytes.subarray(0, saved.size), rest]);
    expect((await content(store, key('resumed'), 0, expected.length + 1)).equals(expected)).toBe(true);
  });

  test('takes whole objects of any size, and replaces them', async () => {
    const manifest: ObjectKey = { ...key('put'), name: 'manifest.json' };
    const large = randomBytes(9 * MEBIBYTE);
    for (const bytes of [large, Buffer.from('small')]) {
      await store.put(manifest, [bytes.subarray(0, 3), bytes.subarray(3)]);
      expect((await content(store, manifest, 0, bytes.length)).equals(bytes)).toBe(true);
      expect(await store.size(manifest)).toBe(bytes.length);
    }
  });

  test('keeps apart what two write of one object at once, and leaves nothing of who was killed', async () => {
    const manifest: ObjectKey = { ...key('twice'), name: 'manifest.json' };
    const bytes = randomBytes(12 * MEBIBYTE);
    const isHalf = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    // Believed dead, and still writing: its beginning must not be missing from what the other has finished.
    const slow = store.put(
      manifest,
      (async function* () {
        yield bytes.subarray(0, 9 * MEBIBYTE);
        isHalf.resolve();
        await mayEnd.promise;
        yield bytes.subarray(9 * MEBIBYTE);
      })(),
    );
    await isHalf.promise;
    await store.put(manifest, [bytes]);
    const found = await content(store, manifest, 0, bytes.length + 1);
    mayEnd.resolve();
    await slow.catch(() => undefined);
    expect(found.equals(bytes)).toBe(true);
    expect((await content(store, manifest, 0, bytes.length + 1)).equals(bytes)).toBe(true);
    await store.removeFolder(manifest.folder);
  });

  test('says of an object that is not there that it is missing', async () => {
    await expect(content(store, key('nothing'), 0, 1)).rejects.toThrow(MissingObjectError);
    expect(await store.size(key('nothing'))).toBeUndefined();
  });

  test('removes a bundle, also one that was begun, and nothing besides', async () => {
    await (await write(store, key('gone'), Buffer.from('x'))).finish();
    await store.put({ ...key('gone'), name: 'receipt.json' }, [Buffer.from('y')]);
    const begun = await store.create(key('begun'));
    await begun.write(Buffer.from('z'));
    await begun.leave();
    await (await write(store, key('gone-not'), Buffer.from('x'))).finish();
    for (const uuid of ['gone', 'begun', 'never']) await store.removeFolder(`2026/11/${uuid}`);
    const folders: string[] = [];
    for await (const each of store.folders()) folders.push(each);
    expect(folders).toContain('2026/11/gone-not');
    expect(folders).not.toContain('2026/11/gone');
    expect(folders).not.toContain('2026/11/begun');
    expect(await store.size(key('gone-not'))).toBe(1);
  });
});

test('what goes over the wire to a bucket carries its CRC-64/NVME', async () => {
  const sent = s3.requests.filter(({ method, url }) => method === 'PUT' && /partNumber|manifest/.test(url));
  expect(sent.length).toBeGreaterThan(3);
  for (const { headers } of sent)
    expect(headers['x-amz-checksum-crc64nvme'] ?? headers['x-amz-trailer']).toMatch(/=$|crc64nvme/);
});
