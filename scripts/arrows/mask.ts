/** A string literal of a source file: where its opening quote stands, and what it says. */
export interface Literal {
  readonly offset: number;
  readonly value: string;
}

/** Source text whose comments, strings and regular expressions are blanked; offsets and line breaks are kept. */
export interface MaskedSource {
  readonly code: string;
  readonly literals: readonly Literal[];
}

// After one of these a slash begins a regular expression; after a value it divides.
const beforeRegex = /(^|[(,=:[!&|?{};+\-*%<>~^]|\b(return|typeof|case|in|of|await|yield|throw))\s*$/;

/**
 * Blanks everything in which the word `import` would mean nothing. TypeScript 7 offers no parser to programs, and a
 * check that runs on every commit should not need one: this knows just enough of the language.
 */
export function maskSource(text: string): MaskedSource {
  const scanner = new Scanner(text);
  scanner.scanCode('');
  return { code: scanner.out, literals: scanner.literals };
}

class Scanner {
  out = '';
  readonly literals: Literal[] = [];
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Reads code up to the closing brace of a template's `${…}`, or to the end. */
  scanCode(closing: '' | '}'): void {
    let depth = 0;
    while (this.at < this.text.length) {
      const char = this.text[this.at] ?? '';
      if (closing && char === '}' && depth === 0) return;
      if (char === '{') depth += 1;
      if (char === '}') depth -= 1;
      if (!this.scanSpecial(char)) this.keep(1);
    }
  }

  private scanSpecial(char: string): boolean {
    const two = this.text.slice(this.at, this.at + 2);
    if (two === '//') this.blankTo(this.indexOf('\n', this.at));
    else if (two === '/*') this.blankTo(this.indexOf('*/', this.at + 2) + 2);
    else if (char === "'" || char === '"') this.scanString(char);
    else if (char === '`') this.scanTemplate();
    else if (char === '/' && beforeRegex.test(this.out.slice(-40))) this.blankTo(this.endOfRegex());
    else return false;
    return true;
  }

  private scanString(quote: string): void {
    const start = this.at;
    let end = start + 1;
    while (end < this.text.length && this.text[end] !== quote && this.text[end] !== '\n') {
      end += this.text[end] === '\\' ? 2 : 1;
    }
    this.literals.push({ offset: start, value: this.text.slice(start + 1, end) });
    this.keep(1);
    this.blankTo(end);
    if (this.text[this.at] === quote) this.keep(1);
  }

  private scanTemplate(): void {
    const start = this.at;
    let isFirstPart = true;
    this.keep(1);
    let from = this.at;
    while (this.at < this.text.length && this.text[this.at] !== '`') {
      if (this.text[this.at] === '\\') this.blankTo(this.at + 2);
      else if (this.text.startsWith('${', this.at)) {
        if (isFirstPart) this.literals.push({ offset: start, value: this.text.slice(from, this.at) });
        isFirstPart = false;
        this.keep(2);
        this.scanCode('}');
        this.keep(1);
        from = this.at;
      } else this.blankTo(this.at + 1);
    }
    if (isFirstPart) this.literals.push({ offset: start, value: this.text.slice(from, this.at) });
    this.keep(1);
  }

  private endOfRegex(): number {
    let inClass = false;
    for (let end = this.at + 1; end < this.text.length; end += 1) {
      const char = this.text[end];
      if (char === '\n') return end;
      if (char === '\\') end += 1;
      else if (char === '[') inClass = true;
      else if (char === ']') inClass = false;
      else if (char === '/' && !inClass) return end + 1;
    }
    return this.text.length;
  }

  private indexOf(what: string, from: number): number {
    const found = this.text.indexOf(what, from);
    return found < 0 ? this.text.length : found;
  }

  private keep(count: number): void {
    this.out += this.text.slice(this.at, this.at + count);
    this.at += count;
  }

  private blankTo(end: number): void {
    this.out += this.text.slice(this.at, end).replace(/[^\n]/g, ' ');
    this.at = end;
  }
}
