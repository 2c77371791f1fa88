import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TestClock } from '../access/testing/test-clock.ts';
import { DirectoryStore } from '../archive/directory-store.ts';
import { receiptKeyIn } from '../archive/receipt-key.ts';
import { tarBytes } from '../datasets/testing/tar-bytes.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { TarThreads } from '../tar/tar-threads.ts';
import { ReceptionDesk } from './receptions-desk.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-ingest-'));
const threads = new TarThreads();
afterAll(async () => {
  await threads.close();
  rmSync(folder, { recursive: true });
});

forEachEngine((engine, newDatabase) => {
  test('one pass', async () => {
    const store = (await newDatabase()).open();
    const objects = new DirectoryStore(join(folder, engine));
    const desk = new ReceptionDesk({
      store,
      objects,
      threads,
      key: () => receiptKeyIn(folder),
      clock: new TestClock(),
      owner: 'me',
    });
    const tar = tarBytes([
      { path: 'data/a', content: 'hello' },
      { path: 'data/big', content: Buffer.alloc(3_000_000, 7) },
      { path: 'metadata.txt', content: '[]' },
    ]);
    const reception = await desk.open(1);
    for (let at = 0; at < tar.length; at += 65_536) await reception.write(tar.subarray(at, at + 65_536));
    const received = await reception.finish();
    expect(received).toMatchObject({ size: tar.length, members: 3, files: 2 });
    const checked = await received.checkFiles(
      [{ path: 'data/a', size: 5, hashType: 'sha1', hash: 'AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D' }],
      { strictListing: false },
    );
    expect(checked).toEqual({ unlisted: 1, examples: ['data/big'] });
    await received.seal({
      metadata: [],
      project: 'p',
      submitter: 's',
      instrument: 'i',
      receivedFrom: 'key:x',
    });
    await store.write((transaction) => received.publishWithin(transaction));
    expect(await desk.sweep()).toBe(0);
  });
});
