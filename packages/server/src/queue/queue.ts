import {
  type Claim,
  type ClaimedJob,
  type Complete,
  type LeaseState,
  type Leases,
  type QueueOverview,
  type Release,
  type Scope,
  type SettledItem,
  toIso,
} from '@daybook/core';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Appender } from '../jobs/appender.ts';
import { Rounds, type Take } from '../jobs/rounds.ts';
import type { Store } from '../storage/index.ts';
import { WAITING } from './candidates.ts';
import { type Claimer, claimJobs } from './claim-jobs.ts';
import { type Heartbeat, renew } from './heartbeats.ts';
import { completion, giveBack, settled } from './settle.ts';
import { WaitingRoom } from './waiting-room.ts';

/** Where transactions go on side by side, a second one hands jobs out as soon as so many are wanted of it. */
const BESIDE = { rounds: 1, worthwhile: 250 };
/** Heartbeats that one transaction takes at most. */
const HEARTBEATS = 50;
/**
 * Further looks of those who wait take at most this part of the time: a look that finds nothing may be long in a queue of
 * a million jobs. The first look of a claim is no such look: whoever is served claims again and again.
 */
const SHARE = 0.1;
/** What they may take at once after some quiet, milliseconds: whoever waits on an idle queue is served without delay. */
const BURST = 100;
/** The longest pause: one look that hung must not keep everybody waiting, milliseconds. */
const LONGEST = 5_000;

/** Somebody who looks for jobs. */
interface Looker extends Claimer {
  /** It has waited since it looked before. */
  readonly again: boolean;
}

/** Somebody who waits for a job. */
interface Idle {
  readonly worker: string;
  readonly providerId: number;
  /** Milliseconds. */
  readonly since: number;
}

/** The queue: what workers do. */
export class Queue {
  readonly leaseMs: number;
  readonly #store: Store;
  readonly #appender: Appender;
  readonly #clock: Clock;
  readonly #claims: Rounds<Looker, ClaimedJob[]>;
  readonly #heartbeats: Rounds<Heartbeat, LeaseState[]>;
  readonly #room: WaitingRoom;
  readonly #idle = new Set<Idle>();
  /** When those who wait may look again, by `performance.now()`: each look moves it on (a bucket of tokens, GCRA). */
  #nextLook = 0;

  constructor(parts: { store: Store; appender: Appender; clock: Clock; leaseMs: number }) {
    this.#store = parts.store;
    this.#appender = parts.appender;
    this.#clock = parts.clock;
    this.leaseMs = parts.leaseMs;
    this.#claims = new Rounds((take) => this.#handOut(take), {
      sizeOf: ({ claim }) => claim.max,
      ...(!parts.store.profile.soleWriter && { beside: BESIDE }),
    });
    this.#heartbeats = new Rounds((take) => this.#renew(take), { most: HEARTBEATS });
    this.#room = new WaitingRoom({
      notBefore: () => this.#nextLook,
      worthwhile: () => this.#hasJobs(),
      listen: (hear) => parts.store.onFacts(hear),
    });
  }

  /** Hands out what waits now: up to `max` jobs, each under a lease of its own. */
  claim(actor: Actor, claim: Claimer['claim']): Promise<ClaimedJob[]> {
    return this.#claims.ask({ actor, claim, again: false });
  }

  /**
   * The same, but waits for up to `wait` seconds when there is nothing. Whoever has `gone` meanwhile gets nothing: what
   * was handed out to it is given back.
   */
  async claimOrWait(actor: Actor, { wait, ...claim }: Claim, gone: AbortSignal): Promise<ClaimedJob[]> {
    const until = performance.now() + wait * 1_000;
    const since = this.#clock.now();
    for (let again = false; ; again = true) {
      const heard = this.#room.heard;
      const items = await this.#claims.ask({ actor, claim, again });
      if (items.length > 0) return gone.aborted ? this.#takeBack(actor, items) : items;
      const left = until - performance.now();
      if (left <= 0 || gone.aborted || this.#room.closed) return [];
      const idle = { worker: claim.worker, providerId: actor.providerId, since };
      this.#idle.add(idle);
      await this.#room.wait(left, heard, gone);
      this.#idle.delete(idle);
    }
  }

  /** Who waits here for a job, by name; a provider is told of their own workers. */
  idle(scope: Scope): QueueOverview['idle'] {
    const isShown = ({ providerId }: Idle) =>
      scope.all || (scope.providerId !== 0 && providerId === scope.providerId);
    const shown = [...this.#idle].filter(isShown);
    return [...Map.groupBy(shown, ({ worker }) => worker)]
      .map(([worker, waits]) => ({ worker, since: toIso(Math.min(...waits.map(({ since }) => since))) }))
      .sort((a, b) => a.worker.localeCompare(b.worker));
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

  /** Whoever waits for a job hears that there will be none: this process stops. */
  close(): void {
    this.#room.close();
  }

  async #takeBack(actor: Actor, items: readonly ClaimedJob[]): Promise<ClaimedJob[]> {
    const message = 'Its worker had gone before it was told.';
    await this.release(
      actor,
      items.map(({ job, leaseToken }) => ({ jobId: job.id, leaseToken, message })),
    );
    return [];
  }

  async #hasJobs(): Promise<boolean> {
    const found = await this.#store.read
      .selectFrom('jobs')
      .select('id')
      .where(WAITING)
      .where((eb) => eb.or([eb('run_after', 'is', null), eb('run_after', '<=', this.#clock.now())]))
      .limit(1)
      .execute();
    return found.length > 0;
  }

  async #handOut(take: Take<Looker>): Promise<(ClaimedJob[] | undefined)[]> {
    const { profile } = this.#store;
    const parts = { appender: this.#appender, profile, leaseMs: this.leaseMs };
    const begin = performance.now();
    const answers = await this.#appender.write(
      (transaction) => claimJobs(transaction, take(), { ...parts, now: this.#clock.now() }),
      { first: true },
    );
    const isFurther = take().some(({ again }) => again);
    if (isFurther && answers.every((items) => items?.length === 0)) this.#tookTime(performance.now() - begin);
    return answers;
  }

  /** A further look, whoever shared it, found nothing and took `ms`. */
  #tookTime(ms: number): void {
    const now = performance.now();
    const begin = Math.max(this.#nextLook, now - BURST / SHARE);
    this.#nextLook = Math.min(begin + ms / SHARE, now + LONGEST);
  }

  #renew(take: Take<Heartbeat>): Promise<LeaseState[][]> {
    return this.#store.write((transaction) =>
      renew(transaction, take(), { now: this.#clock.now(), leaseMs: this.leaseMs }),
    );
  }
}
