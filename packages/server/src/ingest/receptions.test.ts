import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestClock } from '../access/testing/test-clock.ts';
import { DirectoryStore } from '../archive/directory-store.ts';
import type { ObjectStore } from '../archive/object-store.ts';
import { receiptKeyIn } from '../archive/receipt-key.ts';
import { tarIn } from '../archive/tar-object.ts';
import { diaryOn } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine, type TestDatabase } from '../storage/testing/engines.ts';
import { TarThreads } from '../tar/tar-threads.ts';
import { archive, member } from '../tar/testing/made-tar.ts';
import type { Reception } from './reception.ts';
import { ReceptionDesk } from './receptions-desk.ts';
import { deskOf, filesOfArchive, receiveAndKill } from './testing/killed-receptions.ts';
import { largeBundle } from './testing/large-bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-ingest-'));
const threads = new TarThreads();
afterAll(async () => {
  await threads.close();
  rmSync(folder, { recursive: true });
});

const DAY = 86_400_000;
const hash = (algorithm: string, content: string) => createHash(algorithm).update(content).digest('hex');
const facts = { metadata: [], project: 'p', submitter: 's', instrument: 'i', receivedFrom: 'key:test' };
const small = archive(
  member('data/', '', { flag: '5' }),
  member('data/a', 'hello'),
  member('data/e\u0301', 'of a Mac'),
  member('data/b', 'other'),
  member('metadata.txt', '[]'),
);

async function send(reception: Reception, tar: Buffer, to = tar.length): Promise<void> {
  for (let at = reception.received; at < to; at += 65_536)
    await reception.write(tar.subarray(at, Math.min(at + 65_536, to)));
}

