import { request } from 'node:http';
import { connect } from 'node:net';
import type { Problem } from '@daybook/core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { RealServer, type Reply } from '../bed/real-server.ts';
import { type Bad, MARK, table } from './bad-requests.ts';

/*
 * What nobody should send (issue 2): each is answered with a clear 4xx and a code, stores nothing, and leaves nothing in
 * the log that should not be there.
 */

/** What is expected of an answer. */
function outline({ status, code, paths }: Pick<Bad, 'status' | 'code' | 'paths'>) {
  return { status, code, paths: paths?.length ? [...new Set(paths)].sort() : undefined };
}

const nothingWrong = {
  type: 'application/problem+json; charset=utf-8',
  inside: null,
  long: false,
  named: true,
};

/** What an answer is, in the same form. */
function seen(bad: Bad, { status, body, headers, text }: Reply) {
  const { code, errors, requestId } = (body ?? {}) as Problem;
  const paths = bad.paths?.length ? (errors ?? [{ path: '' }]).map(({ path }) => path) : undefined;
  return {
    name: bad.name,
    ...outline({ status, code, paths }),
    type: headers.get('content-type'),
    // No stack, no file, no SQL.
    inside: /node_modules|\.[jt]s:\d|SELECT|INSERT|sqlite|postgres/i.exec(text)?.[0] ?? null,
    long: text.length > 4_000,
    named: requestId === headers.get('x-request-id'),
  };
}

