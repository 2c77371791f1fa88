import type { Readable } from 'node:stream';
import { DaybookError } from '@daybook/core';
import { giveBack } from './give-back.ts';

/** How slow a sender may be. */
export interface Pace {
  /** Bytes per second, on average over a window. */
  readonly minRate: number;
  /** Milliseconds. */
  readonly window: number;
}

/**
 * The bytes of a request, as long as they come; each piece is good until the next is asked for. Who sends fewer than the minimum over a whole window, while we wait for
 * them, is given up with `request_timeout`; time that we take ourselves is not held against the sender. `stop` ends the
 * waiting at once, whatever the connection does. The source is let go of, not destroyed: whoever answers may need its connection.
 */
export class Incoming implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterableIterator<Uint8Array>;
  readonly #pace: Pace;
  #reject: ((error: unknown) => void) | undefined;
  #stopped: { readonly error: unknown } | undefined;
  #arrived = 0;
  /** We have waited for the sender since the window began. */
  #waited = false;

  constructor(source: Readable, pace: Pace) {
    this.#source = source.iterator({ destroyOnReturn: false });
    this.#pace = pace;
  }

  stop(error: unknown): void {
    this.#stopped ??= { error };
    this.#reject?.(error);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    const watch = setInterval(() => this.#look(), this.#pace.window);
    try {
      for (;;) {
        const { done, value } = await this.#next();
        if (done) return;
        this.#arrived += value.length;
        yield value;
        giveBack(value);
        this.#waited = false;
      }
    } finally {
      clearInterval(watch);
      // Not waited for: a sender that is silent would hold us up.
      void this.#source.return?.().catch(() => undefined);
    }
  }

  /** Not `Promise.race`: that would keep something of every chunk for as long as the request lasts. */
  #next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped.error);
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#source.next().then(resolve, reject);
    }).finally(() => {
      this.#reject = undefined;
    }) as Promise<IteratorResult<Uint8Array>>;
  }

  #look(): void {
    const { minRate, window } = this.#pace;
    const waiting = this.#reject !== undefined;
    if (waiting && this.#waited && this.#arrived < (minRate * window) / 1_000)
      this.stop(
        new DaybookError(
          'request_timeout',
          `Fewer than ${minRate} bytes per second came for ${window / 1_000} s.`,
        ),
      );
    this.#arrived = 0;
    this.#waited = waiting;
  }
}
