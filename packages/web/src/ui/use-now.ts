import { useSyncExternalStore } from 'react';

/**
 * The wall clock, in steps: everything on the page that counts the same seconds is drawn in the same moment, and nothing
 * ticks while nobody looks.
 */
class Ticker {
  readonly #every: number;
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;
  now = Date.now();

  constructor(every: number) {
    this.#every = every;
  }

  readonly subscribe = (call: () => void): (() => void) => {
    this.#listeners.add(call);
    this.#timer ??= setInterval(this.#tick, this.#every);
    return () => {
      this.#listeners.delete(call);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  };

  readonly #tick = () => {
    this.now = Date.now();
    for (const call of this.#listeners) call();
  };
}

const seconds = new Ticker(1_000);
const minutes = new Ticker(15_000);

/** Now, in milliseconds, renewed every second (`fine`) or every quarter of a minute. */
export function useNow(fine = false): number {
  const ticker = fine ? seconds : minutes;
  return useSyncExternalStore(ticker.subscribe, () => ticker.now);
}
