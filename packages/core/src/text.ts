import { z } from 'zod';
import { limits } from './limits.ts';
import { parseInstant } from './time.ts';

/** The zod building blocks that every schema of the wire shares. */

const CONTROL = /[\u0000-\u001f\u007f]/;
const CONTROL_BUT_LAYOUT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** One line of text: trimmed ends are the caller's, control characters are refused. */
export function line(max: number): z.ZodString {
  return z.string().max(max).refine(isLine, 'must not contain control characters');
}

/** One line that says something. */
export function label(max: number): z.ZodString {
  return line(max).refine((text) => text.trim() !== '', 'must not be empty');
}

/** Several lines: tabs and line breaks are fine, other control characters are refused. */
export function prose(max: number): z.ZodString {
  return z
    .string()
    .max(max)
    .refine((text) => !CONTROL_BUT_LAYOUT.test(text), 'must not contain control characters');
}

function isLine(text: string): boolean {
  return !CONTROL.test(text);
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

/** A JSON object of the caller's own; its size is limited as JSON text. */
export const jsonObject = z
  // Bodies come out of a JSON parser, so that little can be wrong with their values.
  .record(z.string().max(limits.shortText), z.unknown())
  .refine((value) => isShallow(value, 1), {
    error: `must not be nested deeper than ${limits.jsonDepth} levels`,
    abort: true,
  })
  .refine(hasFiniteNumbers, 'must not contain numbers beyond those of JSON')
  .refine(
    (value) => JSON.stringify(value).length <= limits.jsonBytes,
    `must be at most ${limits.jsonBytes} bytes of JSON`,
  );

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth <= limits.jsonDepth && Object.values(value).every((each) => isShallow(each, depth + 1));
}

/** `1e999` is fine JSON, becomes Infinity, and would be stored as null. */
function hasFiniteNumbers(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(hasFiniteNumbers);
}

export type JsonObject = z.infer<typeof jsonObject>;

/** A row's id. */
export const rowId = z.int().min(1);