describe.each(['sqlite', 'postgres'] as const)('%s', (engine) => {
  let server: RealServer;
  let provider: string;
  let ids: { job: number; foreign: number };
  beforeAll(async () => {
    server = await RealServer.open(engine === 'postgres' ? { postgresUrl: inject('postgresUrl') } : {});
    provider = await server.createKey('--role', 'provider', '--provider', 'ours');
    const made = async (key: string) =>
      (
        (await server.ask('POST', '/jobs', { name: 'a job' }, { authorization: `Bearer ${key}` })).body as {
          id: number;
        }
      ).id;
    ids = { foreign: await made(server.key), job: await made(provider) };
  });
  afterAll(() => server.remove());

  const withIds = (text: string) =>
    text
      .replaceAll('":foreign"', String(ids.foreign))
      .replaceAll('":job"', String(ids.job))
      .replace(':foreign', String(ids.foreign))
      .replace(':job', String(ids.job));
  const send = ({ method = 'POST', path, body, headers }: Bad) =>
    server.ask(method, withIds(path), typeof body === 'object' ? withIds(JSON.stringify(body)) : body, {
      authorization: `Bearer ${provider}`,
      ...headers,
    });
  /** Everything that a provider could have changed. */
  const stored = async () => {
    const [list, facts] = await Promise.all([
      server.ask('GET', '/jobs?limit=500'),
      server.ask('GET', `/jobs/${ids.job}/events`),
    ]);
    return [list.text, facts.text];
  };

  test('what is bad is refused with its code and its paths', async () => {
    const before = await stored();
    // All at once: whoever changes a message wants to see everything that it changes.
    const answered: unknown[] = [];
    for (const bad of table) answered.push(seen(bad, await send(bad)));
    expect(answered).toEqual(table.map((bad) => ({ ...nothingWrong, ...outline(bad), name: bad.name })));
    expect(await stored()).toEqual(before);
  });

  test('a key that is expired, revoked, unknown or none at all is told so', async () => {
    const expired = await server.createKey('--role', 'admin', '--expires', '1s');
    const revoked = await server.createKey('--role', 'admin');
    const { body } = await server.ask('GET', '/keys?limit=100');
    const record = (body as { items: { id: number; prefix: string }[] }).items.find(({ prefix }) =>
      revoked.startsWith(prefix),
    );
    expect((await server.ask('DELETE', `/keys/${record?.id}`)).status).toBe(204);
    const told = async (headers: Record<string, string>) => {
      const reply = await server.ask('POST', '/jobs', { name: MARK }, headers);
      return [reply.status, (reply.body as Problem).code, reply.headers.has('www-authenticate')];
    };
    const before = await stored();
    const until = async () =>
      (await server.ask('GET', '/session', undefined, { authorization: `Bearer ${expired}` })).status;
    await expect.poll(until).toBe(401);
    expect(await told({ authorization: `Bearer ${expired}` })).toEqual([401, 'key_expired', true]);
    expect(await told({ authorization: `Bearer ${revoked}` })).toEqual([401, 'key_revoked', true]);
    const codeOf = async (authorization: string) => (await told({ authorization })).slice(0, 2);
    for (const none of ['', 'Bearer', 'Bearer ', 'Basic YTpi'])
      expect([none, ...(await codeOf(none))]).toEqual([none, 401, 'unauthenticated']);
    for (const unknown of [provider.slice(0, -1), 'x', 'x'.repeat(5_000), "' OR 1=1 --"])
      expect([unknown, ...(await codeOf(`Bearer ${unknown}`))]).toEqual([
        unknown,
        401,
        'invalid_credentials',
      ]);
    expect(await stored()).toEqual(before);
    for (const key of [expired, revoked]) expect(server.log).not.toContain(key);
  });

  test('headers without end, and what is no HTTP, end in a 4xx and not in the server', async () => {
    const { port } = new URL(server.url);
    const raw = (text: string) =>
      new Promise<string>((resolve) => {
        let answer = '';
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
        socket.setEncoding('utf8').on('data', (some) => {
          answer += some;
        });
        socket.on('error', () => undefined).on('close', () => resolve(answer));
      });
    const host = `Host: 127.0.0.1:${port}\r\n`;
    for (const [text, status] of [
      ['GARBAGE\r\n\r\n', 400],
      [`GET / HTTP/9.9\r\n${host}\r\n`, 400],
      [`GET /api/v1/jobs HTTP/1.1\r\n${host}X: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
      [`POST /api/v1/jobs HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
      [`POST /api/v1/jobs HTTP/1.1\r\n${host}Content-Length: -5\r\n\r\n`, 400],
      [`GET /api/v1/jobs HTTP/1.1\r\n${host}X y: 1\r\n\r\n`, 400],
      ['GET /api/v1/jobs HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n', 421],
      ['GET /api/v1/jobs HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ] as const)
      expect([text.slice(0, 40), (await raw(text)).slice(0, 12)]).toEqual([
        text.slice(0, 40),
        `HTTP/1.1 ${status}`,
      ]);
    expect((await server.ask('GET', '/session')).status).toBe(200);
  });

  test('a request id that is no sane one is not taken over', async () => {
    for (const id of ['x'.repeat(500), 'a b', '<script>']) {
      const { headers } = await server.ask('GET', '/session', undefined, { 'x-request-id': id });
      expect(headers.get('x-request-id')).not.toBe(id);
    }
    const { headers } = await server.ask('GET', '/session', undefined, { 'x-request-id': 'mine-1' });
    expect(headers.get('x-request-id')).toBe('mine-1');
  });

  test('a body that never ends is cut off', async () => {
    const status = await new Promise<number | undefined>((resolve) => {
      const sending = request(`${server.url}/api/v1/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${provider}` },
      });
      let stopped = false;
      const stop = (answer?: number) => {
        stopped = true;
        sending.destroy();
        resolve(answer);
      };
      sending.on('response', (response) => stop(response.statusCode));
      sending.on('error', () => stop());
      const more = () => {
        if (!stopped) sending.write('x'.repeat(65_536), more);
      };
      more();
    });
    // Either told so, or the connection was ended before we could hear it.
    expect([413, undefined]).toContain(status);
    expect((await server.ask('GET', '/session')).status).toBe(200);
  });

  test('nothing of all this is in the log but that it was refused', async () => {
    await server.stop();
    expect(server.log).not.toContain(MARK);
    expect(server.log).not.toContain(provider);
    expect(server.log).not.toContain(server.key);
    expect(server.log).not.toMatch(/"level":"(error|fatal)"/);
    expect(server.log).not.toMatch(/\n? {4}at |"stack"/);
    for (const line of server.log.split('\n')) expect(line.length).toBeLessThan(2_000);
  });
});
