import { z } from 'zod';
import { limits } from './limits.ts';
import { parseInstant } from './time.ts';

/** The zod building blocks that every schema of the wire shares. */

const CONTROL = /[\u0000-\u001f\u007f]/;
const NO_UNICODE = 'is no well-formed Unicode';
const CONTROL_BUT_LAYOUT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** One line of text: trimmed ends are the caller's, control characters are refused. */
export function line(max: number): z.ZodString {
  return z.string().max(max).refine(isLine, whyUnfit);
}

/** One line that says something. */
export function label(max: number): z.ZodString {
  return line(max).refine((text) => text.trim() !== '', 'must not be empty');
}

/** What {@link label} takes. */
export function isLabel(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max && isLine(value) && value.trim() !== '';
}

function isLine(text: string): boolean {
  return !CONTROL.test(text) && text.isWellFormed();
}

/** Several lines: tabs and line breaks are fine, other control characters are refused. */
export function prose(max: number): z.ZodString {
  return z
    .string()
    .max(max)
    .refine((text) => !CONTROL_BUT_LAYOUT.test(text) && text.isWellFormed(), whyUnfit);
}

/** What a program printed, colours and all: only what no database can hold is refused. */
export function printed(max: number): z.ZodString {
  return z
    .string()
    .max(max)
    .refine(isStorable, { error: (issue) => whyUnstorable(issue.input as string) });
}

/** What {@link printed} takes. */
export function isPrinted(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max && isStorable(value);
}

const whyUnfit = {
  error: (issue: { input?: unknown }) =>
    (issue.input as string).isWellFormed() ? 'must not contain control characters' : NO_UNICODE,
};

/** PostgreSQL cannot store NUL, and half a surrogate pair is lost on the way to any disk. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

function whyUnstorable(text: string): string {
  return text.isWellFormed() ? 'must not contain NUL' : NO_UNICODE;
}

/** A point in time: ISO 8601 with an offset on the wire, milliseconds since 1970 inside. */
export const instant = z
  .string()
  .max(40)
  .transform((text, context) => {
    try {
      return parseInstant(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is no date' });
      return z.NEVER;
    }
  })
  .meta({
    description: 'ISO 8601 with an offset, e.g. 2026-01-31T12:34:56.789Z',
    examples: ['2026-01-31T12:34:56.789Z'],
  });

/** An instant as we write it. */
export const isoInstant = z.string().meta({ format: 'date-time' });

/**
 * A JSON object of the caller's own; its size is limited as JSON text. Bodies come out of a JSON parser, so that little
 * can be wrong with their values; every such fault is told with its path.
 */
export const jsonObject = z
  .custom<Record<string, unknown>>(isObject, { error: plainObject })
  .superRefine((object, context) => {
    if (!isSound(object, 1)) {
      let told = 0;
      for (const fault of unsound(object, [])) {
        if (told++ === MOST_FAULTS) break;
        context.addIssue({ code: 'custom', ...fault });
      }
    } else if (JSON.stringify(object).length > limits.jsonBytes)
      context.addIssue({ code: 'custom', message: `must be at most ${limits.jsonBytes} bytes of JSON` });
  })
  .meta({
    type: 'object',
    propertyNames: { type: 'string', maxLength: limits.shortText },
    additionalProperties: {},
  });

/** Told of one object; who makes such things makes them by the thousand. */
const MOST_FAULTS = 100;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function plainObject({ input }: { input?: unknown }): string {
  return input === undefined ? 'is missing' : 'must be an object';
}

/** True if nothing is wrong with a value, for the many with which nothing is. */
function isSound(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorable(value);
  // `1e999` is fine JSON, becomes Infinity, and would be stored as null.
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth > limits.jsonDepth) return false;
  if (Array.isArray(value)) return value.every((each) => isSound(each, depth + 1));
  return Object.entries(value).every(([key, each]) => isSoundKey(key) && isSound(each, depth + 1));
}

/** `__proto__` is no property like others: whoever merges objects loses it. */
function isSoundKey(key: string): boolean {
  return key.length <= limits.shortText && key !== '__proto__' && isStorable(key);
}

interface Unsound {
  readonly path: (string | number)[];
  readonly message: string;
}

/** Everything that {@link isSound} refuses, and where; how deep is told of the whole object. */
function* unsound(value: unknown, path: (string | number)[]): Generator<Unsound, void> {
  if (typeof value === 'string') {
    if (!isStorable(value)) yield { path, message: whyUnstorable(value) };
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) yield { path, message: 'must not be a number beyond those of JSON' };
  } else if (typeof value !== 'object' || value === null) {
    return;
  } else if (path.length >= limits.jsonDepth) {
    yield { path: [], message: `must not be nested deeper than ${limits.jsonDepth} levels` };
  } else {
    for (const [key, each] of Object.entries(value)) {
      const inner = [...path, Array.isArray(value) ? Number(key) : key];
      if (isSoundKey(key)) yield* unsound(each, inner);
      else if (key.length > limits.shortText)
        yield { path, message: `must not have names of more than ${limits.shortText} characters` };
      else yield { path: inner, message: whyUnsoundKey(key) };
    }
  }
}

function whyUnsoundKey(key: string): string {
  return key === '__proto__' ? 'is no name for a property' : whyUnstorable(key);
}

export type JsonObject = z.infer<typeof jsonObject>;

/** A row's id. */
export const rowId = z.int().min(1);
