import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Incoming } from './incoming.ts';
import { type BundleMetadata, readMetadata } from './metadata.ts';
import { numberedDocument, tellMetadata } from './metadata-service.ts';
import { numbersFrom } from './numbers.ts';
import { Policy } from './policy.ts';
import { ProjectSchemas } from './project-schemas.ts';

/* The services of Pacifica as an HTTP server of our own, which answers what a test has put into its hand. */

const signal = new AbortController().signal;
const asking = { waits: [1, 1, 1, 1, 1], timeout: 5_000 };
let server: Server;
let url: string;
let answers: { status: number; body: unknown }[] = [];
let heard: { method: string | undefined; url: string | undefined; user: unknown; body: string }[] = [];

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { method, url: path, headers } = request;
    heard.push({ method, url: path, user: headers['x-http-authed-user'], body: await bodyOf(request) });
    const { status, body } =
      answers.length > 1
        ? (answers.shift() as (typeof answers)[0])
        : (answers[0] ?? { status: 500, body: '' });
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ask`;
});
afterAll(() => server.close());
afterEach(() => {
  answers = [];
  heard = [];
});

const document = [
  { destinationTable: 'Transactions.submitter', value: 10 },
  { destinationTable: 'Transactions.project', value: '1234a' },
  { destinationTable: 'Transactions.instrument', value: 54 },
  { destinationTable: 'TransactionKeyValue', key: 'Temp C', value: '27' },
  { destinationTable: 'Files', name: 'a', subdir: 'data//x/', size: 1, hashtype: 'sha1', hashsum: '0' },
  { destinationTable: 'Files', name: 'b', subdir: '', size: 1, hashtype: 'sha1', hashsum: '0' },
];
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const metadataOf = (...entries: unknown[]): Promise<BundleMetadata> => readMetadata([bytes(entries)]);
const question = async (...more: unknown[]) => ({
  metadata: await metadataOf(...document, ...more),
  document: () => JSON.stringify(document),
  user: 'dmlb2000',
});
const noSchemas = new ProjectSchemas(undefined);

describe('the policy service', () => {
  const policy = () => new Policy(noSchemas, { url, userHeader: 'X-Http-Authed-User', asking });

  test('is asked with the metadata and the user, and lets in what it likes', async () => {
    answers = [{ status: 200, body: { status: 'success' } }];
    await policy().check(await question(), signal);
    expect(heard).toEqual([
      { method: 'POST', url: '/ask', user: 'dmlb2000', body: JSON.stringify(document) },
    ]);
  });

  test('refuses in its own words', async () => {
    answers = [{ status: 412, body: { message: 'not your instrument', traceback: 'secret' } }];
    const refused = policy().check(await question(), signal);
    await expect(refused).rejects.toMatchObject({ task: 'Policy Validation', rule: 'policy-refuses' });
    await expect(refused).rejects.toThrow('not your instrument');
    expect(heard).toHaveLength(1);
  });

  test('is asked again five times, and then nothing is let in', async () => {
    answers = [{ status: 500, body: {} }];
    await expect(policy().check(await question(), signal)).rejects.toMatchObject({ rule: 'policy-away' });
    expect(heard).toHaveLength(6);
    heard = [];
    await expect(policy().check(await question(), signal, 'now')).rejects.toMatchObject({
      rule: 'policy-away',
    });
    expect(heard).toHaveLength(1);
  });

  test('may come back meanwhile', async () => {
    answers = [
      { status: 503, body: {} },
      { status: 503, body: {} },
      { status: 200, body: { status: 'success' } },
    ];
    await policy().check(await question(), signal);
    expect(heard).toHaveLength(3);
  });

  test('that is not there lets nothing in', async () => {
    const away = new Policy(noSchemas, { url: 'http://127.0.0.1:9/', userHeader: 'x-user', asking });
    await expect(away.check(await question(), signal)).rejects.toMatchObject({ rule: 'policy-away' });
  });
});

describe('the schema of a project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-schemas-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const policy = new Policy(new ProjectSchemas(folder), undefined);
  const write = (name: string, schema: unknown) =>
    writeFileSync(join(folder, name), typeof schema === 'string' ? schema : JSON.stringify(schema));

  test('asks for key-values, as numbers where it says so; a change counts at once', async () => {
    write('1234a.json', {
      required: ['Temp C'],
      properties: { 'Temp C': { type: 'number', maximum: 30 } },
    });
    await policy.check(await question(), signal);
    write('1234a.json', { properties: { 'Temp C': { type: 'number', maximum: 20 } } });
    const refused = policy.check(await question(), signal);
    await expect(refused).rejects.toMatchObject({ task: 'Policy Validation', rule: 'schema-refuses' });
    await expect(refused).rejects.toThrow(/Temp C must be <= 20/);
  });

  test('that is broken lets nothing in', async () => {
    for (const broken of ['{', { type: 'nonsense' }]) {
      write('1234a.json', broken);
      await expect(policy.check(await question(), signal)).rejects.toMatchObject({ rule: 'schema-broken' });
    }
    rmSync(join(folder, '1234a.json'));
  });

  test('is the default where a project has none, and no name leads out of the folder', async () => {
    await policy.check(await question(), signal);
    write('default.json', { required: ['Sample'] });
    await expect(policy.check(await question(), signal)).rejects.toThrow(/Sample/);
    expect(await new ProjectSchemas(join(folder, 'none')).of('../default')).toBeUndefined();
    expect(await new ProjectSchemas(folder).of('../../etc/passwd')).toEqual({ required: ['Sample'] });
  });
});

test('the metadata service hears the document with numbers, and data/ clipped', async () => {
  answers = [{ status: 200, body: { status: 'success' } }];
  const numbers = { transaction: 17, firstFile: 100 };
  async function* read() {
    yield bytes(document);
  }
  await tellMetadata({ url, asking }, read, numbers, signal);
  const [, , , , , a, b] = JSON.parse(heard[0]?.body ?? '') as object[];
  expect(heard[0]).toMatchObject({ method: 'PUT' });
  expect(JSON.parse(heard[0]?.body ?? '')[0]).toEqual({ destinationTable: 'Transactions._id', value: 17 });
  expect([a, b]).toMatchObject([
    { name: 'a', _id: 100, subdir: 'x' },
    { name: 'b', _id: 101, subdir: '' },
  ]);
  answers = [{ status: 200, body: { message: 'no such project' } }];
  await expect(tellMetadata({ url, asking }, read, numbers, signal)).rejects.toMatchObject({
    task: 'ingest metadata',
    rule: 'metadata-refused',
  });
  expect(await Array.fromAsync(numberedDocument([bytes([])], numbers))).toHaveLength(2);
});

test('numbers come from the unique-id service', async () => {
  answers = [{ status: 200, body: { startIndex: 5_000 } }];
  expect(await numbersFrom({ url, asking }, 'file', 12, signal)).toBe(5_000);
  expect(heard[0]?.url).toBe('/ask/getid?range=12&mode=file');
  answers = [{ status: 200, body: {} }];
  await expect(numbersFrom({ url, asking }, 'upload_job', 1, signal)).rejects.toMatchObject({
    code: 'unavailable',
  });
});

describe('bytes of a sender', () => {
  test('that stops are given up, those of one that we keep waiting are not', async () => {
    async function* silent(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      await new Promise(() => undefined);
    }
    const taken: number[] = [];
    const take = async () => {
      for await (const { length } of new Incoming(Readable.from(silent()), { minRate: 1_000, window: 20 }))
        taken.push(length);
    };
    await expect(take()).rejects.toMatchObject({ code: 'request_timeout' });
    expect(taken).toEqual([10]);
  });

  test('end at once when they are stopped', async () => {
    const incoming = new Incoming(
      Readable.from(
        (async function* () {
          yield new Uint8Array(1);
          await new Promise(() => undefined);
        })(),
      ),
      { minRate: 0, window: 10_000 },
    );
    const read = Array.fromAsync(incoming);
    incoming.stop(new Error('enough'));
    await expect(read).rejects.toThrow('enough');
  });
});
