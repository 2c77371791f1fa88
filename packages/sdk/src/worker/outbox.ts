import { type Clock, pause } from '../clock.ts';
import { retryAfterOf, verdictOn } from '../http/errors.ts';
import { type Pace, retryDelay } from '../http/retry.ts';

const ITEMS_AT_ONCE = 500;

export interface OutboxOptions<Item, Answer> {
  /** Sends items, at most 500; answers in their order. */
  readonly send: (items: readonly Item[], signal: AbortSignal) => Promise<readonly Answer[]>;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly random: () => number;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends what many jobs have to say in few requests: whatever comes while one is on its way goes with the next. Tries again
 * for as long as the server is away; what is sent twice must be harmless.
 */
export class Outbox<Item, Answer> {
  readonly #options: OutboxOptions<Item, Answer>;
  readonly #stopped = new AbortController();
  #waiting: Waiting<Item, Answer>[] = [];
  #sending = false;

  constructor(options: OutboxOptions<Item, Answer>) {
    this.#options = options;
  }

  /**
   * @throws DaybookApiError if the server will not take it as it is
   * @throws DaybookUnreachableError once the outbox has given up
   */
  put(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#sending) return;
      this.#sending = true;
      // Jobs that end in the same turn of the event loop go together.
      setImmediate(() => void this.#sendAll());
    });
  }

  /** The next failure is final. */
  giveUp(): void {
    this.#stopped.abort();
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, ITEMS_AT_ONCE);
      this.#waiting = this.#waiting.slice(ITEMS_AT_ONCE);
      await this.#deliver(batch);
    }
    this.#sending = false;
  }

  /** A batch with something in it that will never pass, or that is too large, is halved until that stands alone. */
  async #deliver(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    const error = await this.#sendPatiently(batch);
    if (error === undefined) return;
    if (batch.length === 1 || verdictOn(error) !== 'poison') {
      for (const { reject } of batch) reject(error);
      return;
    }
    const half = Math.ceil(batch.length / 2);
    await this.#deliver(batch.slice(0, half));
    await this.#deliver(batch.slice(half));
  }

  /** Answers the error that is final. */
  async #sendPatiently(batch: readonly Waiting<Item, Answer>[]): Promise<unknown> {
    const { send, clock, pace, random } = this.#options;
    const { signal } = this.#stopped;
    const items = batch.map(({ item }) => item);
    for (let failures = 1; ; failures++) {
      try {
        const answers = await send(items, signal);
        batch.forEach(({ resolve }, i) => resolve(answers[i] as Answer));
        return undefined;
      } catch (error) {
        if (signal.aborted || verdictOn(error) !== 'later') return error;
        await pause(clock, retryDelay(pace, failures, retryAfterOf(error), random), signal, true);
      }
    }
  }
}
