import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { TarThreads } from '../tar/tar-threads.ts';
import { archive, member } from '../tar/testing/made-tar.ts';
import { removeSources } from './move-sources.ts';
import { deskOf } from './testing/killed-receptions.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-sources-'));
const threads = new TarThreads();
afterAll(async () => {
  await threads.close();
  rmSync(folder, { recursive: true });
});

forEachEngine((engine, newDatabase) => {
  test('a source is removed only while it is what the archive holds', async () => {
    const store = (await newDatabase()).open();
    const place = join(folder, engine);
    mkdirSync(join(place, 'in'), { recursive: true });
    const at = (name: string) => join(place, 'in', name);
    for (const name of ['same', 'longer', 'other']) writeFileSync(at(name), 'hello');
    const names = ['same', 'longer', 'other', 'not-copied'];
    const entries = names.map((name) => ({
      destinationTable: 'Files',
      name,
      subdir: '',
      size: 5,
      source: at(name),
    }));
    const document = Buffer.from(JSON.stringify(entries));
    const reception = await deskOf(store, place, threads, systemClock).open(7);
    const copied = names.slice(0, 3).map((name) => member(`data/${name}`, 'hello'));
    await reception.write(archive(member('metadata.txt', document.toString()), ...copied));
    const received = await reception.finish();
    const parts = { read: store.read, roots: [join(place, 'in')], log: pino({ level: 'silent' }) };
    const { signal } = new AbortController();

    await removeSources(parts, 7, document, signal);
    expect(names.slice(0, 3).every((name) => existsSync(at(name)))).toBe(true);

    const facts = { metadata: [], project: 'p', submitter: 's', instrument: 'i', receivedFrom: 'key:test' };
    await received.seal(facts);
    await store.write((transaction) => received.publishWithin(transaction));
    writeFileSync(at('longer'), 'hello, and what an instrument wrote since');
    writeFileSync(at('other'), 'hullo');
    writeFileSync(at('not-copied'), 'hello');
    expect(await removeSources(parts, 7, document, AbortSignal.abort())).toBe(false);
    expect(await removeSources(parts, 7, document, signal)).toBe(true);
    expect(names.filter((name) => existsSync(at(name)))).toEqual(['longer', 'other', 'not-copied']);
  });
});
