/**
 * Reads JSON (RFC 8259) that people write, and remembers where everything stands, so that a problem can be shown at its
 * line and column. `JSON.parse` tells neither, and stops at the first slip; here the slips of hand-written files
 * (a trailing or missing comma, a comment, a field given twice) are reported and read over, so that one look shows all.
 */

export type JsonPath = readonly (string | number)[];

/** A place in a text: both from 1, the column in UTF-16 code units, as editors count. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A slip in the syntax, at an offset into the text. */
export interface JsonSlip {
  readonly path: JsonPath;
  readonly message: string;
  readonly offset: number;
}

export interface JsonText {
  /** What the text says; undefined if it could not be read to its end. */
  readonly value: unknown;
  /** True if `value` is the whole text, maybe with slips that could be read over. */
  readonly complete: boolean;
  readonly slips: readonly JsonSlip[];
  /** Offset of the value at a path, or of the deepest part of the path that exists; `key` means the name of the field. */
  offsetOf(path: JsonPath, part?: 'value' | 'key'): number;
}

/** Deeper nesting is refused; the reader calls itself once per level. */
const MAX_DEPTH = 64;

/** Where a value and its key begin, and what it holds; a file may have millions of values, most of them holding nothing. */
interface Place {
  readonly start: number;
  readonly key: number | undefined;
  fields: Map<string, Place> | undefined;
  items: Place[] | undefined;
}

export function parseJsonText(text: string): JsonText {
  const reader = new Reader(text);
  return reader.read();
}

