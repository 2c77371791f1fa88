import { type LogStream, limits } from '@daybook/core';
import { Lines } from './lines.ts';
import type { Masker } from './masker.ts';
import type { PercentReader } from './percent.ts';

/** Characters of a command's output that are recorded as they come; a line counts as some more than it holds. */
const RECORDED = 32 * 1024 * 1024;
const PER_LINE = 100;
/** What is kept of the rest: its last lines, since the end of a log is what people look for. */
const LAST_LINES = 500;
const LAST_CHARACTERS = 256 * 1024;
/** Room for the mark of a line that was cut. */
const LONGEST_LINE = limits.message - 100;

export interface OutputListener {
  readonly log: (line: string, stream: LogStream) => void;
  readonly progress: (percent: number) => void;
}

interface Line {
  readonly text: string;
  readonly stream: LogStream;
}

/** Makes the record of what a command prints, beside the bytes themselves, which nobody here touches. */
export class OutputLog {
  readonly #listener: OutputListener;
  readonly #masker: Masker;
  readonly #percent: PercentReader | undefined;
  readonly #limit: number;
  #recorded = 0;
  #skippedLines = 0;
  #last: Line[] = [];
  #lastCharacters = 0;

  constructor(
    listener: OutputListener,
    masker: Masker,
    percent: PercentReader | undefined,
    limit: number = RECORDED,
  ) {
    this.#listener = listener;
    this.#masker = masker;
    this.#percent = percent;
    this.#limit = limit;
  }

  /** A listener for one stream of the command; `end` when it is closed. */
  listenTo(stream: LogStream): { push(bytes: Buffer): void; end(): void } {
    const decoder = new TextDecoder();
    const masking = this.#masker.stream();
    const states: string[] = [];
    const lines = new Lines(
      { onLine: (text) => this.#record({ text, stream }), onState: (text) => states.push(text) },
      LONGEST_LINE,
    );
    return {
      push: (bytes) => {
        lines.push(masking.push(decoder.decode(bytes, { stream: true })));
        this.#readPercent(states.splice(0));
      },
      end: () => {
        lines.push(masking.push(decoder.decode()) + masking.end());
        lines.end();
        this.#readPercent(states.splice(0));
      },
    };
  }

  /** The command has ended: says what was left out, and adds the last of it. */
  finish(): void {
    if (this.#skippedLines === 0) return;
    const left = this.#skippedLines - this.#last.length;
    this.#listener.log(
      `[daybook: the log is too large; ${left} lines were left out here, the last ${this.#last.length} follow]`,
      'stderr',
    );
    for (const line of this.#last) this.#listener.log(line.text, line.stream);
  }

  #record(line: Line): void {
    if (this.#skippedLines === 0 && this.#recorded + line.text.length + PER_LINE <= this.#limit) {
      this.#recorded += line.text.length + PER_LINE;
      this.#listener.log(line.text, line.stream);
    } else {
      this.#skippedLines += 1;
      this.#keepLast(line);
    }
  }

  #keepLast(line: Line): void {
    this.#last.push(line);
    this.#lastCharacters += line.text.length;
    while (this.#last.length > LAST_LINES || this.#lastCharacters > LAST_CHARACTERS) {
      this.#lastCharacters -= this.#last.shift()?.text.length ?? 0;
    }
  }

  #readPercent(states: readonly string[]): void {
    for (const percent of this.#percent?.read(states) ?? []) this.#listener.progress(percent);
  }
}
