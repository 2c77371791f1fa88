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
  readonly #serve: (requests: readonly Request[]) => Promise<readonly (Answer | undefined)[]>;
  #waiting: Waiting<Request, Answer>[] = [];
  #serving: Promise<void> | undefined;

  /**
   * `serve` answers in the order of the requests. Those whose answer is undefined have found no room: they are the first
   * of the next time. One at least must be answered.
   */
  constructor(serve: (requests: readonly Request[]) => Promise<readonly (Answer | undefined)[]>) {
    this.#serve = serve;
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
    while (this.#waiting.length > 0) await this.#round();
    this.#serving = undefined;
  }

  async #round(): Promise<void> {
    const group = this.#waiting;
    this.#waiting = [];
    try {
      const answers = await this.#serve(group.map(({ request }) => request));
      const left = group.filter((_, i) => answers[i] === undefined);
      this.#waiting.unshift(...left);
      group.forEach(({ resolve }, i) => {
        const answer = answers[i];
        if (answer !== undefined) resolve(answer);
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