/** Turns offsets into lines and columns. Lines end with LF, CR LF or CR. */
export function linesOf(text: string): (offset: number) => TextPosition {
  const starts = [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map((found) => found.index + found[0].length)];
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** Thrown inside the reader where nothing sensible can follow. */
class Unreadable extends Error {}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const GAP = /[ \t\n\r]*/y;
const COMMENT = /\/\/[^\n\r]*|\/\*[\s\S]*?\*\//y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WORDS: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

class Reader {
  readonly #text: string;
  readonly #slips: JsonSlip[] = [];
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    if (text.startsWith('\ufeff')) this.#at = 1; // editors on Windows begin a file with a byte order mark
  }

  read(): JsonText {
    let value: unknown;
    let complete = false;
    this.#gap();
    const root = this.#place();
    try {
      value = this.#value(root);
      this.#gap();
      if (this.#at < this.#text.length) this.#stop('something follows after the end');
      complete = true;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
    return { value: complete ? value : undefined, complete, slips: this.#slips, offsetOf: locator(root) };
  }

  /** The place of the value that begins here. */
  #place(key?: number): Place {
    return { start: this.#at, key, fields: undefined, items: undefined };
  }

  /** Reads the value that begins here, and writes down in its place where its parts stand. */
  #value(place: Place): unknown {
    const character = this.#text[this.#at];
    if (character === '{') return this.#object(place);
    if (character === '[') return this.#array(place);
    if (character === '"') return this.#string();
    if (character !== undefined && /[-\d]/.test(character)) return this.#number();
    for (const [word, value] of WORDS) if (this.#take(word)) return value;
    return this.#stop(character === undefined ? 'the text ends where a value should be' : this.#unexpected());
  }

  #object(place: Place): Record<string, unknown> {
    const open = this.#at;
    const value: Record<string, unknown> = {};
    const fields = new Map<string, Place>();
    place.fields = fields;
    this.#list(open, '}', () => {
      const key = this.#at;
      if (this.#text[key] !== '"')
        this.#stop(`a field must begin with its name in double quotes, ${this.#seen()}`);
      const name = this.#string();
      this.#path.push(name);
      if (fields.has(name)) this.#slip('is given twice', key);
      this.#gap();
      if (!this.#take(':')) this.#stop('a colon must follow the name of a field');
      this.#gap();
      const part = this.#place(key);
      fields.set(name, part);
      // Assigning to __proto__ would change the object instead of filling it.
      Object.defineProperty(value, name, {
        value: this.#value(part),
        enumerable: true,
        configurable: true,
        writable: true,
      });
      this.#path.pop();
    });
    return value;
  }

  #array(place: Place): unknown[] {
    const value: unknown[] = [];
    const items: Place[] = [];
    place.items = items;
    this.#list(this.#at, ']', () => {
      this.#path.push(value.length);
      const part = this.#place();
      items.push(part);
      value.push(this.#value(part));
      this.#path.pop();
    });
    return value;
  }

  /** Reads items with commas between them up to `close`, and over commas that are missing or too many. */
  #list(open: number, close: string, item: () => void): void {
    if (this.#path.length >= MAX_DEPTH) this.#stop(`is nested deeper than ${MAX_DEPTH} levels`);
    this.#at += 1;
    this.#gap();
    let comma: number | undefined;
    while (!this.#take(close)) {
      if (this.#at >= this.#text.length) this.#stop(`this ${this.#text[open]} is never closed`, open);
      item();
      const end = this.#at;
      this.#gap();
      comma = this.#at;
      if (!this.#take(',')) comma = undefined;
      this.#gap();
      if (comma !== undefined && this.#text[this.#at] === close)
        this.#slip('a comma must not stand before the end', comma);
      if (comma === undefined && !this.#endsOrGoesOn(close, end))
        this.#stop(`expected a comma or ${close}, ${this.#seen()}`);
    }
  }

  /** True at the end of a list, and where a new item begins though the comma was forgotten. */
  #endsOrGoesOn(close: string, end: number): boolean {
    const next = this.#text[this.#at];
    if (next === close || next === undefined) return true;
    const begins = close === '}' ? next === '"' : /["{[\-\dtfn]/.test(next);
    if (begins && this.#at > end) this.#slip('a comma is missing before this', this.#at);
    return begins && this.#at > end;
  }

  #string(): string {
    const start = this.#at;
    for (this.#at += 1; ; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at); // NaN at the end of the text
      if (code === 0x22) break;
      if (code === 0x5c) this.#escape();
      else if (!(code >= 0x20)) this.#stop('this text has no closing quote on its line', start);
    }
    this.#at += 1;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  /** Moves to the last character of the escape that begins here. */
  #escape(): void {
    ESCAPE.lastIndex = this.#at;
    if (!ESCAPE.test(this.#text)) this.#stop('a backslash must be written as \\\\');
    this.#at = ESCAPE.lastIndex - 1;
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const token = NUMBER.exec(this.#text)?.[0];
    const after = this.#text[this.#at + (token?.length ?? 0)];
    if (token === undefined || (after !== undefined && /[\w.+-]/.test(after))) {
      return this.#stop('this is not how JSON writes a number');
    }
    this.#at += token.length;
    return Number(token);
  }

  /** Skips white space, and comments, which JSON does not have. */
  #gap(): void {
    for (;;) {
      GAP.lastIndex = this.#at;
      GAP.test(this.#text);
      this.#at = GAP.lastIndex;
      COMMENT.lastIndex = this.#at;
      if (this.#text[this.#at] !== '/' || !COMMENT.test(this.#text)) return;
      this.#slip('JSON has no comments', this.#at);
      this.#at = COMMENT.lastIndex;
    }
  }

  #take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #unexpected(): string {
    if (this.#text[this.#at] === "'") return 'texts stand in double quotes';
    return `expected a value, ${this.#seen()}`;
  }

  #seen(): string {
    const [character] = this.#text.slice(this.#at, this.#at + 2);
    return character === undefined ? 'but the text ends' : `found ${JSON.stringify(character)}`;
  }

  #slip(message: string, offset: number): void {
    this.#slips.push({ path: [...this.#path], message, offset });
  }

  #stop(message: string, offset: number = this.#at): never {
    this.#slip(message, offset);
    throw new Unreadable(message);
  }
}

function locator(root: Place): JsonText['offsetOf'] {
  return (path, part = 'value') => {
    let place = root;
    for (const [depth, step] of path.entries()) {
      const next: Place | undefined =
        typeof step === 'number' ? place.items?.[step] : place.fields?.get(step);
      if (next === undefined) return place.start;
      if (part === 'key' && depth === path.length - 1) return next.key ?? next.start;
      place = next;
    }
    return place.start;
  };
}
