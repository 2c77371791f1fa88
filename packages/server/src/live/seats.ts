import { DaybookError } from '@daybook/core';
import type { Actor } from '../actor.ts';

/** Open streams of one credential: more than any browser or program of a team needs. */
const PER_CREDENTIAL = 1_000;
/** Open streams in all: each may hold up to a megabyte that its reader has not taken yet. */
const IN_ALL = 5_000;

/** Counts open streams, so that nobody takes all of them. */
export class Seats {
  readonly #taken = new Map<string, number>();
  #all = 0;

  /** Takes a seat; answers how to give it back. Throws `rate_limited` when there is none. */
  take({ kind, id }: Pick<Actor, 'kind' | 'id'>): () => void {
    const who = `${kind} ${id}`;
    const mine = this.#taken.get(who) ?? 0;
    if (mine >= PER_CREDENTIAL || this.#all >= IN_ALL)
      throw new DaybookError('rate_limited', 'Too many streams are open. Close some, or come back later.', {
        extra: { retryAfter: 30 },
      });
    this.#taken.set(who, mine + 1);
    this.#all += 1;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#all -= 1;
      const left = (this.#taken.get(who) ?? 1) - 1;
      if (left > 0) this.#taken.set(who, left);
      else this.#taken.delete(who);
    };
  }
}
