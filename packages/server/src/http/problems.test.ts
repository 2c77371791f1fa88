import { expect, test } from 'vitest';
import { route } from '../route.ts';
import { testServer } from './testing/test-server.ts';

test.each([
  // In the words of pg's pool, which have no code.
  [new Error('timeout exceeded when trying to connect'), 503, 'unavailable'],
  [new Error('Connection terminated unexpectedly'), 503, 'unavailable'],
  [new Error('Client has encountered a connection error and is not queryable'), 503, 'unavailable'],
  [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 503, 'unavailable'],
  [Object.assign(new Error('canceling statement'), { code: '57014' }), 503, 'query_timeout'],
  [new Error('what nobody foresaw'), 500, 'internal'],
])('%s is answered %i %s', async (error, status, code) => {
  const server = testServer(
    [
      route({
        method: 'GET',
        path: '/work',
        access: 'public',
        group: 'Test',
        summary: 'Fails',
        answers: { 200: { description: 'Never' } },
        handle: () => {
          throw error;
        },
      }),
    ],
    async () => undefined as never,
  );
  const answer = await server.inject({ url: '/work', headers: { host: 'localhost' } });
  expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  expect(answer.body).not.toContain(error.message);
  await server.close();
});
