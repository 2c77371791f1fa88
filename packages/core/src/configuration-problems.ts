import { z } from 'zod';
import type { JsonPath } from './json-text.ts';
import { nearName } from './near-name.ts';

/** A fault that zod found, in words for the person who wrote the file. */
export interface PlainIssue {
  readonly path: JsonPath;
  /** Says it; of many faults only some are ever said. */
  readonly say: () => string;
  /** Whether the name of the field is meant or its value. */
  readonly part: 'value' | 'key';
}

/**
 * Says in plain words what zod found: every unknown field by itself with the name that was probably meant, a missing
 * field as missing, and what stands there now.
 */
export function plainIssues(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  schema: z.ZodType,
): PlainIssue[] {
  return issues.flatMap((issue): PlainIssue[] => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      const known = fieldsAt(schema, path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        say: () => unknownField(key, known),
        part: 'key',
      }));
    }
    return [{ path, say: () => messageOf(issue, valueAt(value, path)), part: 'value' }];
  });
}

/**
 * How many {@link plainIssues} there would be. Asks Zod by the way that its own schemas ask each other: putting an issue
 * into words takes several times as long as finding it.
 */
export function countIssues(schema: z.ZodType, value: unknown): number {
  const found = schema._zod.run({ value, issues: [] }, { async: false });
  if (found instanceof Promise) throw new TypeError('this schema waits for something');
  return found.issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1),
    0,
  );
}

function messageOf(issue: z.core.$ZodIssue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return found === undefined
        ? `is missing; it must be ${article(issue.expected)}`
        : `must be ${article(issue.expected)}, is ${shown(found)}`;
    case 'too_small':
      return `must be ${issue.inclusive ? 'at least' : 'greater than'} ${issue.minimum}, is ${shown(found)}`;
    case 'too_big':
      return issue.origin === 'array'
        ? `must have at most ${issue.maximum} entries`
        : issue.origin === 'string'
          ? `must have at most ${issue.maximum} characters`
          : `must be at most ${issue.maximum}, is ${shown(found)}`;
    default:
      return `${issue.message}${found === undefined ? '' : `, is ${shown(found)}`}`;
  }
}

const articles: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'an object',
  record: 'an object',
  string: 'a text',
  int: 'a whole number',
};

function article(type: string): string {
  return articles[type] ?? `a ${type}`;
}

/** What stands in the file, short enough for a message. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'number') return String(value); // 1e999 is Infinity, which JSON cannot say
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 50 ? `${text.slice(0, 50)}…` : text;
}

function unknownField(key: string, known: readonly string[]): string {
  const near = nearName(key, known);
  return near === undefined
    ? `is not known here; known are ${known.join(', ')}`
    : `is not known here; did you mean ${near}?`;
}

function valueAt(value: unknown, path: JsonPath): unknown {
  let at: unknown = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Readonly<Record<string | number, unknown>>)[part];
  }
  return at;
}

/** The fields that the schema knows at a path. */
function fieldsAt(schema: z.ZodType, path: JsonPath): string[] {
  let at: unknown = unwrapped(schema);
  for (const part of path) {
    if (at instanceof z.ZodObject) at = unwrapped(at.shape[part]);
    else if (at instanceof z.ZodArray) at = unwrapped(at.element);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  let at = schema;
  while (at instanceof z.ZodOptional || at instanceof z.ZodNullable || at instanceof z.ZodDefault)
    at = at.unwrap();
  return at;
}
