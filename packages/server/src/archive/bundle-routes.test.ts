import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tarBytes } from '../datasets/testing/tar-bytes.ts';
import { HouseDesk } from '../http/testing/house-desk.ts';
import type { ListedFile } from '../ingest/reception.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { DirectoryStore } from './directory-store.ts';
import { verifyNext } from './verifications.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-bundles-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sha = (algorithm: string, content: string) => createHash(algorithm).update(content).digest('hex');
const files: Record<string, string> = {
  'data/a/one.txt': 'one',
  'data/a/deep/er/two.txt': 'two',
  'data/a-b.txt': 'between a and a/',
  'data/é 100%.txt': 'three\nlines',
  'data/page.html': '<script>alert(1)</script>',
  'data/twin.txt': 'one',
};

forEachEngine((engine, newDatabase) => {
  let desk: HouseDesk;
  let viewer: string;
  let outsider: string;
  let bundle: string;
  let tar: Buffer;

  beforeAll(async () => {
    const flags = { data: join(folder, engine) };
    desk = new HouseDesk((await newDatabase()).open(), { flags });
    viewer = await desk.key('viewer', 'rocks');
    outsider = await desk.key('viewer', 'birds');
    const { body: job } = await desk.ask('POST', '/jobs', { name: 'ingest', project: 'rocks' });
    bundle = `/bundles/${await publish(job.id)}`;
  });
  afterAll(async () => {
    await desk.house.tarThreads.close();
    await desk.close();
  });

  async function publish(jobId: number): Promise<number> {
    const members = Object.entries(files).map(([path, content]) => ({ path, content }));
    tar = tarBytes([
      { path: 'data/', flag: '5' },
      ...members,
      { path: 'data/empty/', flag: '5' },
      { path: 'metadata.txt', content: '[{"destinationTable": "x"}]' },
    ]);
    const reception = await desk.house.receptions.open(jobId);
    await reception.write(tar);
    const received = await reception.finish();
    const listed = members.map(
      ({ path, content }): ListedFile => ({
        path,
        hashType: 'MD5',
        hash: sha('md5', content),
        mimeType: 'text/html',
      }),
    );
    await received.checkFiles([listed.slice(0, 5)], { strictListing: false });
    await received.seal({
      metadata: [{ destinationTable: 'x' }],
      project: 'rocks',
      submitter: '10',
      instrument: null,
      receivedFrom: 'key:test',
    });
    expect((await desk.ask('GET', `/bundles/${received.bundleId}`)).status).toBe(404);
    await desk.house.store.write((transaction) => received.publishWithin(transaction));
    return received.bundleId;
  }

  const bytes = (path: string, headers: Record<string, string> = {}) => desk.bytes(path, headers, viewer);

  test('a bundle is for those who see its job', async () => {
    const { body } = await desk.ask('GET', bundle, undefined, viewer);
    expect(body).toMatchObject({ project: 'rocks', size: tar.length, members: 9, files: 6, unlisted: 1 });
    expect((await desk.ask('GET', '/bundles?project=rocks', undefined, viewer)).body.items).toEqual([body]);
    expect((await desk.ask('GET', '/bundles', undefined, outsider)).body.items).toEqual([]);
    for (const rest of [
      '',
      '/members',
      '/tar',
      '/manifest',
      '/receipt',
      '/export?as=bagit',
      '/verifications',
    ])
      expect([rest, (await desk.ask('GET', bundle + rest, undefined, outsider)).status]).toEqual([rest, 404]);
  });

  test('its folders are listed without what lies deeper', async () => {
    const names = async (query: string) => {
      const found: string[] = [];
      for (let cursor = ''; ; ) {
        const { body } = await desk.ask(
          'GET',
          `${bundle}/members?limit=2${query}${cursor}`,
          undefined,
          viewer,
        );
        found.push(
          ...body.items.map((item: { kind: string; path: string }) => `${item.kind[0]} ${item.path}`),
        );
        if (body.nextCursor === undefined) return found;
        cursor = `&cursor=${body.nextCursor}`;
      }
    };
    expect(await names('')).toEqual(['d data', 'f metadata.txt']);
    expect(await names('&folder=data')).toEqual([
      'f data/a-b.txt',
      'd data/a',
      'd data/empty',
      'f data/page.html',
      'f data/twin.txt',
      'f data/é 100%.txt',
    ]);
    expect(await names('&folder=data/a/')).toEqual(['d data/a/deep', 'f data/a/one.txt']);
    expect(await names('&folder=data/nothing')).toEqual([]);
    expect(await names('&flat=true')).toHaveLength(7);
  });

  test('a file is sent as it came, whole or a part of it, and never as a page', async () => {
    const at = `${bundle}/file?path=${encodeURIComponent('data/é 100%.txt')}`;
    const whole = await bytes(at);
    expect([whole.status, whole.payload.toString()]).toEqual([200, 'three\nlines']);
    expect(whole.headers['content-disposition']).toContain("filename*=UTF-8''%C3%A9%20100%25.txt");
    const part = await bytes(at, { range: 'bytes=6-7' });
    expect([part.status, part.payload.toString(), part.headers['content-range']]).toEqual([
      206,
      'li',
      'bytes 6-7/11',
    ]);
    expect((await bytes(at, { range: 'bytes=-5' })).payload.toString()).toBe('lines');
    expect((await bytes(at, { range: 'bytes=11-' })).status).toBe(416);
    const page = await bytes(`${bundle}/file?path=data/page.html`);
    expect(page.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-disposition': expect.stringMatching(/^attachment/),
    });
    expect((await bytes(`${bundle}/file?path=data/a`)).status).toBe(404);
    expect((await bytes(`${bundle}/tar`)).payload.equals(tar)).toBe(true);
  });

  test('its receipt is signed, and says what its manifest is', async () => {
    const manifest = (await bytes(`${bundle}/manifest`)).payload;
    const receipt = JSON.parse((await bytes(`${bundle}/receipt`)).payload.toString());
    const { body: key } = await desk.ask('GET', '/receipt-key', undefined, viewer);
    const payload = Buffer.from(receipt.payload, 'base64');
    const signed = `DSSEv1 ${receipt.payloadType.length} ${receipt.payloadType} ${payload.length} ${payload}`;
    const signature = Buffer.from(receipt.signatures[0].sig, 'base64');
    expect(verify(null, Buffer.from(signed), createPublicKey(key.publicKey), signature)).toBe(true);
    expect(JSON.parse(payload.toString()).subject[0].digest.sha256).toBe(
      createHash('sha256').update(manifest).digest('hex'),
    );
    const { members } = JSON.parse(manifest.toString());
    expect(members).toHaveLength(9);
    for (const { path, kind, offset, size, sha256 } of members)
      if (kind === 'file') {
        expect(sha('sha256', tar.subarray(offset, offset + size).toString())).toBe(sha256);
        if (path !== 'metadata.txt') expect(tar.subarray(offset, offset + size).toString()).toBe(files[path]);
      }
    expect(members[2]).toMatchObject({
      declared: `md5:${sha('md5', 'two')}`,
      listed: true,
      mimeType: 'text/html',
    });
  });

  describe('reading it anew', () => {
    const readNext = async (every = 0) => {
      const { store, appender, tarThreads: threads } = desk.house;
      const objects = new DirectoryStore(join(folder, engine, 'archive'));
      const parts = {
        store,
        objects,
        threads,
        appender,
        clock: desk.clock,
        rate: 0,
        every,
        onIncident() {},
      };
      return await verifyNext(parts, new AbortController().signal);
    };
    const verify = async () => {
      const asked = await desk.ask('POST', `${bundle}/verify`);
      expect(asked.status).toBe(202);
      expect((await desk.ask('POST', `${bundle}/verify`)).body.id).toBe(asked.body.id);
      expect(await readNext()).toBe(true);
      return (await desk.ask('GET', `${bundle}/verifications`, undefined, viewer)).body;
    };
    const tarFile = () => {
      const root = join(folder, engine, 'archive');
      const path = readdirSync(root, { recursive: true, encoding: 'utf8' }).find((name) =>
        name.endsWith('bundle.tar'),
      );
      return join(root, path ?? '');
    };

    test('finds it as it came', async () => {
      expect((await verify()).items[0]).toMatchObject({ result: 'ok', bytes: tar.length, reason: 'asked' });
      expect((await desk.ask('GET', bundle, undefined, viewer)).body).toMatchObject({
        verified: 'ok',
        openIncidents: 0,
      });
    });

    test.each([
      ['a byte of content', 1024 + 1, 'hash_different', 'data/a/one.txt'],
      ['the owner in a header', 512 + 110, 'tar_damaged', null],
      ['the time in a header', 512 + 140, 'tar_damaged', null],
    ])('finds %s changed, once', async (_what, at, kind, path) => {
      const damaged = Buffer.from(tar);
      damaged[at] = damaged[at] === 0x31 ? 0x32 : 0x31;
      writeFileSync(tarFile(), damaged);
      const { items, incidents } = await verify();
      expect(items[0].result).toBe('damaged');
      const open = incidents.filter((each: { closedAt: string | null }) => each.closedAt === null);
      expect(open).toMatchObject([{ kind, path }]);
      const again = await verify();
      expect(again.incidents).toHaveLength(incidents.length);
      writeFileSync(tarFile(), tar);
      const { jobId } = (await desk.ask('GET', bundle, undefined, viewer)).body;
      const { body: events } = await desk.ask('GET', `/jobs/${jobId}/events?kind=file`, undefined, viewer);
      expect(events.items.at(-1).message).toContain('no longer holds');
      const close = `${bundle}/incidents/${open[0].id}/close`;
      expect((await desk.ask('POST', close, { note: 'x' }, viewer)).status).toBe(403);
      expect((await desk.ask('POST', close, { note: 'restored' })).body).toMatchObject({ note: 'restored' });
      expect((await verify()).items[0].result).toBe('ok');
      expect(readFileSync(tarFile()).equals(tar)).toBe(true);
    });

    test('does not count a reading that could not be, and tries again within the day', async () => {
      const [day, path] = [86_400_000, tarFile()];
      expect(await readNext(90 * day)).toBe(false);
      rmSync(path);
      mkdirSync(path);
      expect((await verify()).items[0]).toMatchObject({ result: 'unreadable', detail: expect.any(String) });
      rmSync(path, { recursive: true });
      writeFileSync(path, tar);
      expect(await readNext(90 * day)).toBe(false);
      desk.clock.pass(day);
      expect(await readNext(90 * day)).toBe(true);
      expect((await desk.ask('GET', bundle, undefined, viewer)).body.verified).toBe('ok');
      expect(await readNext(90 * day)).toBe(false);
    });

    test('finds a receipt that names another manifest, and misses what is gone', async () => {
      const receipt = tarFile().replace('bundle.tar', 'receipt.json');
      const { payload, ...rest } = JSON.parse(readFileSync(receipt, 'utf8'));
      const forged = Buffer.from(payload, 'base64')
        .toString()
        .replace(/[0-9a-f]{64}/, '0'.repeat(64));
      writeFileSync(receipt, JSON.stringify({ ...rest, payload: Buffer.from(forged).toString('base64') }));
      expect((await verify()).incidents[0]).toMatchObject({
        kind: 'receipt_different',
        found: '0'.repeat(64),
      });
      rmSync(receipt);
      expect((await verify()).incidents[0]).toMatchObject({ kind: 'missing', path: 'receipt.json' });
      rmSync(tarFile().replace('bundle.tar', 'manifest.json'));
      expect((await verify()).incidents[0]).toMatchObject({ kind: 'missing', path: 'manifest.json' });
    });
  });
});