/** A store whose disk is full after so many bytes, until somebody makes room. */
function fullAfter(store: ObjectStore, room: { bytes: number }): ObjectStore {
  const limited: Pick<ObjectStore, 'create' | 'resume'> = {
    create: async (key) => withLimit(await store.create(key)),
    resume: async (key, saved) => withLimit(await store.resume(key, saved)),
  };
  const withLimit = (writer: Awaited<ReturnType<ObjectStore['create']>>) => ({
    write: async (bytes: Buffer) => {
      room.bytes -= bytes.length;
      if (room.bytes < 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      await writer.write(bytes);
    },
    makeSafe: (upTo: number) => writer.makeSafe(upTo),
    finish: () => writer.finish(),
    leave: () => writer.leave(),
  });
  return Object.assign(Object.create(store) as ObjectStore, limited);
}

forEachEngine((engine, newDatabase) => {
  let database: TestDatabase;
  let store: Store;
  let clock: TestClock;
  let objects: DirectoryStore;
  const place = join(folder, engine);
  beforeAll(async () => {
    database = await newDatabase();
    store = database.open();
    clock = new TestClock();
    objects = new DirectoryStore(join(place, 'archive'));
  });
  const deskAs = (owner: string, on: ObjectStore = objects) =>
    new ReceptionDesk({ store, objects: on, threads, key: () => receiptKeyIn(place), clock, owner });
  const rowsOf = (bundleId: number) =>
    store.read
      .selectFrom('bundle_members')
      .selectAll()
      .where('bundle_id', '=', bundleId)
      .orderBy('position')
      .execute();
  const folderOf = async (bundleId: number) =>
    (
      await store.read
        .selectFrom('bundles')
        .select('folder')
        .where('id', '=', bundleId)
        .executeTakeFirstOrThrow()
    ).folder;

  test('a bundle is stored as it came, checked, sealed and published', async () => {
    const desk = deskAs('one');
    const reception = await desk.open(1);
    await send(reception, small);
    const received = await reception.finish();
    expect(received).toMatchObject({ size: small.length, members: 5, files: 3 });
    for await (const piece of received.readMetadata()) expect(Buffer.from(piece).toString()).toBe('[]');
    const listed = [
      { path: 'data/a', size: 5, hashType: 'SHA-1', hash: hash('sha1', 'hello').toUpperCase() },
      {
        path: 'data/\u00e9',
        hashType: 'sha3-256',
        hash: hash('sha3-256', 'of a Mac'),
        mimeType: 'text/plain',
      },
    ];
    const checked = await received.checkFiles([listed], { strictListing: false });
    expect(checked).toEqual({ unlisted: 1, examples: ['data/b'] });
    await expect(received.checkFiles([listed], { strictListing: true })).rejects.toMatchObject({
      task: 'ingest files',
      rule: 'unlisted',
    });
    await received.seal(facts);
    await store.write((transaction) => received.publishWithin(transaction));
    await expect(store.write((transaction) => received.publishWithin(transaction))).rejects.toMatchObject({
      code: 'conflict',
    });
    const stored = readFileSync(join(place, 'archive', await folderOf(received.bundleId), 'bundle.tar'));
    expect(stored.equals(small)).toBe(true);
    clock.pass(30 * DAY);
    expect((await desk.sweep(0)).removed).toBe(0);
  });

  test.each([
    ['file-missing', { path: 'data/nothing' }],
    ['file-missing', { path: 'data' }],
    ['size-different', { path: 'data/a', size: 6 }],
    ['hash-different', { path: 'data/a', hashType: 'sha1', hash: hash('sha1', 'x') }],
    ['hash-different', { path: 'data/a', hashType: 'md5', hash: hash('md5', 'x') }],
    ['hash-unknown', { path: 'data/a', hashType: 'crc17', hash: 'ab' }],
  ])('%s: %j fails in ingest files, and leaves nothing', async (rule, listed) => {
    const before = filesOfArchive(place);
    const reception = await deskAs('one').open(1);
    await send(reception, small);
    const received = await reception.finish();
    await expect(received.checkFiles([[listed]], { strictListing: false })).rejects.toMatchObject({
      name: 'BundleFault',
      task: 'ingest files',
      rule,
      message: expect.stringContaining(listed.path),
    });
    await received.discard();
    expect(filesOfArchive(place)).toEqual(before);
    expect(await rowsOf(received.bundleId)).toEqual([]);
  });

  test.each([
    ['open tar', 'name-climbs', archive(member('../a', 'x'))],
    ['open tar', 'empty', Buffer.alloc(0)],
    ['load metadata', 'truncated', small.subarray(0, 1_500)],
    ['load metadata', 'no-metadata', archive(member('data/a', 'x'))],
  ])('%s: %s', async (task, rule, tar) => {
    const reception = await deskAs('one').open(1);
    const arrived = send(reception, tar).then(() => reception.finish());
    await expect(arrived).rejects.toMatchObject({ name: 'BundleFault', task, rule });
    await reception.discard();
    expect(await rowsOf(reception.bundleId)).toEqual([]);
  });

  test('metadata that comes first is known before the files, and says what they are hashed with', async () => {
    const metadata = JSON.stringify([{ destinationTable: 'Files', hashtype: 'md5' }]);
    const tar = archive(member('metadata.txt', metadata), member('data/large', Buffer.alloc(20_000_000)));
    const reception = await deskAs('one').open(1);
    await send(reception, tar, 18_000_000);
    expect(Buffer.from(reception.metadata ?? []).toString()).toBe(metadata);
    await send(reception, tar);
    const { bundleId } = await reception.finish();
    expect((await rowsOf(bundleId))[1]).toMatchObject({ hash_type: 'md5' });
  });

  describe('a reception that stops', () => {
    test('goes on in another process, wherever it was', async () => {
      const tar = largeBundle();
      const whole = await deskAs('one').open(1);
      await send(whole, tar);
      const { bundleId } = await whole.finish();
      let reception: Reception = await deskAs('one').open(1);
      const stops = [1, 100_000, 5_000_003, 40_000_001, tar.length - 700, tar.length];
      for (const [n, at] of stops.entries()) {
        await send(reception, tar, at);
        expect(await reception.pause()).toBe(at);
        reception = await deskAs(`other ${n}`).resume(reception.bundleId);
        expect(reception.received).toBe(at);
      }
      await send(reception, tar);
      const received = await reception.finish();
      await received.checkFiles([], { strictListing: false });
      const same = ({ bundle_id: _, hash_type: _type, hash: _hash, ...row }: Record<string, unknown>) => row;
      expect((await rowsOf(received.bundleId)).map(same)).toEqual((await rowsOf(bundleId)).map(same));
      const [once, resumed] = await store.read
        .selectFrom('bundles')
        .select(['skeleton', 'members', 'files', 'metadata_offset'])
        .where('id', 'in', [bundleId, received.bundleId])
        .execute();
      expect(resumed).toEqual(once);
      expect(once?.files).toBe(3_002);
    });

    test('is gone on with by one process at a time', async () => {
      const reception = await deskAs('one').open(1);
      await reception.write(small.subarray(0, 600));
      await expect(deskAs('two').resume(reception.bundleId)).rejects.toMatchObject({ code: 'conflict' });
      // Its process has been silent for so long that it is taken for dead.
      clock.pass(31_000);
      const taken = await deskAs('two').resume(reception.bundleId);
      await send(reception, small);
      await expect(reception.finish()).rejects.toMatchObject({ code: 'conflict' });
      await reception.pause();
      await send(taken, small);
      expect(await taken.finish()).toMatchObject({ members: 5 });
    });

    test('because the disk is full goes on when there is room', async () => {
      const room = { bytes: 40_000_000 };
      const tar = largeBundle();
      const full = fullAfter(objects, room);
      const reception = await deskAs('one', full).open(1);
      await expect(send(reception, tar)).rejects.toMatchObject({ code: 'unavailable' });
      const safe = await reception.pause();
      expect(safe).toBeGreaterThan(30_000_000);
      room.bytes = Number.POSITIVE_INFINITY;
      const again = await deskAs('one', full).resume(reception.bundleId);
      expect(again.received).toBe(safe);
      await send(again, tar);
      const { bundleId } = await again.finish();
      const key = tarIn(await folderOf(bundleId));
      const found = createHash('sha256');
      for await (const piece of objects.read(key, 0, tar.length + 1)) found.update(piece);
      expect(found.digest('hex')).toBe(createHash('sha256').update(tar).digest('hex'));
    });

    test('and is never gone on with is swept, as is what belongs to no bundle', async () => {
      const desk = deskAs('one');
      clock.pass(30 * DAY);
      await desk.sweep(0);
      const left = await desk.open(1);
      await left.write(small.subarray(0, 600));
      await left.pause();
      mkdirSync(join(place, 'archive/2020/01/nobody'), { recursive: true });
      writeFileSync(join(place, 'archive/2020/01/nobody/bundle.tar.part'), 'x');
      expect((await desk.sweep(0)).removed).toBe(1);
      clock.pass(2 * DAY);
      const active = await desk.open(1);
      expect((await desk.sweep(0)).removed).toBe(1);
      expect(await rowsOf(left.bundleId)).toEqual([]);
      await send(active, small);
      await (await active.finish()).discard();
    });

    test('and is whole stays, though the database does not know it: that may be the wrong one', async () => {
      const unknown = '2020/02/from-before-the-restore';
      mkdirSync(join(place, 'archive', unknown), { recursive: true });
      writeFileSync(join(place, 'archive', unknown, 'bundle.tar'), 'x');
      expect((await deskAs('one').sweep(0)).unknown).toEqual([unknown]);
      expect(await objects.size(tarIn(unknown))).toBe(1);
      await objects.removeFolder(unknown);
    });

    test('and has come whole is kept for as long as its job waits', async () => {
      const desk = deskAs('one');
      const diary = diaryOn(store, clock);
      const job = await diary.create({ status: 'running' });
      const reception = await desk.open(job.id);
      await send(reception, small);
      const { bundleId } = await reception.finish();
      clock.pass(30 * DAY);
      await desk.sweep(3 * DAY);
      await diary.report(job.id, { kind: 'status', status: 'failed' });
      // However it failed, and however long it waited before: from now on there is time for another try.
      clock.pass(2 * DAY);
      await desk.sweep(3 * DAY);
      expect((await desk.received(bundleId)).files).toBe(3);
      clock.pass(2 * DAY);
      expect((await desk.sweep(3 * DAY)).removed).toBe(1);
      await expect(desk.received(bundleId)).rejects.toMatchObject({ code: 'not_found' });
    });

    test('and is published meanwhile keeps its bytes, whoever wanted to remove it', async () => {
      const desk = deskAs('one');
      const reception = await desk.open(1);
      await send(reception, small);
      const first = await reception.finish();
      const second = await desk.received(first.bundleId);
      await first.seal(facts);
      await store.write((transaction) => first.publishWithin(transaction));
      await second.discard();
      expect(await rowsOf(first.bundleId)).toHaveLength(5);
      expect(await objects.size(tarIn(await folderOf(first.bundleId)))).toBe(small.length);
    });

    test('and is taken over is not removed by who had it', async () => {
      const desk = deskAs('one');
      const frozen = await desk.open(1);
      await frozen.write(small.subarray(0, 600));
      clock.pass(60_000);
      const next = await deskAs('two').resume(frozen.bundleId);
      await frozen.discard();
      await send(next, small);
      const received = await next.finish();
      for await (const piece of received.readMetadata()) expect(Buffer.from(piece).toString()).toBe('[]');
      await received.discard();
    });

    test('by kill -9 is never half visible, and goes on or is swept', async () => {
      const where = join(folder, `${engine}-killed`);
      const { bundleId, published } = await receiveAndKill(database.location, where, 150);
      expect(published).toBe(false);
      expect(
        await store.read.selectFrom('bundles').select('state').where('id', '=', bundleId).executeTakeFirst(),
      ).toMatchObject({ state: 'receiving' });
      const again = await receiveAndKill(database.location, where, 60_000, bundleId);
      expect(again.published).toBe(true);
      expect(filesOfArchive(where)).toEqual(['bundle.tar', 'manifest.json', 'receipt.json']);
      const lost = await receiveAndKill(database.location, where, 100);
      await deskOf(store, where, threads, new TestClock(Date.now() + 2 * DAY)).sweep(0);
      expect(await rowsOf(lost.bundleId)).toEqual([]);
      expect(filesOfArchive(where)).toEqual(['bundle.tar', 'manifest.json', 'receipt.json']);
    });
  });
});
