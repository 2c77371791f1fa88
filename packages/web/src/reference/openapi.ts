/** The part of an OpenAPI 3.1 document that the page shows. */
export interface OpenApi {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components?: {
    readonly schemas?: Readonly<Record<string, Schema>>;
    readonly responses?: Readonly<Record<string, Answer>>;
  };
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly examples?: readonly unknown[];
  readonly example?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

interface Content {
  readonly [mediaType: string]: { readonly schema?: Schema; readonly example?: unknown };
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly group: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly body: Content | undefined;
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Answer {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Content;
}

interface RawOperation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses?: Operation['responses'];
}

const methods = ['get', 'post', 'put', 'patch', 'delete'];

/** The operations of a document in its own order. */
export function operationsOf(document: OpenApi): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods
      .filter((method) => item[method] !== undefined)
      .map((method) => {
        const raw = item[method] as RawOperation;
        return {
          id: `${method}-${path
            .replace(/^\/api\/v1/, '')
            .replace(/[^\w]+/g, '-')
            .replace(/^-|-$/g, '')}`,
          method: method.toUpperCase(),
          path,
          group: raw.tags?.[0] ?? '',
          summary: raw.summary ?? '',
          description: raw.description ?? '',
          parameters: raw.parameters ?? [],
          body: raw.requestBody?.content,
          responses: resolveAnswers(raw.responses ?? {}, document),
        };
      }),
  );
}

function resolveAnswers(answers: Operation['responses'], document: OpenApi): Operation['responses'] {
  const entries = Object.entries(answers).map(([status, answer]) => {
    const name = /^#\/components\/responses\/(.+)$/.exec(answer.$ref ?? '')?.[1];
    return [status, (name !== undefined && document.components?.responses?.[name]) || answer] as const;
  });
  return Object.fromEntries(entries);
}

/** Those in which every word of `text` occurs. */
export function findOperations(operations: readonly Operation[], text: string): readonly Operation[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return operations.filter((operation) => {
    const said =
      `${operation.method} ${operation.path} ${operation.summary} ${operation.group} ${operation.description}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

/** The name of a referenced schema, and the schema itself. */
export function resolve(
  schema: Schema,
  document: OpenApi,
): { readonly name: string | undefined; readonly schema: Schema } {
  const name = /^#\/components\/schemas\/(.+)$/.exec(schema.$ref ?? '')?.[1];
  return { name, schema: (name !== undefined && document.components?.schemas?.[name]) || schema };
}

/** A schema in a few words: `string`, `integer ≥ 1`, `"a" | "b"`, `Job[]`. */
export function typeOf(schema: Schema, document: OpenApi): string {
  const { name } = resolve(schema, document);
  if (name !== undefined) return name;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return [...new Set(options.map((option) => typeOf(option, document)))].join(' | ');
  if (schema.allOf) return schema.allOf.map((part) => typeOf(part, document)).join(' & ');
  if (schema.type === 'array')
    return `${schema.items ? wrapped(typeOf(schema.items, document)) : 'unknown'}[]`;
  const type = typeof schema.type === 'string' ? schema.type : (schema.type?.join(' | ') ?? 'any');
  return schema.format ? `${type} (${schema.format})` : type;
}

function wrapped(type: string): string {
  return type.includes(' ') ? `(${type})` : type;
}

/** The limits that a value has to keep, in words of JSON Schema made short. */
export function limitsOf(schema: Schema): string {
  const limits: string[] = [];
  // JavaScript's own limits say nothing to a person.
  if (schema.minimum !== undefined && schema.minimum > Number.MIN_SAFE_INTEGER)
    limits.push(`≥ ${schema.minimum}`);
  if (schema.maximum !== undefined && schema.maximum < Number.MAX_SAFE_INTEGER)
    limits.push(`≤ ${schema.maximum}`);
  if (schema.maxLength !== undefined) limits.push(`≤ ${schema.maxLength} characters`);
  if (schema.maxItems !== undefined) limits.push(`≤ ${schema.maxItems} items`);
  if (schema.default !== undefined) limits.push(`default ${JSON.stringify(schema.default)}`);
  return limits.join(', ');
}

/** A call to copy, with an example body made of the required fields. */
export function curlOf(operation: Operation, document: OpenApi, origin: string): string {
  const schema = operation.body?.['application/json']?.schema;
  const parts = ['curl'];
  if (operation.method !== 'GET' && !(operation.method === 'POST' && schema))
    parts.push(`-X ${operation.method}`);
  parts.push('-H "Authorization: Bearer $DAYBOOK_API_KEY"');
  if (schema)
    parts.push(
      `-H "Content-Type: application/json" \\\n  -d '${JSON.stringify(exampleOf(schema, document))}'`,
    );
  return `${parts.join(' ')} \\\n  ${origin}${operation.path}`;
}

/** An example of a schema: its own if it brings one, else the smallest body that fits. */
export function exampleOf(schema: Schema, document: OpenApi, depth = 0): unknown {
  const own = schema.example ?? schema.examples?.[0] ?? schema.const ?? schema.default ?? schema.enum?.[0];
  if (own !== undefined || depth > 5) return own ?? null;
  const resolved = resolve(schema, document).schema;
  if (resolved !== schema) return exampleOf(resolved, document, depth + 1);
  const option = (schema.anyOf ?? schema.oneOf)?.[0];
  if (option) return exampleOf(option, document, depth + 1);
  if (schema.properties) {
    const names = schema.required?.length ? schema.required : Object.keys(schema.properties).slice(0, 1);
    return Object.fromEntries(
      names.map((name) => [name, exampleOf(schema.properties?.[name] ?? {}, document, depth + 1)]),
    );
  }
  if (schema.type === 'array') return schema.items ? [exampleOf(schema.items, document, depth + 1)] : [];
  if (schema.type === 'integer' || schema.type === 'number')
    return schema.minimum && schema.minimum > 0 ? schema.minimum : 1;
  if (schema.type === 'boolean') return true;
  if (schema.type === 'object') return {};
  return '…';
}
