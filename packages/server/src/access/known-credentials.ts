import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Identity } from './identities.ts';

/**
 * How long a credential is believed without asking the database, milliseconds. What another process revokes is refused
 * here after so long at most.
 */
export const BELIEVED = 1_000;
/** Credentials remembered; the oldest leaves first. Only good ones are, so nobody can fill this from outside. */
const REMEMBERED = 10_000;

interface Known {
  readonly identity: Identity;
  readonly askedAt: number;
  /** When it must be asked for again: soon, or when it expires. */
  readonly until: number;
}

/**
 * Remembers for a moment whose a credential is, so that it takes one lookup in a map and no promise. Requests
 * that come while the database is asked wait for the same answer.
 */
export class KnownCredentials<Found extends Identity> {
  readonly #clock: Clock;
  readonly #ask: (credential: string, now: number) => Promise<Found>;
  #known = new Map<string, Known>();
  #asking = new Map<string, Promise<Actor>>();

  /** `ask` throws for a credential that is not good. */
  constructor(clock: Clock, ask: (credential: string, now: number) => Promise<Found>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  actor(credential: string): Actor | Promise<Actor> {
    const known = this.#known.get(credential);
    if (known !== undefined) {
      const now = this.#clock.now();
      // A clock that was put back must not make it live longer.
      if (now < known.until && now >= known.askedAt) return known.identity.actor;
    }
    const asking = this.#asking;
    let answer = asking.get(credential);
    if (answer === undefined) {
      answer = this.#learn(credential).finally(() => asking.delete(credential));
      asking.set(credential, answer);
    }
    return answer;
  }

  /** Believes nothing any more, nor what the database is being asked right now: something was just revoked. */
  forget(): void {
    this.#known = new Map();
    this.#asking = new Map();
  }

  async #learn(credential: string): Promise<Actor> {
    const known = this.#known;
    known.delete(credential);
    const askedAt = this.#clock.now();
    const identity = await this.#ask(credential, askedAt);
    known.set(credential, { identity, askedAt, until: Math.min(askedAt + BELIEVED, identity.expiresAt) });
    if (known.size > REMEMBERED) known.delete(known.keys().next().value as string);
    return identity.actor;
  }
}
