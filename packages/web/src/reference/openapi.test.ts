import { expect, test } from 'vitest';
import {
  curlOf,
  exampleOf,
  findOperations,
  limitsOf,
  type OpenApi,
  operationsOf,
  typeOf,
} from './openapi.ts';

const document: OpenApi = {
  info: { title: 'Daybook', version: '1' },
  paths: {
    '/api/v1/jobs': {
      get: { tags: ['Jobs'], summary: 'List jobs' },
      post: {
        tags: ['Jobs'],
        summary: 'Create a job',
        requestBody: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/JobCreate' } } },
        },
      },
    },
    '/api/v1/jobs/{id}': { delete: { tags: ['Jobs'], summary: 'Remove' } },
  },
  components: {
    schemas: {
      JobCreate: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, parent: { $ref: '#/components/schemas/JobCreate' } },
      },
    },
  },
};

test('lists operations and finds them by words in any order', () => {
  const operations = operationsOf(document);
  expect(operations.map((each) => `${each.method} ${each.path}`)).toEqual([
    'GET /api/v1/jobs',
    'POST /api/v1/jobs',
    'DELETE /api/v1/jobs/{id}',
  ]);
  expect(findOperations(operations, 'create JOBS').map((each) => each.method)).toEqual(['POST']);
  expect(new Set(operations.map((each) => each.id)).size).toBe(3);
});

test('makes a call that fits', () => {
  const [list, create, remove] = operationsOf(document);
  expect(curlOf(create!, document, 'http://x')).toContain(`-d '{"name":"…"}'`);
  expect(curlOf(list!, document, 'http://x')).not.toContain('-X');
  expect(curlOf(remove!, document, 'http://x')).toContain('-X DELETE');
});

test('says types and limits in short', () => {
  expect(typeOf({ type: 'array', items: { $ref: '#/components/schemas/JobCreate' } }, document)).toBe(
    'JobCreate[]',
  );
  expect(typeOf({ anyOf: [{ enum: ['a', 'b'] }, { type: 'null' }] }, document)).toBe('"a" | "b" | null');
  expect(limitsOf({ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER })).toBe('≥ 1');
});

test('a schema that contains itself ends', () => {
  const endless: OpenApi = {
    ...document,
    components: { schemas: { A: { properties: { a: { $ref: '#/components/schemas/A' } } } } },
  };
  expect(JSON.stringify(exampleOf({ $ref: '#/components/schemas/A' }, endless)).length).toBeLessThan(200);
});
