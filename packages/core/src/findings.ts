import type { JsonPath } from './json-text.ts';

/** Something wrong in a text. */
export interface Finding {
  readonly path: JsonPath;
  readonly say: () => string;
  readonly offset: number;
}

/**
 * What was found in a text, of which only the first are told and the others counted: a file of some megabytes may have
 * millions of faults, and to put each of them in words takes longer than to find it.
 */
export class Findings {
  /** All, also those that were only counted. */
  count = 0;
  readonly #most: number;
  #kept: Finding[] = [];
  /** From this offset on nothing is told any more. */
  #fullFrom = Number.POSITIVE_INFINITY;

  /** `most`: how many are told. */
  constructor(most: number) {
    this.#most = most;
  }

  add(finding: Finding): void {
    this.count += 1;
    if (finding.offset < this.#fullFrom) this.#kept.push(finding);
    // Twice as many as are told, and one: who sorts so rarely sorts for nothing.
    if (this.#kept.length > 2 * this.#most) this.#shrink();
  }

  /** True if whatever is found from this offset on is only counted. */
  isFull(offset: number): boolean {
    if (this.#kept.length > this.#most + 1) this.#shrink();
    return offset >= this.#fullFrom;
  }

  /** The first in the order of the text, and the one after them. */
  inOrder(): { first: readonly Finding[]; next: Finding | undefined } {
    this.#shrink();
    return { first: this.#kept.slice(0, this.#most), next: this.#kept[this.#most] };
  }

  #shrink(): void {
    this.#kept = this.#kept.sort((a, b) => a.offset - b.offset).slice(0, this.#most + 1);
    this.#fullFrom = this.#kept[this.#most]?.offset ?? this.#fullFrom;
  }
}
