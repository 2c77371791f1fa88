import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpClient } from './client.ts';
import { DaybookApiError, DaybookUnreachableError } from './errors.ts';

async function clientOf(status: number, headers: Record<string, string>, body: string): Promise<HttpClient> {
  const server = createServer((_request, response) => response.writeHead(status, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return clientAt((server.address() as AddressInfo).port);
}

function clientAt(port: number): HttpClient {
  return new HttpClient({
    url: `http://127.0.0.1:${port}`,
    apiKey: 'secret',
    fetch,
    timeout: 1_000,
    now: () => 0,
  });
}

const problem = { 'content-type': 'application/problem+json' };

describe('the HTTP client', () => {
  it('throws the problem that a server answers', async () => {
    const body = {
      type: 'x',
      code: 'invalid_request',
      status: 400,
      title: 'No',
      errors: [{ path: 'name', message: 'no' }],
    };
    const error = await (await clientOf(400, problem, JSON.stringify(body)))
      .request('GET', '/jobs')
      .catch((e) => e);
    expect(error).toBeInstanceOf(DaybookApiError);
    expect(error).toMatchObject({ code: 'invalid_request', faults: body.errors });
  });

  it.each([
    [200, {}, '<html>hello</html>', 'not-daybook', /answers, but not as a Daybook/],
    [502, {}, 'Bad gateway', 'not-daybook', /answers 502/],
    [302, { location: 'https://elsewhere/' }, '', 'redirect', /redirects to https:\/\/elsewhere\//],
  ])('tells that %i of a stranger is none of a Daybook', async (status, headers, body, reason, text) => {
    const error = await (await clientOf(status, headers, body)).request('GET', '/jobs').catch((e) => e);
    expect(error).toBeInstanceOf(DaybookUnreachableError);
    expect(error).toMatchObject({ reason, message: expect.stringMatching(text) });
  });

  it('tells that nobody listens, and never shows the key', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const error = await clientAt(port)
      .request('GET', '/jobs')
      .catch((e) => e);
    expect(error).toMatchObject({ reason: 'refused', message: `no server at http://127.0.0.1:${port}` });
    expect(JSON.stringify([error, error.stack, String(error.cause)])).not.toContain('secret');
  });

  it('reads Retry-After as seconds and as a date', async () => {
    const unavailable = JSON.stringify({ code: 'unavailable', status: 503, title: 'x' });
    const seconds = await clientOf(503, { ...problem, 'retry-after': '7' }, unavailable);
    await expect(seconds.request('GET', '/')).rejects.toMatchObject({ retryAfter: 7_000 });
    const date = await clientOf(
      503,
      { ...problem, 'retry-after': 'Thu, 01 Jan 1970 00:00:09 GMT' },
      unavailable,
    );
    await expect(date.request('GET', '/')).rejects.toMatchObject({ retryAfter: 9_000 });
  });
});
