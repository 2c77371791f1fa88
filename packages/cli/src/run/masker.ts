/** What stands for a secret in everything that is recorded. */
export const MASK = '***';

/**
 * Takes secrets out of text before it is recorded. Of a secret with several lines each line is one too, because tools
 * print them indented or one by one. Where two overlap, all of both is masked.
 */
export class Masker {
  readonly #secrets: readonly string[];
  readonly #longest: number;

  constructor(secrets: readonly string[]) {
    const parts = secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/).map((line) => line.trim())]);
    this.#secrets = [...new Set(parts)].filter((part) => part !== '');
    this.#longest = Math.max(0, ...this.#secrets.map((secret) => secret.length));
  }

  /** Masks a text that is whole. */
  mask(text: string): string {
    const stream = this.stream();
    return stream.push(text) + stream.end();
  }

  /** Masks a text that comes in pieces, which may cut a secret anywhere. */
  stream(): MaskingStream {
    return new MaskingStream(this.#secrets, this.#longest);
  }
}

export class MaskingStream {
  readonly #secrets: readonly string[];
  readonly #longest: number;
  /** The end of the text so far, which may be the beginning of a secret. */
  #held = '';
  /** How much of it belongs to a secret that was found already, and whose mask was written. */
  #covered = 0;

  constructor(secrets: readonly string[], longest: number) {
    this.#secrets = secrets;
    this.#longest = longest;
  }

  /** Answers what can be said by now. */
  push(text: string): string {
    if (this.#secrets.length === 0) return text;
    const all = this.#held + text;
    return this.#release(all, all.length - this.#possibleBeginning(all));
  }

  /** Nothing more comes: answers the rest. */
  end(): string {
    return this.#release(this.#held, this.#held.length);
  }

  #release(text: string, to: number): string {
    let released = '';
    let at = 0;
    let coveredTo = this.#covered;
    for (const [from, end] of this.#find(text)) {
      if (from >= to) break;
      released += text.slice(at, from);
      // A mask that begins within what was covered before has been written already.
      if (from > 0 || this.#covered === 0) released += MASK;
      at = Math.min(end, to);
      coveredTo = Math.max(coveredTo, end);
    }
    released += text.slice(at, to);
    this.#held = text.slice(to);
    this.#covered = Math.max(0, coveredTo - to);
    return released;
  }

  /** Where secrets stand, in order, those that touch or overlap as one. */
  #find(text: string): [from: number, end: number][] {
    const found: [number, number][] = this.#covered > 0 ? [[0, this.#covered]] : [];
    for (const secret of this.#secrets) {
      for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1))
        found.push([at, at + secret.length]);
    }
    found.sort((a, b) => a[0] - b[0]);
    const joined: [number, number][] = [];
    for (const [from, end] of found) {
      const last = joined.at(-1);
      if (last !== undefined && from < last[1]) last[1] = Math.max(last[1], end);
      else joined.push([from, end]);
    }
    return joined;
  }

  /** Length of the longest end of the text that is the beginning of a secret. */
  #possibleBeginning(text: string): number {
    for (let length = Math.min(this.#longest - 1, text.length); length > 0; length--) {
      const end = text.slice(-length);
      if (this.#secrets.some((secret) => secret.length > length && secret.startsWith(end))) return length;
    }
    return 0;
  }
}
