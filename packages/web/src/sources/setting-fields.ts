/** A setting of a kind, as its JSON Schema describes it. */
export interface SettingField {
  readonly name: string;
  /** `list`: a list, written as JSON. */
  readonly look: 'text' | 'number' | 'switch' | 'list';
  readonly fallback: string | boolean;
  readonly title: string | undefined;
  readonly description: string | undefined;
}

interface PropertySchema {
  readonly type?: unknown;
  readonly default?: unknown;
  readonly title?: unknown;
  readonly description?: unknown;
}

/** The fields of a form for the settings of a kind, in the order of its schema. */
export function settingFields(schema: Readonly<Record<string, unknown>>): SettingField[] {
  const properties = (schema['properties'] ?? {}) as Record<string, PropertySchema>;
  return Object.entries(properties).map(([name, property]) => ({
    name,
    look: lookOf(property.type),
    fallback: property.type === 'boolean' ? property.default === true : textOfValue(property.default ?? ''),
    title: textOf(property.title),
    description: textOf(property.description),
  }));
}

function lookOf(type: unknown): SettingField['look'] {
  if (type === 'boolean') return 'switch';
  if (type === 'array') return 'list';
  return type === 'integer' || type === 'number' ? 'number' : 'text';
}

function textOfValue(value: unknown): string {
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export type SettingDraft = Readonly<Record<string, string | boolean>>;

/** What the form begins with: what is set, else what counts when nothing is. */
export function draftOf(
  fields: readonly SettingField[],
  settings: Readonly<Record<string, unknown>>,
): SettingDraft {
  return Object.fromEntries(
    fields.map(({ name, look, fallback }) => {
      const value = settings[name];
      if (value === undefined) return [name, fallback];
      return [name, look === 'switch' ? value === true : textOfValue(value)];
    }),
  );
}

/** The settings of a draft. An empty field is left out; numbers are numbers, also where a text such as `6h` would do. */
export function settingsOf(fields: readonly SettingField[], draft: SettingDraft): Record<string, unknown> {
  const set = fields.flatMap(({ name, look }): [string, unknown][] => {
    const value = draft[name];
    if (typeof value === 'boolean') return [[name, value]];
    const text = value?.trim() ?? '';
    if (text === '') return [];
    if (look === 'list') return [[name, listOf(text)]];
    return [[name, isNumeric(name, text, fields) ? Number(text) : text]];
  });
  return Object.fromEntries(set);
}

/** What is no list is sent as it is: the server says what is wrong with it. */
function listOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A directory may be called 17; a number of seconds or of tries is one. */
function isNumeric(name: string, text: string, fields: readonly SettingField[]): boolean {
  const field = fields.find((each) => each.name === name);
  const hasNumber =
    field?.look === 'number' || (field?.fallback !== '' && /^\d/.test(String(field?.fallback)));
  return hasNumber && /^-?\d+(\.\d+)?$/.test(text);
}
