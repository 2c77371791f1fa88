import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestClock } from '../access/testing/test-clock.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { TarThreads } from '../tar/tar-threads.ts';
import { archive, member } from '../tar/testing/made-tar.ts';
import type { ListedFile } from './reception.ts';
import { deskOf } from './testing/killed-receptions.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-check-'));
const threads = new TarThreads();
afterAll(async () => {
  await threads.close();
  rmSync(folder, { recursive: true });
});

/** More than are looked at as a page, in folders of their own. */
const COUNT = 1_250;
const paths = Array.from({ length: COUNT }, (_, n) => `data/${Math.floor(n / 100)}/file-${n}`);
const tar = archive(
  member('data/', '', { flag: '5' }),
  ...paths.flatMap((path, n) => [
    ...(n % 100 === 0 ? [member(path.slice(0, path.lastIndexOf('/') + 1), '', { flag: '5' })] : []),
    member(path, `of ${path}`),
  ]),
  member('metadata.txt', '[]'),
);
const hash = (algorithm: string, path: string) => createHash(algorithm).update(`of ${path}`).digest('hex');

/** What a list says of a file: of neighbours the same, or now and then something else. */
function listingOf(path: string, n: number): ListedFile {
  const hashType = n % 400 < 150 ? 'sha1' : n % 400 < 300 ? 'sha256' : ['md5', undefined][n % 2];
  return {
    path,
    ...(hashType !== undefined && { hashType, hash: hash(hashType, path) }),
    ...(n % 70 < 60 && { mimeType: n % 700 < 350 ? 'text/plain' : 'text/x-other' }),
  };
}

/** As the metadata tells them, in more than one lot. */
function lots(listed: readonly ListedFile[]): ListedFile[][] {
  return Array.from({ length: Math.ceil(listed.length / 500) }, (_, n) =>
    listed.slice(n * 500, (n + 1) * 500),
  );
}

forEachEngine((engine, newDatabase) => {
  let store: Store;
  beforeAll(async () => {
    store = (await newDatabase()).open();
  });
  const received = async () => {
    const reception = await deskOf(store, join(folder, engine), threads, new TestClock()).open(1);
    await reception.write(tar);
    return await reception.finish();
  };

  test.each<[string, (listed: ListedFile[]) => ListedFile[]]>([
    ['as the tar has them', (listed) => listed],
    ['backwards', (listed) => listed.toReversed()],
    ['from the middle on, then the first half', (listed) => [...listed.slice(600), ...listed.slice(0, 600)]],
    ['with gaps', (listed) => listed.filter((_, n) => n % 40 > 25 || n > 1_000)],
    ['some of them twice', (listed) => listed.flatMap((file, n) => (n % 9 === 0 ? [file, file] : [file]))],
  ])('files are found wherever the list has them: %s', async (_, order) => {
    const bundle = await received();
    const listed = order(paths.map(listingOf));
    const names = new Map(listed.map((file) => [file.path, file]));
    const { unlisted } = await bundle.checkFiles(lots(listed), { strictListing: false });
    expect(unlisted).toBe(COUNT - names.size);
    const rows = await store.read
      .selectFrom('bundle_members')
      .select(['path', 'listed', 'mime_type', 'hash_type', 'hash'])
      .where('bundle_id', '=', bundle.bundleId)
      .where('kind', '=', 'file')
      .where('path', '!=', 'metadata.txt')
      .orderBy('position')
      .execute();
    const expected = paths.map((path) => {
      const file = names.get(path);
      if (file === undefined)
        return { path, listed: 0, mime_type: null, hash_type: 'sha1', hash: hash('sha1', path) };
      const { mimeType = null, hashType = null, hash: sum = null } = file;
      return { path, listed: 1, mime_type: mimeType, hash_type: hashType, hash: sum };
    });
    expect(rows).toEqual(expected);
    await expect(
      bundle.checkFiles(lots([...listed, { path: 'data/0/file-1250' }]), { strictListing: false }),
    ).rejects.toMatchObject({ rule: 'file-missing' });
  });
});
