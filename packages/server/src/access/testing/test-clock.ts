import type { Clock } from '../../clock.ts';

/** A clock that stands until a test moves it. */
export class TestClock implements Clock {
  #now: number;

  constructor(now = Date.parse('2026-03-01T12:00:00.000Z')) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Moves the clock by milliseconds. */
  pass(ms: number): void {
    this.#now += ms;
  }
}
