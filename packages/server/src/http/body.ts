import { DaybookError } from '@daybook/core';

/** Deeper than any body that a schema accepts: its walk stops here and leaves the refusal to the schema. */
const DEEPEST = 64;

/**
 * Reads a JSON body and refuses text that no field may hold: NUL (PostgreSQL cannot store it) and what is no Unicode.
 * Both can only be written with escapes, so a body without them needs no second look.
 */
export function parseBody(text: string): unknown {
  if (text === '') return undefined;
  const value = parseJson(text);
  if (text.includes('\\u')) refuseBadText(value, '', 0);
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DaybookError('malformed_json', error instanceof Error ? error.message : undefined);
  }
}

function refuseBadText(value: unknown, path: string, depth: number): void {
  if (typeof value === 'string') {
    if (value.includes('\u0000')) refuse(path, 'must not contain NUL');
    if (!value.isWellFormed()) refuse(path, 'is no well-formed Unicode');
  } else if (depth >= DEEPEST) {
    return;
  } else if (Array.isArray(value)) {
    for (const [i, each] of value.entries()) refuseBadText(each, `${path}[${i}]`, depth + 1);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      const inner = path === '' ? key : `${path}.${key}`;
      refuseBadText(key, inner, depth + 1);
      refuseBadText(each, inner, depth + 1);
    }
  }
}

function refuse(path: string, message: string): never {
  throw new DaybookError('invalid_request', undefined, { faults: [{ path, message }] });
}
