import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { Upload } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { about, entryOf, goodBundle, metadataFile, tarOf } from './bundles.ts';

/* Resumable uploads over HTTP: by tus-js-client as it is, and by hand where a client would not do that. */

describe.each(['sqlite', 'postgres'] as const)('%s', (engine) => {
  let server: RealServer;
  beforeAll(async () => {
    server = await RealServer.open(engine === 'postgres' ? { postgresUrl: inject('postgresUrl') } : {});
  }, 120_000);
  afterAll(() => server.remove());

  const tus = { 'tus-resumable': '1.0.0' };
  const call = (method: string, path: string, headers: Record<string, string> = {}, body?: Uint8Array) =>
    fetch(`${server.url}/api/v1/uploads${path}`, {
      method,
      headers: { authorization: `Bearer ${server.key}`, ...tus, ...headers },
      ...(body !== undefined && { body: new Uint8Array(body) }),
    });
  const create = async (length: number): Promise<number> => {
    const answer = await call('POST', '', { 'upload-length': String(length) });
    expect([answer.status, answer.headers.get('tus-resumable')]).toEqual([201, '1.0.0']);
    return Number(answer.headers.get('location')?.split('/').at(-1));
  };
  const patch = (id: number, offset: number, bytes: Uint8Array, more: Record<string, string> = {}) =>
    call(
      'PATCH',
      `/${id}`,
      { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream', ...more },
      bytes,
    );
  const offsetOf = async (id: number) => Number((await call('HEAD', `/${id}`)).headers.get('upload-offset'));
  const end = async (id: number) => {
    const status = async () => ((await server.ask('GET', `/jobs/${id}`)).body as { status: string }).status;
    await expect.poll(status, { timeout: 20_000, interval: 50 }).toMatch(/succeeded|failed|canceled/);
    return status();
  };
  const files = [
    { path: 'data/run/a.bin', content: randomBytes(3_000_000) },
    { path: 'data/run/b.txt', content: 'b' },
  ];

  test('tus-js-client sends a bundle, also across a killed server', async () => {
    const tar = goodBundle(files);
    let killed: Promise<void> | undefined;
    const id = await new Promise<number>((resolve, reject) => {
      const upload = new Upload(Readable.from([tar]), {
        endpoint: `${server.url}/api/v1/uploads`,
        headers: { authorization: `Bearer ${server.key}` },
        uploadSize: tar.length,
        chunkSize: 700_000,
        metadata: { filename: 'by tus' },
        retryDelays: [100, 500, 1_000, 2_000, 4_000],
        onError: reject,
        onChunkComplete: (_size, sent) => {
          if (sent > tar.length / 2) killed ??= server.kill().then(() => server.start());
        },
        onSuccess: () => resolve(Number(upload.url?.split('/').at(-1))),
      });
      upload.start();
    });
    await killed;
    expect(await end(id)).toBe('succeeded');
    const { body } = await server.ask('GET', `/jobs/${id}`);
    expect(body).toMatchObject({ name: 'by tus', project: '1234a' });
  }, 120_000);

  test('says what it speaks', async () => {
    const answer = await fetch(`${server.url}/api/v1/uploads`, { method: 'OPTIONS' });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('tus-extension')).toBe('creation,checksum,termination,expiration');
    expect((await call('POST', '', { 'tus-resumable': '0.2.2', 'upload-length': '1' })).status).toBe(412);
  });

  test('goes on only where it is, and says where that is', async () => {
    const tar = goodBundle(files.slice(1));
    const id = await create(tar.length);
    expect((await patch(id, 100, tar)).status).toBe(409);
    expect((await patch(id, 0, tar, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await patch(id, 0, tar.subarray(0, 700))).headers.get('upload-offset')).toBe('700');
    expect(await offsetOf(id)).toBe(700);
    const over = await patch(id, 700, Buffer.concat([tar.subarray(700), Buffer.alloc(10)]));
    expect(over.status).toBe(413);
    expect((await patch(id, await offsetOf(id), tar.subarray(await offsetOf(id)))).status).toBe(204);
    // The answer was lost: the client asks, and says it again.
    expect(await offsetOf(id)).toBe(tar.length);
    expect((await patch(id, tar.length, Buffer.alloc(0))).status).toBe(204);
    expect(await end(id)).toBe('succeeded');
  });

  test('takes a chunk with a checksum whole, or not at all', async () => {
    const tar = goodBundle(files.slice(1));
    const id = await create(tar.length);
    const sum = (bytes: Uint8Array) => `sha1 ${createHash('sha1').update(bytes).digest('base64')}`;
    expect((await patch(id, 0, tar, { 'upload-checksum': sum(Buffer.from('other')) })).status).toBe(460);
    expect(await offsetOf(id)).toBe(0);
    expect((await patch(id, 0, tar, { 'upload-checksum': 'crc7 AAAA' })).status).toBe(400);
    expect((await patch(id, 0, tar, { 'upload-checksum': sum(tar) })).status).toBe(204);
    expect(await end(id)).toBe('succeeded');
  });

  test('refuses early what the metadata gives away, and says its rule', async () => {
    const tar = tarOf([metadataFile(about.slice(1)), ...files]);
    const id = await create(tar.length * 2);
    const answer = await patch(id, 0, tar);
    expect([answer.status, await answer.json()]).toMatchObject([
      422,
      { code: 'bundle_refused', jobId: id, task: 'Policy Validation', rule: 'submitter-missing' },
    ]);
    expect(await end(id)).toBe('failed');
    expect((await call('HEAD', `/${id}`)).status).toBe(404);
  });

  test('refuses files that are not listed, which the old door takes', async () => {
    const tar = tarOf([...files, metadataFile([...about, ...files.slice(1).map((file) => entryOf(file))])]);
    const id = await create(tar.length);
    expect((await patch(id, 0, tar)).status).toBe(204);
    expect(await end(id)).toBe('failed');
    const { body } = await server.ask('GET', `/jobs/${id}`);
    expect(body).toMatchObject({ step: 'ingest files', error: expect.stringContaining('data/run/a.bin') });
    // Its bytes are kept: a retry finds the same again.
    expect((await server.ask('POST', `/jobs/${id}/retry`, {})).status).toBe(200);
    expect(await end(id)).toBe('failed');
  });

  test('is given up by who began it, and is nobody else’s', async () => {
    const id = await create(10_000);
    const other = await server.createKey('--role', 'admin');
    expect((await call('HEAD', `/${id}`, { authorization: `Bearer ${other}` })).status).toBe(404);
    expect((await call('DELETE', `/${id}`)).status).toBe(204);
    expect(await end(id)).toBe('canceled');
    expect((await call('HEAD', `/${id}`)).status).toBe(404);
  });

  test('a canceled job takes no more of it', async () => {
    const tar = goodBundle(files);
    const id = await create(tar.length);
    await patch(id, 0, tar.subarray(0, 1_000));
    await server.ask('POST', `/jobs/${id}/cancel`, {});
    expect([404, 409]).toContain((await patch(id, 1_000, tar.subarray(1_000))).status);
    expect(await end(id)).toBe('canceled');
  });
});
