import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { type Route, route } from '../route.ts';
import { testServer } from './testing/test-server.ts';

const done: Omit<Route, 'method' | 'path'> = {
  access: 'public',
  group: 'Test',
  summary: 'Works',
  answers: { 200: { description: 'Done' } },
  handle: () => ({ body: { done: true } }),
};
const dialect = { name: 'old', answerError: () => ({ status: 400, body: {} }) };
const server = testServer(
  [
    route({ ...done, method: 'POST', path: '/taken', idempotencyKey: 'taken' }),
    route({ ...done, method: 'PUT', path: '/taken' }),
    route({ ...done, method: 'POST', path: '/facts', idempotencyKey: { instead: 'give each fact a key' } }),
    route({ ...done, method: 'PATCH', path: '/facts' }),
    route({ ...done, method: 'POST', path: '/old/work', dialect }),
  ],
  async () => undefined as never,
);
afterAll(() => server.close());

const ask = (method: 'POST' | 'PUT' | 'PATCH', url: string) =>
  server.inject({ method, url, headers: { host: 'localhost', 'idempotency-key': 'k' } });

test.each([
  ['POST', '/taken'],
  ['PUT', '/taken'],
  ['POST', '/old/work'],
] as const)('%s %s may have an Idempotency-Key', async (method, url) => {
  expect((await ask(method, url)).statusCode).toBe(200);
});

test.each([
  ['POST', '/facts', 'is not taken here: give each fact a key'],
  ['PATCH', '/facts', 'is not taken here: leave it out, and look before you ask again'],
] as const)('%s %s refuses what it would ignore', async (method, url, message) => {
  const answer = await ask(method, url);
  expect([answer.statusCode, answer.json()]).toMatchObject([
    400,
    { code: 'invalid_request', errors: [{ path: 'Idempotency-Key', message }] },
  ]);
});

test('two of them are none', async () => {
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.server.address() as { port: number };
  const headers = { 'idempotency-key': ['a', 'b'] };
  const asked = request({ port, host: '127.0.0.1', method: 'POST', path: '/taken', headers }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  expect([answer.statusCode, await json(answer)]).toMatchObject([
    400,
    { errors: [{ path: 'Idempotency-Key', message: 'must be given once' }] },
  ]);
});
