import { DaybookError, limits } from '@daybook/core';

/**
 * Reads a JSON body and refuses what no field may hold: nesting beyond the limit, NUL (PostgreSQL cannot store it) and
 * text that is no Unicode. Costs one scan of the text unless something suspicious is in it.
 */
export function parseBody(text: string): unknown {
  if (text === '') return undefined;
  const value = parseJson(text);
  if (tooDeep(text)) refuse('', `is nested deeper than ${limits.bodyDepth} levels`);
  if (text.includes('\\u')) refuseBadText(value, '');
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DaybookError('malformed_json', error instanceof Error ? error.message : undefined);
  }
}

/** Counts brackets without parsing again; those inside strings are skipped. */
function tooDeep(text: string): boolean {
  if (text.length <= limits.bodyDepth * 2) return false;
  let depth = 0;
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inside) {
      if (c === 92) i++;
      else if (c === 34) inside = false;
    } else if (c === 34) inside = true;
    else if (c === 123 || c === 91) {
      if (++depth > limits.bodyDepth) return true;
    } else if (c === 125 || c === 93) depth--;
  }
  return false;
}

function refuseBadText(value: unknown, path: string): void {
  if (typeof value === 'string') {
    if (value.includes('\u0000')) refuse(path, 'must not contain NUL');
    if (!value.isWellFormed()) refuse(path, 'is no well-formed Unicode');
  } else if (Array.isArray(value)) {
    value.forEach((each, i) => {
      refuseBadText(each, `${path}[${i}]`);
    });
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      const inner = path === '' ? key : `${path}.${key}`;
      refuseBadText(key, inner);
      refuseBadText(each, inner);
    }
  }
}

function refuse(path: string, message: string): never {
  throw new DaybookError('invalid_request', undefined, { faults: [{ path, message }] });
}
