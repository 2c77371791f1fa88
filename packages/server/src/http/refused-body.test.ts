import { once } from 'node:events';
import { connect } from 'node:net';
import { DaybookError } from '@daybook/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { route } from '../route.ts';
import { testServer } from './testing/test-server.ts';

const server = testServer(
  [
    route({
      method: 'POST',
      path: '/work',
      access: 'public',
      group: 'Test',
      summary: 'Works',
      body: z.object({}),
      answers: { 200: { description: 'Done' } },
      handle: () => ({ body: { done: true } }),
    }),
    route({
      method: 'PUT',
      path: '/work',
      access: 'public',
      group: 'Test',
      summary: 'Takes bytes, and does not like the first of them',
      bytes: 'application/octet-stream',
      answers: { 204: { description: 'Taken' } },
      handle: async ({ bytes }) => {
        for await (const _chunk of bytes.iterator({ destroyOnReturn: false }))
          throw new DaybookError('bundle_refused');
        return { status: 204 };
      },
    }),
  ],
  async () => undefined as never,
);
beforeAll(() => server.listen({ port: 0, host: '127.0.0.1' }));
afterAll(() => server.close());

test('whoever still sends a body that is too large hears why, and the connection goes on', async () => {
  const { port } = server.server.address() as { port: number };
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let heard = '';
  socket.on('data', (text: string) => {
    heard += text;
  });
  const head = (length: number) =>
    `POST /work HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
  const body = ' '.repeat(20 * 1024 * 1024);
  socket.write(head(body.length));
  await expect.poll(() => heard).toContain('payload_too_large');
  // The answer has come before the body has gone: closing now would lose it for clients that write first.
  socket.write(body);
  socket.write(`${head(2)}{}`);
  await expect.poll(() => heard).toContain('{"done":true}');
  socket.destroy();
});

test('what asks next does not wait behind bytes that were refused half-way', async () => {
  const { port } = server.server.address() as { port: number };
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let heard = '';
  socket.on('data', (text: string) => {
    heard += text;
  });
  const head = (method: string, type: string, length: number) =>
    `${method} /work HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`;
  const body = ' '.repeat(20 * 1024 * 1024);
  socket.write(head('PUT', 'application/octet-stream', body.length) + body.slice(0, 1_000));
  await expect.poll(() => heard).toContain('bundle_refused');
  socket.write(body.slice(1_000));
  socket.write(`${head('POST', 'application/json', 2)}{}`);
  await expect.poll(() => heard).toContain('{"done":true}');
  socket.destroy();
});

test('whoever asks for the end of the connection is told that it ends, also when refused', async () => {
  const { port } = server.server.address() as { port: number };
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let heard = '';
  socket.on('data', (text: string) => {
    heard += text;
  });
  socket.write(
    'POST /work HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n{',
  );
  await once(socket, 'close');
  expect(heard).toMatch(/^HTTP\/1\.1 400 /);
  expect(heard.toLowerCase()).toContain('\r\nconnection: close\r\n');
});
