import { DaybookError, printed } from '@daybook/core';

/**
 * A password that is to be set. Only its length is asked for (NIST SP 800-63B); the upper bound keeps hashing cheap.
 */
export const newPassword = printed(1_000).min(10, 'must have at least 10 characters');

/** Argon2id with the parameters that OWASP recommends (19 MiB, 2 passes, 1 lane). */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashes computed at once: each takes a thread of Node's pool and a core for some 30 ms, and others need them too. */
const AT_ONCE = 2;
/** More than so many waiting is an attack, or looks like one. */
const WAITING = 50;

/** Hashes and checks passwords, off the event loop and never many at once. One per process. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #decoy: Promise<string> | undefined;

  /** The hash to store. Throws `rate_limited` when too many wait. */
  hash(password: string): Promise<string> {
    return this.#inTurn(async ({ hash }) => await hash(normal(password), cost));
  }

  /**
   * True if the password belongs to the hash. Without a hash (nobody has this name, or they have no password) it takes
   * as long, so that the time tells nobody which names exist. Throws `rate_limited` when too many wait.
   */
  async matches(hash: string | null | undefined, password: string): Promise<boolean> {
    const against = hash ?? (await (this.#decoy ??= this.hash('nobody has this password')));
    const right = await this.#inTurn(async ({ verify }) => await verify(against, normal(password)));
    return right && hash !== null && hash !== undefined;
  }

  async #inTurn<T>(work: (argon2: typeof import('@node-rs/argon2')) => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= WAITING)
        throw new DaybookError('rate_limited', 'Too many people sign in at once. Try again in a moment.', {
          extra: { retryAfter: 2 },
        });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      // Loaded when it is needed: most processes never see a password.
      return await work(await import('@node-rs/argon2'));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/** The same password typed on another keyboard or system (RFC 8265). */
function normal(password: string): string {
  return password.normalize('NFC');
}
