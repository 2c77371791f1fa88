/** How often it is looked whether somebody can be served, whatever was heard, milliseconds. */
const TICK = 250;
/** The least time between two looks, milliseconds: what is heard in between is looked for together. */
const PAUSE = 10;

/**
 * Where claimers wait for jobs. They are woken together: when something was heard that may concern them, and some times
 * a second besides, because time brings jobs, too (`runAfter`, the end of a pause).
 */
export class WaitingRoom {
  readonly #notBefore: () => number;
  readonly #worthwhile: () => Promise<boolean>;
  readonly #waiting = new Set<() => void>();
  readonly #stopListening: () => void;
  #heard = 0;
  #lookedAt = 0;
  #soon: NodeJS.Timeout | undefined;
  #tick: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: {
    /** When the next look may be at the earliest, by `performance.now()`. */
    notBefore: () => number;
    /** Whether there is anything to be woken for. */
    worthwhile: () => Promise<boolean>;
    /** Told whom to call when something happens; answers how to stop. */
    listen: (hear: () => void) => () => void;
  }) {
    this.#notBefore = parts.notBefore;
    this.#worthwhile = parts.worthwhile;
    this.#stopListening = parts.listen(() => this.#hear());
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How often something was heard so far: ask before you look, so that nothing is missed between look and wait. */
  get heard(): number {
    return this.#heard;
  }

  /**
   * Resolves when it is worth looking again, or after `ms`. `heard` is from before the last look. Resolves at once when
   * `gone` is aborted or the room is closed.
   */
  wait(ms: number, heard: number, gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closed || gone.aborted) return resolve();
      const leave = () => {
        clearTimeout(timer);
        gone.removeEventListener('abort', leave);
        this.#waiting.delete(leave);
        if (this.#waiting.size === 0) this.#rest();
        resolve();
      };
      const timer = setTimeout(leave, ms);
      gone.addEventListener('abort', leave, { once: true });
      this.#waiting.add(leave);
      this.#tick ??= setInterval(() => this.#lookSoon(), TICK);
      if (heard !== this.#heard) this.#lookSoon();
    });
  }

  #hear(): void {
    this.#heard += 1;
    if (this.#waiting.size > 0) this.#lookSoon();
  }

  #lookSoon(): void {
    if (this.#soon !== undefined) return;
    const next = Math.max(this.#lookedAt + PAUSE, this.#notBefore());
    this.#soon = setTimeout(() => void this.#look(), Math.max(0, next - performance.now()));
  }

  async #look(): Promise<void> {
    // A database that cannot be asked just now is asked at the next tick.
    const worthwhile = await this.#worthwhile().catch(() => false);
    this.#soon = undefined;
    this.#lookedAt = performance.now();
    if (worthwhile) this.#wakeAll();
  }

  #wakeAll(): void {
    for (const leave of [...this.#waiting]) leave();
  }

  #rest(): void {
    clearInterval(this.#tick);
    clearTimeout(this.#soon);
    this.#tick = undefined;
    this.#soon = undefined;
  }

  /** Everybody leaves, and nobody waits any more. */
  close(): void {
    this.#closed = true;
    this.#stopListening();
    this.#wakeAll();
    this.#rest();
  }
}
