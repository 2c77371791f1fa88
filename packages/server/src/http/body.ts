import { DaybookError, limits } from '@daybook/core';

/** Of invalid bytes it says so, where `toString` would put other characters in their place; as fast. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A smaller body cannot hold anything up, however it is made, bytes. */
const HARMLESS = 64 * 1_024;

/**
 * Reads a JSON body (RFC 8259: UTF-8). What is in it is the schemas' to judge, but they look at every value: a large body
 * of very many or very deep ones would hold up everybody for seconds. Throws `malformed_json`, `payload_too_large`.
 */
export function parseBody(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  if (bytes.length > HARMLESS) refuseBombs(bytes);
  return parseJson(decode(bytes));
}

/** Reads a form: of a field that is given twice, the last one. */
export function parseForm(bytes: Uint8Array): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(decode(bytes)));
}

/** Counts values and nesting in one pass over the bytes; what stands in strings does not count. */
function refuseBombs(bytes: Uint8Array): void {
  let depth = 0;
  let values = 0;
  let inside = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inside) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inside = false;
    } else if (byte === QUOTE) inside = true;
    else if (byte === COMMA) values++;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
    if (depth > limits.bodyDepth)
      throw new DaybookError(
        'payload_too_large',
        `The body is nested deeper than ${limits.bodyDepth} levels.`,
      );
    if (values > limits.bodyValues)
      throw new DaybookError(
        'payload_too_large',
        `The body has more than ${limits.bodyValues} values. Send it in parts.`,
      );
  }
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new DaybookError('malformed_json', 'The body is not UTF-8.', { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DaybookError('malformed_json', error instanceof Error ? error.message : undefined);
  }
}
