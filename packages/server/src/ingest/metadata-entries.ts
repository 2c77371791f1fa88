import { BundleFault } from './bundle-fault.ts';

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d]);
const BOM = [0xef, 0xbb, 0xbf];
/** Deepest nesting of an entry: what it says of a bundle is flat. */
const DEEPEST = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The entries of a `metadata.txt`, one after the other: a document of a million files is never one tree of objects in
 * memory. Throws {@link BundleFault} in `load metadata` for what is not a JSON array.
 */
export function* metadataEntries(bytes: Uint8Array): Generator<unknown, void> {
  let at = skipBlank(bytes, BOM.every((byte, i) => bytes[i] === byte) ? BOM.length : 0);
  if (at === bytes.length) throw notMetadata('metadata_empty', 'is empty');
  if (bytes[at] !== OPEN_LIST) throw wrongStart(bytes);
  at = skipBlank(bytes, at + 1);
  if (bytes[at] === CLOSE_LIST) return expectEnd(bytes, at + 1);
  for (let index = 0; ; index++) {
    const end = endOfValue(bytes, at);
    yield parseEntry(bytes.subarray(at, end), index);
    at = skipBlank(bytes, end);
    if (bytes[at] === CLOSE_LIST) return expectEnd(bytes, at + 1);
    if (bytes[at] !== COMMA) throw notMetadata('metadata_not_json', `is cut off after entry ${index + 1}`);
    at = skipBlank(bytes, at + 1);
  }
}

function skipBlank(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && BLANK.has(bytes[at] as number)) at++;
  return at;
}

/** Where the value that begins here ends: at the comma or bracket after it, outside of strings and deeper values. */
function endOfValue(bytes: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++;
    else if (depth === 0 && (byte === COMMA || byte === CLOSE_LIST)) return at;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
    if (depth > DEEPEST)
      throw notMetadata('metadata_not_json', `is nested deeper than ${DEEPEST} levels at byte ${at}`);
  }
  return bytes.length;
}

function endOfString(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

function parseEntry(bytes: Uint8Array, index: number): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (error) {
    throw notMetadata('metadata_not_utf8', `is not UTF-8 in entry ${index + 1}`, error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notMetadata('metadata_not_json', `is not JSON in entry ${index + 1}: ${reasonOf(error)}`, error);
  }
}

/** A document that is JSON, but no array, is told so. */
function wrongStart(bytes: Uint8Array): BundleFault {
  try {
    JSON.parse(utf8.decode(bytes));
  } catch (error) {
    return notMetadata('metadata_not_json', `is not JSON: ${reasonOf(error)}`, error);
  }
  return notMetadata('metadata_not_array', 'is no JSON array');
}

function expectEnd(bytes: Uint8Array, at: number): void {
  if (skipBlank(bytes, at) !== bytes.length)
    throw notMetadata('metadata_not_json', 'goes on after the end of its array');
}

function notMetadata(rule: string, what: string, cause?: unknown): BundleFault {
  return new BundleFault('load metadata', rule, `metadata.txt ${what}.`, { cause });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read';
}
