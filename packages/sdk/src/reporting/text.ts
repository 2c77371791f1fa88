import { clampPercent, type JsonObject, limits } from '@daybook/core';

/** Whatever a script passes is made fit for the wire here: reporting must not fail because of what is reported. */

/** What stands for a character that no database takes. */
const REPLACEMENT = '\uFFFD';
const DEEPEST = 20;

/** Several lines: NUL and lone surrogates replaced, cut at `max` UTF-16 code units with a mark that counts the rest. */
export function cleanText(value: unknown, max: number = limits.message): string {
  const text = asText(value).toWellFormed().replaceAll('\0', REPLACEMENT);
  return text.length <= max ? text : cut(text, max);
}

/** One line that says something: control characters become blanks. */
export function cleanLabel(value: unknown, max: number): string {
  const text = cleanText(value, max)
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .trim();
  return text === '' ? '?' : text;
}

/** 0–100 in steps of 0.01; undefined for what is no number. */
export function cleanPercent(value: unknown): number | undefined {
  const percent = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof percent !== 'number' || Number.isNaN(percent)) return undefined;
  return Math.round(clampPercent(percent) * 100) / 100;
}

/**
 * A JSON object of what was given: functions and undefined left out, dates and big numbers as text, what lies too deep
 * (or in a circle) replaced. Answers undefined when it is larger than Daybook keeps.
 */
export function cleanObject(value: unknown): JsonObject | undefined {
  const clean = cleanValue(value, 0);
  if (typeof clean !== 'object' || clean === null || Array.isArray(clean)) return undefined;
  return JSON.stringify(clean).length <= limits.jsonBytes ? (clean as JsonObject) : undefined;
}

type Json = JsonObject[string];

function cleanValue(value: unknown, depth: number): Json | undefined {
  switch (typeof value) {
    case 'string':
      return value.toWellFormed().replaceAll('\0', REPLACEMENT);
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'boolean':
      return value;
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? null : cleanNested(value, depth);
    default:
      return undefined;
  }
}

function cleanNested(value: object, depth: number): Json | undefined {
  if (depth >= DEEPEST) return '…';
  if (value instanceof Error) return asText(value);
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    return cleanValue((value as { toJSON(): unknown }).toJSON(), depth + 1);
  }
  if (Array.isArray(value)) return value.map((each) => cleanValue(each, depth + 1) ?? null);
  const entries = Object.entries(value).map(([key, each]) => [
    // The server takes no property of that name: to assign to it would change an object instead of filling it.
    key === '__proto__' ? '_proto_' : cleanText(key, limits.shortText),
    cleanValue(each, depth + 1),
  ]);
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
}

/** An error as people want to read it: its message, and its name if that says more than "Error". */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error)
    return value.name === 'Error' ? value.message || 'Error' : `${value.name}: ${value.message}`;
  try {
    return String(value);
  } catch {
    return 'something that cannot be shown';
  }
}

function cut(text: string, max: number): string {
  const mark = ` … [${text.length - max} more characters cut]`;
  return text.slice(0, Math.max(0, max - mark.length)).toWellFormed() + mark.slice(0, max);
}
