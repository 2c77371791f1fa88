/** Counts the calls of a minute besides lists. */
export class ExtraCalls {
  readonly #most: number;
  #taken: number[] = [];
  last: 'detail' | 'history' | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  take(what: 'detail' | 'history', now: number): boolean {
    this.#taken = this.#taken.filter((at) => at > now - 60_000 && at <= now);
    if (this.#taken.length >= this.#most) return false;
    this.#taken.push(now);
    this.last = what;
    return true;
  }
}
