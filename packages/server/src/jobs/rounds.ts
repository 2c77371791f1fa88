interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly size: number;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** Takes the requests of a round, at the last moment, so that whoever came until then comes along. Always the same ones. */
export type Take<Request> = () => readonly Request[];

/** How much one round is, and when another may go on beside it. */
export interface RoundOptions<Request> {
  /** How much there is to do for a request; 1 when left out. */
  readonly sizeOf?: (request: Request) => number;
  /** What one round takes at most: bounds how long everybody else waits. The first request is taken whatever its size. */
  readonly most?: number;
  /** Other rounds go on beside the first as soon as this much waits for each. None when left out. */
  readonly beside?: { readonly rounds: number; readonly worthwhile: number };
  /** What a request is about: what two rounds were about at the same time might be written the wrong way round. */
  readonly subjectsOf?: (request: Request) => Iterable<number>;
}

/**
 * Serves requests together, in rounds: while one goes on, those that come meanwhile gather for the next. Many callers that
 * ask at once share one transaction, and nobody waits when nobody else is there.
 */
export class Rounds<Request, Answer> {
  readonly #serve: (take: Take<Request>) => Promise<readonly (Answer | undefined)[]>;
  readonly #options: RoundOptions<Request>;
  #waiting: Waiting<Request, Answer>[] = [];
  /** All that waits. */
  #size = 0;
  /** So much has to wait until it is looked again whether another round pays: each look is at all that waits. */
  #lookAt = 0;
  readonly #going = new Set<Promise<void>>();
  /** What the rounds that have taken their requests are about. */
  readonly #subjects = new Set<number>();
  /** The last round that began has not taken its requests yet. */
  #open = false;

  /**
   * `serve` answers in the order of the requests. Those whose answer is undefined have found no room: they are the first
   * of the next round. One at least must be answered.
   */
  constructor(
    serve: (take: Take<Request>) => Promise<readonly (Answer | undefined)[]>,
    options: RoundOptions<Request> = {},
  ) {
    this.#serve = serve;
    this.#options = options;
  }

  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const size = this.#options.sizeOf?.(request) ?? 1;
      this.#waiting.push({ request, size, resolve, reject });
      this.#size += size;
      this.#begin();
    });
  }

  /** Resolves when nobody waits any more. */
  async idle(): Promise<void> {
    while (this.#going.size > 0) await Promise.all(this.#going);
  }

  #begin(): void {
    if (this.#open || this.#waiting.length === 0) return;
    if (this.#going.size > 0 && !this.#anotherPays()) return;
    this.#open = true;
    const round: Promise<void> = this.#round().then(() => {
      this.#going.delete(round);
      this.#begin();
    });
    this.#going.add(round);
  }

  #anotherPays(): boolean {
    const { rounds, worthwhile } = this.#options.beside ?? { rounds: 0, worthwhile: 0 };
    if (this.#going.size > rounds || this.#size < Math.max(worthwhile, this.#lookAt)) return false;
    const pays = sizeOf(this.#next().group) >= worthwhile;
    this.#lookAt = pays ? 0 : 2 * this.#size;
    return pays;
  }

  async #round(): Promise<void> {
    let taken: Waiting<Request, Answer>[] | undefined;
    let requests: readonly Request[] = [];
    const take = () => {
      if (taken === undefined) {
        taken = this.#take();
        requests = taken.map(({ request }) => request);
      }
      return requests;
    };
    try {
      const answers = await this.#serve(take);
      const group = taken ?? [];
      const left = group.filter((_, i) => answers[i] === undefined);
      this.#waiting = left.concat(this.#waiting);
      this.#size += sizeOf(left);
      group.forEach(({ resolve }, i) => {
        const answer = answers[i];
        if (answer !== undefined) resolve(answer);
      });
    } catch (error) {
      take();
      for (const { reject } of taken ?? []) reject(error);
    } finally {
      for (const request of requests)
        for (const subject of this.#subjectsOf(request)) this.#subjects.delete(subject);
      this.#lookAt = 0;
    }
  }

  #take(): Waiting<Request, Answer>[] {
    const { group, rest } = this.#next();
    this.#waiting = rest;
    this.#size -= sizeOf(group);
    this.#open = false;
    for (const { request } of group)
      for (const subject of this.#subjectsOf(request)) this.#subjects.add(subject);
    return group;
  }

  /** Those whose turn it is, and those who wait on, both as they came. */
  #next(): Record<'group' | 'rest', Waiting<Request, Answer>[]> {
    const { most = Number.POSITIVE_INFINITY } = this.#options;
    const held = new Set(this.#subjects);
    const group: Waiting<Request, Answer>[] = [];
    let rest: Waiting<Request, Answer>[] = [];
    let size = 0;
    for (const [i, waiting] of this.#waiting.entries()) {
      const subjects = held.size === 0 ? [] : [...this.#subjectsOf(waiting.request)];
      // Whoever comes later with the same subject waits, too.
      if (subjects.some((subject) => held.has(subject))) {
        rest.push(waiting);
        for (const subject of subjects) held.add(subject);
      } else if (group.length > 0 && size + waiting.size > most) {
        rest = rest.concat(this.#waiting.slice(i));
        break;
      } else {
        group.push(waiting);
        size += waiting.size;
      }
    }
    return { group, rest };
  }

  #subjectsOf(request: Request): Iterable<number> {
    return this.#options.beside === undefined ? [] : (this.#options.subjectsOf?.(request) ?? []);
  }
}

function sizeOf(group: readonly Waiting<unknown, never>[]): number {
  return group.reduce((sum, { size }) => sum + size, 0);
}
