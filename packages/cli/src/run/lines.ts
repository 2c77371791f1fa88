import { stripVTControlCharacters } from 'node:util';

export interface LineReader {
  /** A line that is whole, as a terminal would show it in the end. */
  readonly onLine: (line: string) => void;
  /** A state of a line that was or may be written over: where progress is read from. */
  readonly onState: (text: string) => void;
}

/** Moving to the first column by an escape sequence, as some progress bars do, is a carriage return. */
const TO_FIRST_COLUMN = /\x1b\[[01]?G/g;

/**
 * Makes lines of what a command prints. A carriage return goes back to the beginning of its line, so of a progress bar
 * that is drawn a thousand times the last drawing is the line. Escape sequences are taken out. A line is cut at
 * `longest` characters, with a mark that counts the rest.
 */
export class Lines {
  readonly #reader: LineReader;
  readonly #longest: number;
  #line = '';
  #cut = 0;
  /** What the line showed before the last carriage return. */
  #before = '';

  constructor(reader: LineReader, longest: number) {
    this.#reader = reader;
    this.#longest = longest;
  }

  push(text: string): void {
    const plain = text.includes('\x1b') ? text.replace(TO_FIRST_COLUMN, '\r') : text;
    let at = 0;
    for (const { index, 0: end } of plain.matchAll(/[\r\n]/g)) {
      this.#extend(plain.slice(at, index));
      if (end === '\n') this.#endLine();
      else this.#goBack();
      at = index + 1;
    }
    this.#extend(plain.slice(at));
  }

  /** The output has ended; a line that has not is one all the same. */
  end(): void {
    if (this.#line !== '' || this.#before !== '') this.#endLine();
  }

  #extend(text: string): void {
    const room = this.#longest - this.#line.length;
    this.#line += text.slice(0, room);
    this.#cut += Math.max(0, text.length - room);
  }

  #goBack(): void {
    if (this.#line === '') return;
    this.#before = this.#take();
    this.#reader.onState(this.#before);
  }

  #endLine(): void {
    const line = this.#line === '' ? this.#before : this.#take();
    this.#before = '';
    this.#reader.onState(line);
    this.#reader.onLine(line);
  }

  #take(): string {
    const text = this.#line.includes('\x1b') ? stripVTControlCharacters(this.#line) : this.#line;
    const mark = this.#cut > 0 ? ` … [${this.#cut} more characters cut]` : '';
    this.#line = '';
    this.#cut = 0;
    return text + mark;
  }
}
