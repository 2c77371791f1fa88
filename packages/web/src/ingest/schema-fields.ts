/** A field of the form that a project's schema asks for. */
export interface SchemaField {
  readonly key: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly kind: 'text' | 'number' | 'date' | 'choice' | 'boolean';
  readonly choices: readonly string[];
  readonly isRequired: boolean;
  readonly initial: string;
}

type Json = Readonly<Record<string, unknown>>;

/** The fields of a JSON Schema of key-values, those that are required first. What it asks besides, the server says. */
export function fieldsOf(schema: Json | null): SchemaField[] {
  const properties = isObject(schema?.['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema?.['required']) ? schema['required'] : [];
  const fields = Object.entries(properties).map(([key, value]) =>
    fieldOf(key, isObject(value) ? value : {}, required),
  );
  return fields.sort((a, b) => Number(b.isRequired) - Number(a.isRequired));
}

function fieldOf(key: string, property: Json, required: readonly unknown[]): SchemaField {
  const choices = Array.isArray(property['enum']) ? property['enum'].map(String) : [];
  const fallback = property['default'];
  return {
    key,
    title: typeof property['title'] === 'string' ? property['title'] : key,
    description: typeof property['description'] === 'string' ? property['description'] : undefined,
    kind: kindOf(property, choices),
    choices,
    isRequired: required.includes(key),
    initial: fallback === undefined || fallback === null ? '' : String(fallback),
  };
}

function kindOf(property: Json, choices: readonly string[]): SchemaField['kind'] {
  if (choices.length > 0) return 'choice';
  const { type, format } = property;
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'boolean') return 'boolean';
  return format === 'date' ? 'date' : 'text';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
