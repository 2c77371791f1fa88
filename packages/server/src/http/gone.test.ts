import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { route } from '../route.ts';
import { testServer } from './testing/test-server.ts';

/** Whether a handler sees that whoever asked has gone: over a real connection, with a body that has been read. */
const server = (handle: (gone: AbortSignal) => Promise<unknown>) =>
  testServer(
    [
      route({
        method: 'POST',
        path: '/work',
        access: 'public',
        group: 'Test',
        summary: 'Works',
        body: z.object({}),
        answers: { 200: { description: 'Done' } },
        handle: async ({ gone }) => ({ body: { answer: await handle(gone) } }),
      }),
    ],
    async () => undefined as never,
  );
let listening: ReturnType<typeof server> | undefined;
afterEach(() => listening?.close());

const listen = async (handle: (gone: AbortSignal) => Promise<unknown>) => {
  listening = server(handle);
  await listening.listen({ port: 0, host: '127.0.0.1' });
  return (listening.server.address() as { port: number }).port;
};

test('whoever waits for the answer has not gone, though all of the request has arrived', async () => {
  const port = await listen(async (gone) => {
    for (let turn = 0; turn < 100; turn++) await setImmediate();
    return gone.aborted;
  });
  const response = await fetch(`http://127.0.0.1:${port}/work`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(await response.json()).toEqual({ answer: false });
});

test('whoever hangs up has gone', async () => {
  const begun = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<boolean>();
  const port = await listen(async (gone) => {
    begun.resolve();
    await once(gone, 'abort');
    seen.resolve(gone.aborted);
  });
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'POST /work HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
  );
  await begun.promise;
  socket.destroy();
  expect(await seen.promise).toBe(true);
});
