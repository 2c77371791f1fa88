/** Time, injected: tests run the same code with a clock of their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls `run` after `ms` milliseconds; the answer cancels it. A timer keeps the process alive only if `hold` is true:
   * reporting must never be the reason that a script does not end.
   */
  after(ms: number, run: () => void, hold?: boolean): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run, hold = false) {
    const timer = setTimeout(run, ms);
    if (!hold) timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Waits; ends early, without an error, when `signal` is aborted. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal, hold = false): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done, hold);
    signal?.addEventListener('abort', done);
  });
}

/** The answer of `work`, or undefined as soon as `signal` is aborted. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stop = () => resolve(undefined);
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The answer of `work`, or undefined when it takes longer than `ms`. Holds the process until then. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  let cancel = () => {};
  const late = new Promise<undefined>((resolve) => {
    cancel = clock.after(ms, () => resolve(undefined), true);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
