import { connect, type Socket } from 'node:net';
import type { Problem } from '@daybook/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { route } from '../route.ts';
import { testServer } from './testing/test-server.ts';

const server = testServer(
  [
    route({
      method: 'GET',
      path: '/api/v1/things/:id',
      access: 'public',
      group: 'Things',
      summary: 'A thing',
      answers: {},
      handle: () => ({ body: {} }),
    }),
  ],
  () => {
    throw new Error('nobody is asked for here');
  },
);
let port: number;
beforeAll(async () => {
  port = Number(new URL(await server.listen({ port: 0, host: '127.0.0.1' })).port);
});
afterAll(() => server.close());

/** What is answered to text on a connection, until its end. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').on('data', (some) => {
      answer += some;
    });
    socket.on('error', () => undefined).on('close', () => resolve(answer));
  });
}

function outline(answer: string) {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const problem = JSON.parse(body) as Problem;
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim();
  expect(header('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(header('x-content-type-options')).toBe('nosniff');
  expect(header('x-request-id')).toBe(problem.requestId);
  expect(head).toMatch(`HTTP/1.1 ${problem.status} `);
  return `${problem.status} ${problem.code}`;
}

const host = 'Host: localhost\r\nConnection: close\r\n';
test.each([
  ['no HTTP', 'GARBAGE\r\n\r\n', '400 invalid_request'],
  ['a bad header', `GET / HTTP/1.1\r\n${host}X y: 1\r\n\r\n`, '400 invalid_request'],
  ['endless headers', `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(40_000)}\r\n\r\n`, '431 headers_too_large'],
  ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', '400 invalid_request'],
  ['a bad escape', `GET /api/v1/things/%zz HTTP/1.1\r\n${host}\r\n`, '400 invalid_request'],
  ['a query that is not taken', `GET /api/v1/things/1?a=b HTTP/1.1\r\n${host}\r\n`, '400 invalid_request'],
])('%s is refused in our words', async (_what, text, expected) => {
  expect(outline(await raw(text))).toBe(expected);
});

test('a request that never ends is given up in our words', async () => {
  const accepted = new Promise<Socket>((resolve) => server.server.once('connection', resolve));
  const answer = raw('GET / HTTP/1.1\r\n');
  // What Node says after a minute.
  const late = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  server.server.emit('clientError', late, await accepted);
  expect(outline(await answer)).toBe('408 request_timeout');
});
