import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestClock } from '../../access/testing/test-clock.ts';
import { ReceptionDesk } from '../../ingest/receptions-desk.ts';
import { forEachEngine } from '../../storage/testing/engines.ts';
import { TarParser } from '../../tar/parser.ts';
import { TarThreads } from '../../tar/tar-threads.ts';
import { pax, tarBytes } from '../../tar/testing/made-tar.ts';
import { DirectoryStore } from '../directory-store.ts';
import { receiptKeyIn } from '../receipt-key.ts';
import type { Exported } from './export-file.ts';
import { exportTar } from './exports.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-exports-'));
const threads = new TarThreads();
afterAll(async () => {
  await threads.close();
  rmSync(folder, { recursive: true });
});

const long = `data/${'long/'.repeat(30)}ö 100%\nfile.txt`;
const files = new Map([
  ['metadata.txt', '[]'],
  ['data/one.txt', 'one'],
  ['data/twin.txt', 'one'],
  [long, 'x'.repeat(2_000)],
  ['data/empty', ''],
  ['bagit.txt', "not a bag's own"],
  ['outside.txt', 'not under data'],
]);
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

forEachEngine((engine, newDatabase) => {
  let bundle: Exported;
  beforeAll(async () => {
    const store = (await newDatabase()).open();
    const objects = new DirectoryStore(join(folder, engine));
    const clock = new TestClock();
    const desk = new ReceptionDesk({
      store,
      objects,
      threads,
      key: () => receiptKeyIn(folder),
      clock,
      owner: 'test',
    });
    const reception = await desk.open(7);
    await reception.write(
      Buffer.concat([
        ...[...files].flatMap(([path, content]) => [
          ...(path === long ? [pax(['path', path])] : []),
          tarBytes([{ path: path === long ? 'short' : path, content }], false),
        ]),
        Buffer.alloc(1_024),
      ]),
    );
    const { bundleId: id, size } = await reception.finish();
    const { folder: place } = await store.read
      .selectFrom('bundles')
      .select('folder')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    bundle = { id, jobId: 7, folder: place, size, publishedAt: clock.now(), store, objects };
  });

  /** The files of an export below its root, by our own strict parser. */
  async function exported(form: 'bagit' | 'ro-crate' | 'ocfl'): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    let path = '';
    const parser = new TarParser({
      member: (member) => {
        path = member.path.slice(`bundle-${bundle.id}/`.length);
        found.set(path, '');
      },
      content: (bytes) => void found.set(path, found.get(path) + bytes.toString('utf8')),
      memberEnd() {},
    });
    for await (const piece of exportTar(bundle, form)) parser.push(Buffer.from(piece));
    parser.end();
    return found;
  }

  test('a bag says its payload and every file of it (RFC 8493)', async () => {
    const bag = await exported('bagit');
    expect(bag.get('bagit.txt')).toBe('BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n');
    const listed = (name: string) =>
      (bag.get(name) ?? '')
        .trimEnd()
        .split('\n')
        .map((line) => {
          const [, hash = '', path = ''] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
          return [path.replace(/%(0A|0D|25)/gi, decodeURIComponent), hash] as const;
        });
    const payload = listed('manifest-sha256.txt');
    expect(payload.map(([path]) => path).sort()).toEqual(
      [...bag.keys()].filter((path) => path.startsWith('data/')).sort(),
    );
    const tags = listed('tagmanifest-sha256.txt');
    for (const [path, hash] of [...payload, ...tags])
      expect([path, sha256(bag.get(path) ?? '?')]).toEqual([path, hash]);
    const covered = [...payload, ...tags].map(([path]) => path);
    expect([...covered, 'tagmanifest-sha256.txt'].sort()).toEqual([...bag.keys()].sort());
    const bytes = payload.reduce((sum, [path]) => sum + Buffer.byteLength(files.get(path) ?? ''), 0);
    expect(bag.get('bag-info.txt')).toContain(`Payload-Oxum: ${bytes}.${payload.length}\n`);
    for (const [path, content] of files)
      expect(bag.get(path === 'bagit.txt' ? 'bundle/bagit.txt' : path)).toBe(content);
  });

  test('a crate describes every file', async () => {
    const crate = await exported('ro-crate');
    const { '@graph': graph } = JSON.parse(crate.get('ro-crate-metadata.json') ?? '');
    const entity = new Map<string, Record<string, never>>(
      graph.map((each: Record<string, string>) => [each['@id'], each]),
    );
    expect(entity.get('ro-crate-metadata.json')).toMatchObject({ about: { '@id': './' } });
    const parts = (entity.get('./')?.['hasPart'] ?? []) as { '@id': string }[];
    expect(parts).toHaveLength(files.size);
    for (const { '@id': id } of parts) {
      const path = decodeURIComponent(id);
      expect(crate.get(path)).toBe(files.get(path));
      expect(entity.get(id)).toMatchObject({ '@type': 'File', sha256: sha256(files.get(path) ?? '?') });
    }
  });

  test('an OCFL object has an inventory of every file, by content (OCFL 1.1)', async () => {
    const object = await exported('ocfl');
    expect(object.get('0=ocfl_object_1.1')).toBe('ocfl_object_1.1\n');
    const text = object.get('inventory.json') ?? '';
    expect(object.get('inventory.json.sha256')).toBe(`${sha256(text)} inventory.json\n`);
    expect(object.get('v1/inventory.json')).toBe(text);
    const { manifest, versions, head, digestAlgorithm } = JSON.parse(text);
    expect([head, digestAlgorithm]).toEqual(['v1', 'sha256']);
    const state = Object.entries(versions.v1.state as Record<string, string[]>);
    expect(state.flatMap(([, paths]) => paths).sort()).toEqual([...files.keys()].sort());
    for (const [digest, paths] of state) {
      expect(manifest[digest]).toEqual(paths.map((path) => `v1/content/${path}`));
      for (const path of paths)
        expect([digest, object.get(`v1/content/${path}`)]).toEqual([
          sha256(files.get(path) ?? '?'),
          files.get(path),
        ]);
    }
    expect(new Set(Object.keys(manifest)).size).toBe(state.length);
  });
});
