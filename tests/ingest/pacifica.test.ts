import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReadableStream } from 'node:stream/web';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { makeRunFolder, type RunFolder } from '../bed/run-folder.ts';
import { about, entryOf, goodBundle, metadataFile, type TestFile, tarOf } from './bundles.ts';

/* contracts/pacifica.md as its clients see it: the built server, over HTTP. */

interface State {
  job_id: number;
  state: string;
  task: string;
  task_percent: string;
  complete: boolean;
  updated: string;
  created: string;
  exception: string;
}

const a: TestFile = { path: 'data/a/b/foo.txt', content: 'foo\n' };
const b: TestFile = { path: 'data/bar.bin', content: Buffer.alloc(100_000, 7) };

describe.each(['sqlite', 'postgres'] as const)('%s', (engine) => {
  let server: RealServer;
  let folder: RunFolder;
  beforeAll(async () => {
    folder = await makeRunFolder('move');
    mkdirSync(join(folder.path, 'in'));
    const flags = ['--move-roots', join(folder.path, 'in'), '--ingest-networks', '127.0.0.1/32'];
    const postgresUrl = engine === 'postgres' ? { postgresUrl: inject('postgresUrl') } : {};
    server = await RealServer.open({
      ...postgresUrl,
      flags: [...flags, '--ingest-default-user', 'dmlb2000'],
    });
  }, 120_000);
  afterAll(async () => {
    await server.remove();
    await folder.remove();
  });

  const ask = (path: string, init: RequestInit = {}) => fetch(`${server.url}${path}`, init);
  const stateOf = async (answer: Response): Promise<State> => {
    expect(answer.status).toBe(200);
    return (await answer.json()) as State;
  };
  const state = async (id: number) => stateOf(await ask(`/get_state?job_id=${id}`));
  const send = async (body: BodyInit, path = '/ingest') =>
    stateOf(await ask(path, { method: 'POST', body, duplex: 'half' } as RequestInit));
  /** The state in which an ingest ends. */
  const ended = async ({ job_id }: State): Promise<State> => {
    let last = await state(job_id);
    await expect
      .poll(async () => (last = await state(job_id)).complete, { timeout: 20_000, interval: 50 })
      .toBe(true);
    return last;
  };
  const fate = async (body: BodyInit) => {
    const { state: word, task, task_percent, complete, exception } = await ended(await send(body));
    expect(complete).toBe(true);
    return word === 'OK' ? `OK ${task} ${task_percent}` : `${task}: ${exception}`;
  };

  test('greets programs, and leads people to the diary', async () => {
    const json = await ask('/', { headers: { accept: 'application/json' } });
    expect(await json.json()).toEqual({ message: 'Pacifica Ingest Up and Running' });
    const page = await ask('/', { headers: { accept: 'text/html' }, redirect: 'manual' });
    expect([page.status, page.headers.get('location')]).toEqual([302, '/diary']);
  });

  test('answers a bundle with the state of its job, of the form that clients know', async () => {
    const first = await send(goodBundle([a, b]), '/upload');
    expect(first).toEqual({
      job_id: expect.any(Number),
      state: 'OK',
      task: expect.any(String),
      task_percent: expect.stringMatching(/^\d+\.\d+$/),
      complete: expect.any(Boolean),
      updated: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      created: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      exception: '',
    });
    expect(await ended(first)).toMatchObject({ state: 'OK', task: 'ingest metadata', task_percent: '100.0' });
    const { body } = await server.ask('GET', `/jobs/${first.job_id}`);
    expect(body).toMatchObject({
      kind: 'ingest',
      status: 'succeeded',
      progress: 100,
      project: '1234a',
      user: 'dmlb2000',
      metadata: { 'Temp C': '27', submitter: '10', instrument: '54', files: 2 },
    });
    const { steps } = body as { steps: { tag: string; status: string }[] };
    expect(steps.map(({ tag, status }) => `${tag} ${status}`)).toEqual(
      ['UPLOADING', 'open tar', 'load metadata', 'Policy Validation', 'ingest files', 'ingest metadata'].map(
        (task) => `${task} succeeded`,
      ),
    );
  });

  describe('takes', () => {
    const chunked = (bytes: Uint8Array) =>
      ReadableStream.from(
        (function* () {
          for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777);
        })(),
      ) as unknown as BodyInit;
    const nameForms = ['data/a/b/', 'data/a/b', 'a/b', 'a//b//', 'data//a/b/', '/a/b', './a/./b'].map(
      (subdir) => [`subdir ${subdir}`, () => tarOf([a, metadataFile([...about, entryOf(a, { subdir })])])],
    ) as [string, () => BodyInit][];
    test.each<[string, () => BodyInit]>([
      ['metadata last', () => goodBundle([a, b])],
      ['metadata first', () => goodBundle([a, b], { first: true })],
      ['a chunked body', () => chunked(goodBundle([a, b]))],
      ['a chunked body with metadata first', () => chunked(goodBundle([a, b], { first: true }))],
      ...nameForms,
      ['a metadata.txt of 20 MB', () => tarOf([a, b, wordyMetadata(20, [entryOf(a), entryOf(b)])])],
      ['an old proposal', () => goodBundle([a], { facts: proposal() })],
      [
        'a prefixed hash',
        () => tarOf([a, metadataFile([...about, entryOf(a, { hashsum: `sha1:${hashOf(a, 'sha1')}` })])]),
      ],
      [
        'upper case',
        () => tarOf([a, metadataFile([...about, entryOf(a, { hashsum: hashOf(a, 'sha1').toUpperCase() })])]),
      ],
      ...['md5', 'sha256', 'sha512', 'sha224', 'SHA384'].map((type): [string, () => BodyInit] => [
        type,
        () => tarOf([a, metadataFile([...about, entryOf(a, { hashtype: type, hashsum: hashOf(a, type) })])]),
      ]),
      ...listedAs('a name with its folder', a, { name: 'b/foo.txt', subdir: 'data/a' }),
      ...listedAs('a folder called data', { path: 'data/data/x', content: 'x' }, { subdir: 'data/data' }),
      ...listedAs('no subdir', { path: 'data/x', content: 'x' }, { subdir: undefined }),
      ...listedAs('a hidden name', { path: 'data/.profile', content: 'x' }),
      ...listedAs('blanks at the ends', { path: 'data/ a b ', content: 'x' }),
      ...listedAs('a backslash', { path: 'data/a\\b', content: 'x' }),
      ...listedAs('a name that a Mac wrote', { path: 'data/e\u0301', content: 'x' }, { name: '\u00e9' }),
      ...listedAs('a name that a Mac lists', { path: 'data/\u00e9', content: 'x' }, { name: 'e\u0301' }),
      ...listedAs('a size as text', a, { size: '4' }),
      ...listedAs('neither size nor hash', a, { size: undefined, hashtype: undefined, hashsum: undefined }),
      ...listedAs('a hash without its kind', a, { hashtype: undefined }),
      ...listedAs('a kind before the hash alone', a, {
        hashtype: undefined,
        hashsum: `sha256:${hashOf(a, 'sha256')}`,
      }),
      ...listedAs('a mime type with parameters', a, { mimetype: 'text/plain; charset="utf-8"' }),
      [
        'names that begin with ./',
        () => tarOf([{ ...a, path: './data/a/b/foo.txt' }, metadataFile([...about, entryOf(a)])]),
      ],
      ['a file that is not listed', () => tarOf([a, b, metadataFile([...about, entryOf(a)])])],
      ['no file at all', () => tarOf([metadataFile(about)])],
      ['a name of 250 letters', () => goodBundle([{ path: `data/${'x'.repeat(250)}`, content: 'x' }])],
      ['any Unicode', () => goodBundle([{ path: 'data/ünï/日本語 😀.txt', content: 'x' }])],
      ['what GNU tar makes', () => gnuTar(folder, ['--format=gnu'])],
      ['what GNU tar makes by pax', () => gnuTar(folder, ['--format=pax'])],
      ['raw UTF-8 in ustar', () => gnuTar(folder, ['--format=ustar'])],
    ])('%s', async (_what, body) => {
      expect(await fate(body())).toBe('OK ingest metadata 100.0');
    });
  });

  describe('fails in the task that clients know', () => {
    const wrong = (more: object) => tarOf([a, metadataFile([...about, entryOf(a, more)])]);
    const without = (name: string) =>
      goodBundle([a], { facts: about.filter(({ destinationTable }) => !destinationTable.endsWith(name)) });
    test.each<[string, () => BodyInit, RegExp]>([
      ['no tar', () => 'this is no tar, and longer than a block. '.repeat(50), /^open tar: /],
      ['gzip', () => gzipSync(goodBundle([a])), /^open tar: /],
      ['nothing', () => '', /^open tar: /],
      ['a tar cut before its first header ends', () => goodBundle([a]).subarray(0, 300), /^open tar: /],
      ['a cut tar', () => goodBundle([a, b]).subarray(0, 5_000), /^load metadata: /],
      ['no metadata.txt', () => tarOf([a]), /^load metadata: .*metadata\.txt/],
      ['broken metadata', () => tarOf([a, metadataFile('[{"destinationTable": ')]), /^load metadata: .*JSON/],
      ['metadata that is no array', () => tarOf([a, metadataFile('{}')]), /^load metadata: .*array/],
      ['broken metadata first', () => tarOf([metadataFile('nonsense'), a, b]), /^load metadata: /],
      ['no submitter', () => without('submitter'), /^Policy Validation: .*submitter/],
      ['no project', () => without('project'), /^Policy Validation: .*project/],
      ['no instrument', () => without('instrument'), /^Policy Validation: .*instrument/],
      [
        'a listed file that is missing',
        () => tarOf([metadataFile([...about, entryOf(a)])]),
        /^ingest files: .*foo\.txt/,
      ],
      [
        'another hash',
        () => wrong({ hashsum: '0'.repeat(40) }),
        /^ingest files: .*foo\.txt.*(0{40}.*f1d2d2f|f1d2d2f.*0{40})/,
      ],
      ['another size', () => wrong({ size: 5 }), /^ingest files: .*foo\.txt.*5/],
      ['an unknown hash', () => wrong({ hashtype: 'crc32' }), /^ingest files: .*crc32/],
      ['a mime type that is none', () => wrong({ mimetype: 'text' }), /^ingest metadata: .*text/],
      [
        'a file twice in the list, once wrong',
        () => tarOf([a, metadataFile([...about, entryOf(a), entryOf(a, { size: 5 })])]),
        /^ingest files: .*foo\.txt/,
      ],
      [
        'another size in a metadata.txt of 20 MB',
        () => tarOf([a, wordyMetadata(20, [entryOf(a, { size: 5 })])]),
        /^ingest files: .*foo\.txt/,
      ],
      ['a name that leads out', () => wrong({ name: '../foo.txt' }), /^Policy Validation: .*foo\.txt/],
      ['a folder that leads out', () => wrong({ subdir: 'data/../..' }), /^Policy Validation: .*foo\.txt/],
      ['no name', () => wrong({ name: undefined }), /^Policy Validation: .*name/],
      ['an entry that is none', () => tarOf([a, metadataFile([...about, 'x'])]), /^load metadata: .*5/],
      [
        'a blank project',
        () =>
          tarOf([
            a,
            metadataFile(
              [...about, { destinationTable: 'Transactions.project', value: ' ' }].filter(
                (entry) => !('value' in entry) || entry.value !== '1234a',
              ),
            ),
          ]),
        /^Policy Validation: .*project/,
      ],
      [
        'two projects',
        () =>
          tarOf([a, metadataFile([...about, { destinationTable: 'Transactions.project', value: 'other' }])]),
        /^Policy Validation: .*twice/,
      ],
      ['metadata twice', () => tarOf([metadataFile(about), metadataFile(about)]), /^open tar: /],
      [
        'names that differ in case alone',
        () => tarOf([a, { ...a, path: 'data/A/b/foo.txt' }, metadataFile(about)]),
        /^open tar: /,
      ],
      ['a path that leads out', () => tarOf([{ path: 'data/../../x', content: 'x' }]), /^open tar: /],
      ['bytes after the end', () => Buffer.concat([goodBundle([a]), Buffer.from('more')]), /^open tar: /],
      ['a name twice', () => tarOf([a, a, metadataFile([...about, entryOf(a)])]), /^open tar: /],
    ])('%s', async (_what, body, expected) => {
      expect(await fate(body())).toMatch(expected);
    });

    test('and leaves nothing half-visible in the archive', async () => {
      const job = await ended(await send(wrong({ size: 5 })));
      const { body } = await server.ask('GET', `/bundles?jobId=${job.job_id}`);
      expect(body).toMatchObject({ items: [] });
    });
  });

  test('says which job it does not know, in the form of its clients', async () => {
    const unknown = await ask('/get_state?job_id=999999');
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toEqual({
      status: '404 Not Found',
      message: expect.stringContaining('999999'),
      traceback: '',
      version: expect.any(String),
    });
    for (const query of ['?job_id=abc', '', '?job_id=1&job_id=2'])
      expect((await ask(`/get_state${query}`)).status).toBe(400);
  });

  describe('POST /move', () => {
    const document = (name: string, more: object = {}) => {
      const content = `content of ${name}`;
      const source = join(folder.path, 'in', name);
      writeFileSync(source, content);
      return [...about, entryOf({ path: `data/moved/${name}`, content }, { source, ...more })];
    };
    const post = (body: string, type = 'application/json') =>
      ask('/move', { method: 'POST', body, headers: { 'content-type': type } });
    const moveFate = async (entries: unknown) => {
      const {
        state: word,
        task,
        exception,
      } = await ended(await stateOf(await post(JSON.stringify(entries))));
      return word === 'OK' ? word : `${task}: ${exception}`;
    };

    test('moves files into the archive', async () => {
      expect(await moveFate([...document('one.txt')])).toBe('OK');
      // Once the bundle is in the archive.
      await expect.poll(() => readdirSync(join(folder.path, 'in'))).not.toContain('one.txt');
    });

    test.each<[string, () => unknown, RegExp]>([
      [
        'a source that is missing',
        () => document('x', { source: join(folder.path, 'in', 'none') }),
        /^move files: /,
      ],
      ['a source elsewhere', () => document('x', { source: '/etc/hostname' }), /^move files: /],
      ['another hash', () => document('x', { hashsum: '0'.repeat(40) }), /^move files: /],
      ['no project', () => document('x').slice(0, 1), /^Policy Validation: /],
      ['no array', () => ({}), /^load metadata: /],
      ['a mime type that is none', () => document('x', { mimetype: 'text' }), /^ingest metadata: /],
    ])('fails with %s, and leaves what is there', async (_what, entries, expected) => {
      expect(await moveFate(entries())).toMatch(expected);
    });

    test('refuses what is no JSON by its type and by its content', async () => {
      expect((await post('[]', 'text/plain')).status).toBe(415);
      expect((await post('nonsense')).status).toBe(400);
    });
  });
});

