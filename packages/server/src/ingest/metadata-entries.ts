import { BundleFault } from './bundle-fault.ts';

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d]);
const BOM = [0xef, 0xbb, 0xbf];
/** Deepest nesting of an entry: what it says of a bundle is flat. */
const DEEPEST = 32;
/** Largest entry, bytes. */
const LARGEST = 1024 * 1024;

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
    let from = 0;
    for (let at = 0; at < bytes.length; at++, this.#bytes++) {
      const byte = bytes[at] as number;
      if (this.#place === 'value') {
        if (!this.#endsValue(byte)) continue;
        this.#keep(bytes.subarray(from, at));
        yield this.#entry();
        this.#place = 'after';
      }
      if (this.#place === 'other' || (BLANK.has(byte) && this.#place !== 'start')) continue;
      this.#step(byte);
      from = at;
      // The first byte of a value opens what must be closed.
      if ((this.#place as Place) === 'value' && this.#endsValue(byte))
        throw notMetadata('metadata-not-json', `lacks a value at byte ${this.#bytes + 1}`);
    }
    if (this.#place === 'value' || this.#place === 'other') this.#keep(bytes.subarray(from));
  }

  /** There is no more. */
  end(): void {
    if (this.#place === 'end') return;
    if (this.#place === 'start') throw notMetadata('metadata-empty', 'is empty');
    if (this.#place === 'other') throw this.#noArray();
    // A value that was cut off says itself what it lacks.
    if (this.#place === 'value') this.#entry();
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
        else this.#place = 'value';
        return;
      case 'after':
        this.#place = byte === COMMA ? 'next' : 'end';
        return;
      default:
        throw notMetadata('metadata-not-json', 'goes on after the end of its array');
    }
  }

  /** True for the comma or bracket after a value, outside of strings and deeper values. */
  #endsValue(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inString = false;
      return false;
    }
    if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_LIST)) return true;
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#depth++;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.#depth--;
    if (this.#depth > DEEPEST)
      throw notMetadata('metadata-not-json', `is nested deeper than ${DEEPEST} levels`);
    return false;
  }

  #keep(part: Uint8Array): void {
    this.#size += part.length;
    if (this.#size > LARGEST)
      throw this.#place === 'other'
        ? notMetadata('metadata-not-array', 'is no JSON array')
        : notMetadata('metadata-too-large', `has an entry of more than ${LARGEST / 1024} KiB`);
    this.#parts.push(part.slice());
  }

  #entry(): unknown {
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

/** The entries of a whole document, from its bytes in any pieces. Throws like {@link EntryReader}. */
export async function* metadataEntries(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<unknown, void> {
  const reader = new EntryReader();
  for await (const chunk of chunks) yield* reader.push(chunk);
  reader.end();
}

function notMetadata(rule: string, what: string, cause?: unknown): BundleFault {
  return new BundleFault('load metadata', rule, `metadata.txt ${what}.`, {
    cause,
  });
}
