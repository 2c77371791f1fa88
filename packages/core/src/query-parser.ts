import { nearName } from './near-name.ts';
import { QueryError } from './query-error.ts';
import { queryFieldNames, queryFieldOf } from './query-fields.ts';
import type { QueryLeaf, QueryNode } from './query-node.ts';
import { type RawValue, readField } from './query-values.ts';
import { proseWords, queryWords, wordLimits } from './tokenizer.ts';

/** Deepest nesting of parentheses; more than anybody types. */
const DEPTH = 20;

/**
 * Reads a query (design.md §7, docs/search.md). What stands side by side must all match, `OR` joins its two neighbours,
 * `-` excludes, parentheses group. Undefined if nothing is asked for.
 *
 * @throws QueryError at the first place that cannot be read
 */
export function parseQuery(text: string): QueryNode | undefined {
  const parser = new Parser(text);
  return parser.parse();
}

/** A word with a colon names a field; one that goes on with a slash is an address or a path, unless there is such a field. */
const NAMED = /^([A-Za-z][A-Za-z-]+):([/\\]?)/;

/** Stars that end a word, not those that are all of it. */
const STARS = /(?<=[\p{L}\p{N}])\*+$/u;

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #leaves = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): QueryNode | undefined {
    const node = this.#all();
    if (this.#at < this.#text.length) this.#fail(this.#at, 1, 'query.unopenedGroup');
    return node;
  }

  /** What stands side by side, up to the end or a closing parenthesis. */
  #all(): QueryNode | undefined {
    const items: QueryNode[] = [];
    for (;;) {
      this.#space();
      if (this.#at >= this.#text.length || this.#closes()) break;
      if (this.#take(/^AND(?=\s|$)/) !== undefined) continue;
      const item = this.#alternatives();
      if (item !== undefined) items.push(item);
    }
    return group('and', items);
  }

  #alternatives(): QueryNode | undefined {
    const items: QueryNode[] = [];
    const begin = this.#at;
    if (this.#takeOr()) this.#fail(begin, this.#at - begin, 'query.orAlone');
    for (;;) {
      const item = this.#unary();
      if (item !== undefined) items.push(item);
      this.#space();
      const from = this.#at;
      if (!this.#takeOr()) break;
      this.#space();
      if (this.#at >= this.#text.length || this.#closes() || this.#peekOr())
        this.#fail(from, 2, 'query.orAlone');
    }
    return group('or', items);
  }

  #unary(): QueryNode | undefined {
    const isNot = this.#take(/^NOT(?=\s+\S)\s+/) !== undefined || this.#take(/^-(?=[^\s)])/) !== undefined;
    if (!isNot) return this.#primary();
    this.#deeper(this.#at);
    const item = this.#unary();
    this.#depth -= 1;
    return item === undefined ? undefined : { kind: 'not', item };
  }

  #primary(): QueryNode | undefined {
    const from = this.#at;
    if (this.#char() === '(') return this.#group();
    if (this.#char() === '"')
      return this.#leaf(() => phrase(this.#quoted(), this.#text.slice(from, this.#at)), from);
    const rest = this.#text.slice(this.#at, this.#at + 60);
    const [, named, slash] = NAMED.exec(rest) ?? [];
    if (named !== undefined && (slash === '' || queryFieldOf(named) !== undefined))
      return this.#leaf(() => this.#field(named), from);
    return this.#words();
  }

  #group(): QueryNode | undefined {
    const from = this.#at;
    this.#deeper(from);
    this.#at += 1;
    const node = this.#all();
    this.#depth -= 1;
    if (this.#char() !== ')') this.#fail(from, 1, 'query.unclosedGroup');
    this.#at += 1;
    if (node === undefined) this.#fail(from, this.#at - from, 'query.emptyGroup');
    return node;
  }

  #field(named: string): QueryLeaf {
    const from = this.#at;
    const field = queryFieldOf(named);
    if (field === undefined) {
      const near = nearName(named, queryFieldNames);
      if (near !== undefined) this.#fail(from, named.length + 1, 'query.nearField', { name: named, near });
      const fields = queryFieldNames.join(', ');
      this.#fail(from, named.length + 1, 'query.unknownField', { name: named, fields });
    }
    this.#at += named.length + 1;
    const values: RawValue[] = [];
    do {
      const value = this.#value();
      if (value === undefined) this.#fail(from, this.#at - from, 'query.missingValue', { field: named });
      values.push(value);
    } while (this.#take(/^,/) !== undefined);
    const read = readField(field, values, this.#text.slice(from, this.#at));
    if (!('fault' in read)) return read;
    return this.#fail(
      read.value.from,
      read.value.to - read.value.from,
      `query.${read.fault}`,
      read.parameters,
    );
  }

  #value(): RawValue | undefined {
    const from = this.#at;
    if (this.#char() === '"') {
      const text = this.#quoted();
      return text.trim() === '' ? undefined : { text, quoted: true, from, to: this.#at };
    }
    const text = this.#bare(',');
    return text === '' ? undefined : { text, quoted: false, from, to: this.#at };
  }

  /** Bare words: usually one; folding may make several of it. */
  #words(): QueryNode | undefined {
    const from = this.#at;
    // A word is the beginning of one anyway: a star that says so says nothing more.
    const text = this.#bare('').replace(STARS, '');
    const words = queryWords(text);
    // What folds to several words is written as one: its text says all of them.
    const leaves = words.map((word) => this.#leaf(() => ({ kind: 'word', word, text: word }), from));
    const [only] = leaves;
    if (leaves.length === 1 && only !== undefined)
      // In small letters it joins nothing, wherever it is written.
      return { ...only, text: /^(AND|OR|NOT)$/.test(text) ? text.toLowerCase() : text } as QueryLeaf;
    return group('and', leaves);
  }

  /** Up to white space, or a character that ends it; one that closes what it has not opened is none of it. */
  #bare(ends: string): string {
    const from = this.#at;
    let open = 0;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const char = this.#char();
      if (/\s/.test(char) || (ends.includes(char) && ends !== '')) break;
      if (char === '(') open += 1;
      if (char !== ')') continue;
      if (open === 0) break;
      open -= 1;
    }
    return this.#text.slice(from, this.#at);
  }

  #quoted(): string {
    const from = this.#at;
    const found = /^"((?:[^"]|"")*)"/.exec(this.#text.slice(from));
    if (found === null) this.#fail(from, this.#text.length - from, 'query.unclosedQuote');
    this.#at += found[0].length;
    return (found[1] ?? '').replaceAll('""', '"');
  }

  #leaf<Leaf extends QueryLeaf | undefined>(read: () => Leaf, from: number): Leaf {
    this.#leaves += 1;
    if (this.#leaves > wordLimits.perQuery)
      this.#fail(from, this.#text.length - from, 'query.tooMany', { count: wordLimits.perQuery });
    return read();
  }

  #deeper(from: number): void {
    this.#depth += 1;
    if (this.#depth > DEPTH) this.#fail(from, 1, 'query.tooDeep');
  }

  #closes(): boolean {
    return this.#char() === ')';
  }

  #takeOr(): boolean {
    return this.#take(/^(?:OR|\|\|?)(?=\s|$|\()/) !== undefined;
  }

  #peekOr(): boolean {
    return /^(?:OR|\|\|?)(?=\s|$|\()/.test(this.#text.slice(this.#at, this.#at + 3));
  }

  #space(): void {
    this.#take(/^\s+/);
  }

  #char(): string {
    return this.#text.charAt(this.#at);
  }

  #take(form: RegExp): string | undefined {
    const found = form.exec(this.#text.slice(this.#at));
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found[0];
  }

  #fail(
    from: number,
    length: number,
    key: QueryError['key'],
    parameters: Record<string, string | number> = {},
  ): never {
    throw new QueryError(from, Math.max(1, length), key, parameters);
  }
}

/** One item is itself; items of the same kind are taken in. */
function group(kind: 'and' | 'or', items: readonly QueryNode[]): QueryNode | undefined {
  const flat = items.flatMap((item) => (item.kind === kind ? item.items : [item]));
  return flat.length < 2 ? flat[0] : { kind, items: flat };
}

/** Of one word also the form without the punctuation around it, as prose has it. */
function phrase(inner: string, text: string): QueryLeaf | undefined {
  const raw = queryWords(inner);
  const bare = proseWords(inner);
  if (raw.length === 0) return undefined;
  if (raw.length === 1 || bare.length < 2)
    return { kind: 'phrase', words: [...new Set([...raw.slice(0, 1), ...bare])], single: true, text };
  return { kind: 'phrase', words: bare, single: false, text };
}
