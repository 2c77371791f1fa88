import type { Claim, ClaimedJob, Complete, LeaseState, Leases, Release, SettledItem } from '@daybook/core';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Appender } from '../jobs/appender.ts';
import type { Store } from '../storage/index.ts';
import { type Claimer, claimJobs } from './claim-jobs.ts';
import { Gathering } from './gathering.ts';
import { type Heartbeat, renew } from './heartbeats.ts';
import { completion, giveBack, settled } from './settle.ts';

/** Jobs that one transaction hands out, and leases that it renews, at most: bounds how long everybody else waits. */
const MOST = 1_000;

/** The queue: what workers do. */
export class Queue {
  readonly leaseMs: number;
  readonly #store: Store;
  readonly #appender: Appender;
  readonly #clock: Clock;
  readonly #claims: Gathering<Claimer, ClaimedJob[]>;
  readonly #heartbeats: Gathering<Heartbeat, LeaseState[]>;

  constructor(parts: { store: Store; appender: Appender; clock: Clock; leaseMs: number }) {
    this.#store = parts.store;
    this.#appender = parts.appender;
    this.#clock = parts.clock;
    this.leaseMs = parts.leaseMs;
    this.#claims = new Gathering((claimers) => this.#handOut(claimers), {
      most: MOST,
      sizeOf: ({ claim }) => claim.max,
    });
    this.#heartbeats = new Gathering((heartbeats) => this.#renew(heartbeats), {
      most: MOST,
      sizeOf: ({ leases }) => leases.length,
    });
  }

  /** Hands out what waits now: up to `max` jobs, each under a lease of its own. */
  claim(actor: Actor, claim: Omit<Claim, 'wait'>): Promise<ClaimedJob[]> {
    return this.#claims.ask({ actor, claim });
  }

  /** Renews leases; answers for each whether it is still held. */
  heartbeat(actor: Actor, leases: Leases['leases']): Promise<LeaseState[]> {
    return this.#heartbeats.ask({ actor, leases });
  }

  /** Ends jobs, each as its worker says; one that fails with tries left waits again. */
  async complete(actor: Actor, items: Complete['items']): Promise<SettledItem[]> {
    const outcomes = await this.#appender.appendEach(items.map((item) => completion(actor, item)));
    return outcomes.map((outcome, i) => settled(items[i]?.jobId as number, outcome));
  }

  /** Gives jobs back, to be claimed by others at once. */
  async release(actor: Actor, items: Release['items']): Promise<SettledItem[]> {
    const now = this.#clock.now();
    const outcomes = await this.#appender.appendEach(items.map((item) => giveBack(actor, item, now)));
    return outcomes.map((outcome, i) => settled(items[i]?.jobId as number, outcome));
  }

  #handOut(claimers: readonly Claimer[]): Promise<ClaimedJob[][]> {
    const { profile } = this.#store;
    const parts = { appender: this.#appender, profile, leaseMs: this.leaseMs };
    return this.#appender.write((transaction) =>
      claimJobs(transaction, claimers, { ...parts, now: this.#clock.now() }),
    );
  }

  #renew(heartbeats: readonly Heartbeat[]): Promise<LeaseState[][]> {
    return this.#store.write((transaction) =>
      renew(transaction, heartbeats, { now: this.#clock.now(), leaseMs: this.leaseMs }),
    );
  }
}