/** A bundle of one file, listed otherwise than usual. */
function listedAs(what: string, file: TestFile, more: object = {}): [string, () => BodyInit][] {
  return [[what, () => tarOf([file, metadataFile([...about, entryOf(file, more)])])]];
}

/** A `metadata.txt` of so many megabytes, which is more than is kept in memory: most of it is blanks. */
function wordyMetadata(megabytes: number, entries: readonly object[]): TestFile {
  const document = JSON.stringify([...about, ...entries]);
  return metadataFile(`[${' '.repeat(megabytes * 1_000_000)}${document.slice(1)}`);
}

function proposal() {
  return about.map((entry) => ({
    ...entry,
    destinationTable: entry.destinationTable.replace('project', 'proposal'),
  }));
}

function hashOf({ content }: TestFile, type: string): string {
  return createHash(type.toLowerCase()).update(content).digest('hex');
}

/** A bundle as `tar -cf` makes it: with directories, metadata.txt first. */
function gnuTar(folder: RunFolder, options: readonly string[]): Buffer<ArrayBuffer> {
  const root = join(folder.path, `gnu${options.join('')}`);
  const file: TestFile = { path: 'data/größe/foo.txt', content: 'foo' };
  mkdirSync(join(root, 'data/größe'), { recursive: true });
  writeFileSync(join(root, file.path), file.content);
  writeFileSync(join(root, 'metadata.txt'), JSON.stringify([...about, entryOf(file)]));
  return Buffer.from(execFileSync('tar', [...options, '-cf', '-', 'metadata.txt', 'data'], { cwd: root }));
}
