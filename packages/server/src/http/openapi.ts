import { errorCatalogue, limits, permissions } from '@daybook/core';
import { z } from 'zod';
import type { Route } from '../route.ts';

type Json = Record<string, unknown>;

/**
 * The OpenAPI 3.1 document, made from the routes: schemas that have an `id` become components, every route says which
 * roles it takes, and the errors come from the one catalogue.
 */
export function openApiDocument(routes: readonly Route[], version: string): Json {
  const components: Record<string, Json> = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Daybook',
      version,
      description:
        'The native API. Send `Authorization: Bearer KEY` (or `x-api-key`). A list answers `items` and `nextCursor`; an error is `application/problem+json` with a stable `code`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    security: [{ key: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'daybook_session',
          description: 'A signed-in browser',
        },
      },
      schemas: { ...sorted(components), Problem: problemSchema },
      responses: {
        Problem: {
          description: 'An error',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function operation(route: Route, components: Record<string, Json>): Json {
  const body = route.bodyDescription ?? route.body;
  const roles = route.access === 'public' ? 'everybody' : permissions[route.access].join(', ');
  return {
    operationId: operationId(route),
    tags: [route.group],
    summary: route.summary,
    description: [route.description, `For: ${roles}.`].filter(Boolean).join('\n\n'),
    ...(route.access === 'public' && { security: [] }),
    parameters: [
      ...parameters('path', route.params, components),
      ...parameters('query', route.query, components),
      ...(route.idempotencyKey === 'taken' ? [idempotencyKey] : []),
    ],
    ...(body !== undefined && {
      requestBody: {
        required: !route.bodyOptional,
        content: { 'application/json': { schema: jsonSchema(body, 'input', components) } },
      },
    }),
    ...(route.bytes !== undefined && {
      requestBody: {
        required: true,
        content: { [route.bytes]: { schema: { type: 'string', format: 'binary' } } },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, each]) => [status, response(each, components)]),
      ),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same request again gets the same answer, for seven days; another one with it is refused',
  schema: { type: 'string', minLength: 1, maxLength: limits.idempotencyKey },
};

function response(answer: Route['answers'][number], components: Record<string, Json>): Json {
  if (answer.schema === undefined && answer.type === undefined) return { description: answer.description };
  const schema =
    answer.schema === undefined ? { type: 'string' } : jsonSchema(answer.schema, 'output', components);
  return { description: answer.description, content: { [answer.type ?? 'application/json']: { schema } } };
}

function parameters(
  place: 'path' | 'query',
  schema: z.ZodType | undefined,
  components: Record<string, Json>,
): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input', components) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

/** A zod schema as JSON Schema; named schemas are moved to the components and referred to. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', components: Record<string, Json>): Json {
  const made = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    reused: 'inline',
  }) as Json & { $defs?: Record<string, Json> };
  const { $defs, $schema: _, ...rest } = made;
  for (const [name, definition] of Object.entries($defs ?? {}))
    components[name] = withoutNoise(relinked(definition));
  const own = rest['id'];
  if (typeof own === 'string') {
    components[own] = withoutNoise(relinked(rest));
    return { $ref: `#/components/schemas/${own}` };
  }
  return withoutNoise(relinked(rest));
}

function relinked(value: Json): Json {
  return JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}

/** `id` is our name for the component, no property of JSON Schema; a bound of 2^53 says nothing. */
function withoutNoise(value: Json): Json {
  return JSON.parse(JSON.stringify(value), function (this: Json, key, each: unknown) {
    if (key === 'id' && typeof each === 'string') return undefined;
    if (Math.abs(each as number) === Number.MAX_SAFE_INTEGER) return undefined;
    return each;
  }) as Json;
}

function sorted(components: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(components).sort(([a], [b]) => a.localeCompare(b)));
}

function operationId({ method, path }: Route): string {
  const words = path.replace('/api/v1', '').split('/').filter(Boolean);
  const names = words.map((word) => (word.startsWith(':') ? `By-${word.slice(1)}` : word));
  return [method.toLowerCase(), ...names]
    .join('-')
    .replace(/[^A-Za-z]+(\w)/g, (_, letter: string) => letter.toUpperCase());
}

const problemSchema = {
  type: 'object',
  description: 'RFC 9457 problem details',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(errorCatalogue) },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
    requestId: { type: 'string' },
  },
} as const;
