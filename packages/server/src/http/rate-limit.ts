import { DaybookError } from '@daybook/core';
import { peerOf } from '../access/addresses.ts';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';

/** Callers remembered; who was not seen for longest is forgotten first, and starts anew. */
const REMEMBERED = 20_000;

/**
 * A token bucket per caller, as one number each: the time at which the bucket is full again (GCRA). A caller may send
 * `perSecond` on average and `burst` at once. Synchronous, and bounded in memory however many callers come.
 *
 * @example
 * const limiter = new RateLimiter(systemClock, { perSecond: 100 });
 * const wait = limiter.take(actor.label);
 * if (wait > 0) throw rateLimited(wait, 100);
 */
export class RateLimiter<Caller> {
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #slack: number;
  /** Two generations: the older one is dropped whole when the younger one is full, which costs nothing per caller. */
  #young = new Map<Caller, number>();
  #old = new Map<Caller, number>();

  /** `perSecond` 0 is no limit; `burst` is what a second allows when left out. */
  constructor(
    clock: Clock,
    { perSecond, burst = Math.max(perSecond, 1) }: { perSecond: number; burst?: number },
  ) {
    this.#clock = clock;
    this.#interval = perSecond === 0 ? 0 : 1_000 / perSecond;
    this.#slack = this.#interval * burst;
  }

  /** Takes a token. Answers 0, or in how many seconds there is one again. */
  take(caller: Caller): number {
    const interval = this.#interval;
    if (interval === 0) return 0;
    const now = this.#clock.now();
    const stored = this.#young.get(caller) ?? this.#old.get(caller) ?? now;
    // A clock that was put back must not make anybody wait for it.
    const full = Math.max(now, Math.min(stored, now + this.#slack)) + interval;
    const wait = full - now - this.#slack;
    // What floating point leaves over is no token that is missing.
    if (wait > interval * 1e-6) return wait / 1_000;
    this.#remember(caller, full);
    return 0;
  }

  #remember(caller: Caller, full: number): void {
    this.#young.set(caller, full);
    if (this.#young.size < REMEMBERED / 2) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}

/** The refusal of a caller who is too fast; `wait` in seconds, `perSecond` the limit. */
export function rateLimited(wait: number, perSecond: number): DaybookError {
  const retryAfter = Math.max(1, Math.ceil(wait));
  const detail = `More than ${perSecond} requests per second. Go on in ${retryAfter} s.`;
  return new DaybookError('rate_limited', detail, { extra: { retryAfter, perSecond } });
}

/**
 * What a refusal tells clients besides its body: `Retry-After` (RFC 9110), and `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers) where a rate was exceeded. Nothing for other errors.
 */
export function refusalHeaders({ extra }: DaybookError): Record<string, string> {
  const { retryAfter, perSecond } = extra;
  if (typeof retryAfter !== 'number') return {};
  const seconds = String(Math.ceil(retryAfter));
  return {
    'retry-after': seconds,
    ...(typeof perSecond === 'number' && {
      'ratelimit-policy': `"default";q=${Math.ceil(perSecond)};w=1`,
      ratelimit: `"default";r=0;t=${seconds}`,
    }),
  };
}

/** Refused credentials of one address, before it is told to wait instead of why. */
const FAILURES = { perSecond: 5, burst: 50 };

interface Asked {
  readonly ip: string;
}

/**
 * Limits requests per credential, and refused credentials per address; `perSecond` 0 is no limit of the first kind.
 *
 * @example const authenticate = limitRates(systemClock, settings.rateLimit, (request) => authenticator.authenticate(request.headers));
 */
export function limitRates<Request extends Asked>(
  clock: Clock,
  perSecond: number,
  authenticate: (request: Request) => Actor | Promise<Actor>,
): (request: Request) => Actor | Promise<Actor> {
  const requests = new RateLimiter<number>(clock, { perSecond });
  const failures = new RateLimiter<string>(clock, FAILURES);
  const admit = (actor: Actor): Actor => {
    // Keys and users count from 1 each: the sign tells them apart without making a string per request.
    const wait = requests.take(actor.kind === 'key' ? actor.id : -actor.id);
    if (wait > 0) throw rateLimited(wait, perSecond);
    return actor;
  };
  const refusal = (error: unknown, ip: string): unknown => {
    if (!(error instanceof DaybookError) || error.status !== 401) return error;
    const wait = failures.take(peerOf(ip));
    return wait > 0 ? rateLimited(wait, FAILURES.perSecond) : error;
  };
  return (request) => {
    let actor: Actor | Promise<Actor>;
    try {
      actor = authenticate(request);
    } catch (error) {
      throw refusal(error, request.ip);
    }
    if (!(actor instanceof Promise)) return admit(actor);
    return actor.then(admit, (error) => Promise.reject(refusal(error, request.ip)));
  };
}
