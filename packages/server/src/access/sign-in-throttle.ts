import { DaybookError } from '@daybook/core';
import type { Clock } from '../clock.ts';
import { peerOf } from './addresses.ts';

interface Rule {
  /** Tries that nobody has to wait for: people mistype. */
  readonly free: number;
  /** The first wait, milliseconds; each further failure doubles it. */
  readonly first: number;
  /** The longest wait, milliseconds. */
  readonly longest: number;
}

/** Short at most, or whoever knows a name could lock its owner out. */
const perName: Rule = { free: 5, first: 1_000, longest: 60_000 };
/** Many people may share an address, so it has more free tries; an attacker's then waits long. */
const perAddress: Rule = { free: 20, first: 1_000, longest: 15 * 60_000 };

/** Failures are forgotten after so long without another, milliseconds. */
const FORGOTTEN = 60 * 60_000;
/** Names and addresses remembered; the one that failed longest ago leaves first. */
const REMEMBERED = 10_000;

interface Failures {
  count: number;
  last: number;
}

/**
 * Slows down guessing: every failure doubles the wait, per name and per address. A try counts as failed until it has
 * succeeded, so a hundred at once are not a hundred free ones. In memory: a restart forgives.
 */
export class SignInThrottle {
  readonly #clock: Clock;
  readonly #names = new Map<string, Failures>();
  readonly #addresses = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Before a try, with the name if it has one. Throws `rate_limited` with `retryAfter` in seconds. */
  begin(name: string | undefined, ip: string): void {
    const now = this.#clock.now();
    const peer = peerOf(ip);
    const wait = Math.max(
      name === undefined ? 0 : waitFor(this.#names.get(name), perName, now),
      waitFor(this.#addresses.get(peer), perAddress, now),
    );
    if (wait > 0) {
      const seconds = Math.ceil(wait / 1_000);
      throw new DaybookError('rate_limited', `Too many failed tries. Try again in ${seconds} s.`, {
        extra: { retryAfter: seconds },
      });
    }
    if (name !== undefined) count(this.#names, name, now);
    count(this.#addresses, peer, now);
  }

  /** The try was good: the name starts anew. The address gets back this try alone, or one account could guess others. */
  succeeded(name: string | undefined, ip: string): void {
    if (name !== undefined) this.#names.delete(name);
    const failures = this.#addresses.get(peerOf(ip));
    if (failures !== undefined) failures.count--;
  }
}

function waitFor(failures: Failures | undefined, rule: Rule, now: number): number {
  if (failures === undefined || failures.count < rule.free || now - failures.last > FORGOTTEN) return 0;
  const wait = Math.min(rule.first * 2 ** (failures.count - rule.free), rule.longest);
  return Math.max(0, failures.last + wait - now);
}

function count(all: Map<string, Failures>, key: string, now: number): void {
  const before = all.get(key);
  const forgotten = before === undefined || now - before.last > FORGOTTEN;
  all.delete(key);
  all.set(key, { count: forgotten ? 1 : before.count + 1, last: now });
  if (all.size > REMEMBERED) all.delete(all.keys().next().value as string);
}
