interface Waiting<Request, Answer> {
  readonly request: Request;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Serves requests together: while some are served, those that come meanwhile gather for the next time. Many workers that
 * ask at once share one transaction, and nobody waits when nobody else is there.
 */
export class Gathering<Request, Answer> {
  readonly #serve: (requests: readonly Request[]) => Promise<readonly Answer[]>;
  readonly #most: number;
  readonly #sizeOf: (request: Request) => number;
  #waiting: Waiting<Request, Answer>[] = [];
  #serving: Promise<void> | undefined;

  /** `serve` answers in the order of the requests; at most so many that their sizes add up to `most`, but one at least. */
  constructor(
    serve: (requests: readonly Request[]) => Promise<readonly Answer[]>,
    { most, sizeOf }: { most: number; sizeOf: (request: Request) => number },
  ) {
    this.#serve = serve;
    this.#most = most;
    this.#sizeOf = sizeOf;
  }

  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#serving ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    // Whoever asks in the same turn of the event loop comes along.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#round(this.#take());
    this.#serving = undefined;
  }

  #take(): Waiting<Request, Answer>[] {
    let size = 0;
    let count = 0;
    for (const { request } of this.#waiting) {
      size += this.#sizeOf(request);
      if (count > 0 && size > this.#most) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #round(group: readonly Waiting<Request, Answer>[]): Promise<void> {
    try {
      const answers = await this.#serve(group.map(({ request }) => request));
      group.forEach(({ resolve }, i) => {
        resolve(answers[i] as Answer);
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
