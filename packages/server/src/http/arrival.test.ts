import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limitArrival } from './arrival.ts';

const server = fastify();
limitArrival(server, 200);
server.post('/words', (request) => ({ heard: request.body }));
server.register((scope, _options, done) => {
  scope.addContentTypeParser('*', (_request, _body, ready) => ready(null));
  scope.post('/bytes', { config: { bytes: true } }, async ({ raw }) => {
    for await (const chunk of raw.iterator({ destroyOnReturn: false }))
      if (String(chunk).includes('!')) return { heard: 'enough' };
    return { heard: 'all' };
  });
  done();
});
beforeAll(() => server.listen({ port: 0, host: '127.0.0.1' }));
afterAll(() => server.close());

function ask(path: string, type: string, length: number): { socket: Socket; heard: () => string } {
  const { port } = server.server.address() as { port: number };
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let heard = '';
  socket.on('data', (text: string) => {
    heard += text;
  });
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`,
  );
  return { socket, heard: () => heard };
}

test('a body that does not arrive is given up, also the second of a connection', async () => {
  const { socket, heard } = ask('/words', 'application/json', 2);
  socket.write('{}');
  await expect.poll(heard).toContain('{"heard":{}}');
  socket.write(
    'POST /words HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  );
  await once(socket, 'close');
  expect(heard()).toMatch(/408[\s\S]*request_timeout/);
});

test('bytes may come for as long as they are read, and not for longer', async () => {
  const { socket, heard } = ask('/bytes', 'application/octet-stream', 1_000);
  const sending = setInterval(() => socket.write('.'), 50);
  const slow = ask('/words', 'application/json', 2);
  await once(slow.socket, 'close');
  expect([socket.readyState, heard()]).toEqual(['open', '']);
  clearInterval(sending);
  socket.write('!');
  await once(socket, 'close');
  expect(heard()).toContain('{"heard":"enough"}');
});
