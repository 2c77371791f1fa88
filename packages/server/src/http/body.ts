import { DaybookError } from '@daybook/core';

/** Of invalid bytes it says so, where `toString` would put other characters in their place; as fast. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a JSON body (RFC 8259: UTF-8). What is in it is the schemas' to judge. Throws `malformed_json`. */
export function parseBody(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  return parseJson(decode(bytes));
}

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
