import { BundleFault } from './bundle-fault.ts';

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d]);
const BOM = [0xef, 0xbb, 0xbf];
/** Deepest nesting of an entry: what it says of a bundle is flat. */
const DEEPEST = 32;
/** Largest entry, bytes. */
const LARGEST = 1024 * 1024;
/** Bytes of entries that are parsed at once. */
const GROUP = 128 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `start`: before the array; `first`: after `[`; `next`: after a comma; `after`: after a value; `other`: it is no array. */
type Place = 'start' | 'first' | 'next' | 'value' | 'after' | 'end' | 'other';

/**
 * Reads the entries of a `metadata.txt` as its bytes come, one after the other: a document of a million files is never one
 * tree of objects in memory. Throws {@link BundleFault} in `load metadata` for what is not a JSON array.
 */
export class EntryReader {
  #place: Place = 'start';
  #parts: Uint8Array[] = [];
  #size = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #entries = 0;
  #bytes = 0;

  /** The entries that these bytes end. */
  *push(bytes: Uint8Array): Generator<unknown, void> {
    // [from, to, from, to, …] of values that lie in these bytes from end to end.
    const spans: number[] = [];
    let from = 0;
    let at = 0;
    try {
      while (at < bytes.length) {
        if (this.#place === 'value') {
          const to = this.#endOfValue(bytes, at);
          this.#bytes += to - at;
          at = to;
          if (at === bytes.length) break;
          this.#place = 'after';
          if (this.#size > 0) yield this.#entry(bytes.subarray(from, at));
          else if (spans.push(from, at) > 0 && at - (spans[0] as number) >= GROUP)
            yield* this.#entriesAt(bytes, spans.splice(0));
        }
        const byte = bytes[at] as number;
        if (this.#place !== 'other' && (!BLANK.has(byte) || this.#place === 'start')) {
          this.#step(byte);
          from = at;
          // A value is looked through from its first byte on.
          if ((this.#place as Place) === 'value') continue;
        }
        at++;
        this.#bytes++;
      }
    } catch (error) {
      yield* this.#entriesAt(bytes, spans.splice(0));
      throw error;
    }
    yield* this.#entriesAt(bytes, spans);
    if (this.#place === 'value' || this.#place === 'other') this.#keep(bytes.subarray(from));
  }

  /** There is no more. */
  end(): void {
    if (this.#place === 'end') return;
    if (this.#place === 'start') throw notMetadata('metadata-empty', 'is empty');
    if (this.#place === 'other') throw this.#noArray();
    // A value that was cut off says itself what it lacks.
    if (this.#place === 'value') this.#entry(new Uint8Array());
    throw notMetadata('metadata-not-json', `is cut off after entry ${this.#entries}`);
  }

  /** What a byte outside of values means. */
  #step(byte: number): void {
    switch (this.#place) {
      case 'start':
        if (BLANK.has(byte) || BOM[this.#bytes] === byte) return;
        this.#place = byte === OPEN_LIST ? 'first' : 'other';
        return;
      case 'first':
      case 'next':
        if (byte === CLOSE_LIST && this.#place === 'first') this.#place = 'end';
        else if (byte === COMMA || byte === CLOSE_LIST)
          throw notMetadata('metadata-not-json', `lacks a value at byte ${this.#bytes + 1}`);
        else this.#place = 'value';
        return;
      case 'after':
        this.#place = byte === COMMA ? 'next' : 'end';
        return;
      default:
        throw notMetadata('metadata-not-json', 'goes on after the end of its array');
    }
  }

  /** Where the comma or bracket after a value stands, outside of strings and deeper values; the end of the bytes if it comes later. */
  #endOfValue(bytes: Uint8Array, from: number): number {
    // In variables of its own: this loop sees every byte.
    let [depth, inString, escaped] = [this.#depth, this.#inString, this.#escaped];
    let at = from;
    for (; at < bytes.length; at++) {
      let byte = bytes[at];
      if (escaped) escaped = false;
      else if (inString) {
        // Most of a document is within strings.
        while (byte !== QUOTE && byte !== BACKSLASH && ++at < bytes.length) byte = bytes[at];
        if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) inString = true;
      else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        if (++depth > DEEPEST)
          throw notMetadata('metadata-not-json', `is nested deeper than ${DEEPEST} levels`);
      } else if (depth === 0 && (byte === COMMA || byte === CLOSE_LIST)) break;
      else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
    }
    [this.#depth, this.#inString, this.#escaped] = [depth, inString, escaped];
    return Math.min(at, bytes.length);
  }

  #keep(part: Uint8Array): void {
    this.#size += part.length;
    if (this.#size > LARGEST)
      throw this.#place === 'other'
        ? notMetadata('metadata-not-array', 'is no JSON array')
        : notMetadata('metadata-too-large', `has an entry of more than ${LARGEST / 1024} KiB`);
    // A copy, also of a Buffer, whose own `slice` is none: the piece may be written over.
    this.#parts.push(new Uint8Array(part));
  }

  /** Many at once, because each one costs more to begin than to read; one by one if anything is wrong with them. */
  *#entriesAt(bytes: Uint8Array, spans: readonly number[]): Generator<unknown, void> {
    if (spans.length === 0) return;
    const values = together(bytes.subarray(spans[0], spans.at(-1)));
    if (values?.length === spans.length / 2) {
      this.#entries += values.length;
      yield* values;
      return;
    }
    for (let i = 0; i < spans.length; i += 2) yield this.#entry(bytes.subarray(spans[i], spans[i + 1]));
  }

  /** The entry that ends with these bytes. */
  #entry(end: Uint8Array): unknown {
    this.#keep(end);
    const value = this.#parse(` in entry ${this.#entries + 1}`);
    this.#entries++;
    return value;
  }

  #noArray(): BundleFault {
    this.#parse('');
    return notMetadata('metadata-not-array', 'is no JSON array');
  }

  #parse(where: string): unknown {
    const bytes = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    this.#depth = 0;
    try {
      return JSON.parse(utf8.decode(bytes));
    } catch (error) {
      if (error instanceof SyntaxError)
        throw notMetadata('metadata-not-json', `is not JSON${where}: ${error.message.slice(0, 200)}`, error);
      throw notMetadata('metadata-not-utf8', `is not UTF-8${where}`, error);
    }
  }
}

/** Values between commas; undefined if any of them is too large or wrong. */
function together(bytes: Uint8Array): unknown[] | undefined {
  if (bytes.length > LARGEST) return undefined;
  try {
    return JSON.parse(`[${utf8.decode(bytes)}]`);
  } catch {
    return undefined;
  }
}

/** The entries of a whole document, from its bytes in any pieces: those that each piece ends. Throws like {@link EntryReader}. */
export async function* metadataEntries(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Iterable<unknown>, void> {
  const reader = new EntryReader();
  for await (const chunk of chunks) yield reader.push(chunk);
  reader.end();
}

function notMetadata(rule: string, what: string, cause?: unknown): BundleFault {
  return new BundleFault('load metadata', rule, `metadata.txt ${what}.`, {
    cause,
  });
}
