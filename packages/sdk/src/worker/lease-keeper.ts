import { Worker as Thread } from 'node:worker_threads';
import { release } from '@daybook/core';
import type { Lease } from '../api/queue.ts';
import type { Clock } from '../clock.ts';
import type { HeartbeatThreadData } from './heartbeat-thread.ts';
import type { LostLease, Order } from './renewal.ts';

const threadFile = new URL(
  import.meta.url.endsWith('.ts') ? './heartbeat-thread.ts' : './heartbeat-thread.js',
  import.meta.url,
);
/** Milliseconds before a thread that died is replaced. */
const RESTART_AFTER = 500;

export interface LeaseKeeperOptions {
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly clock: Clock;
  readonly onLost: (lease: LostLease) => void;
  /** The thread cannot be started at all (a bundler left its file behind): nothing can be held. */
  readonly onBroken: (error: Error) => void;
}

/** Keeps the leases of a worker alive, by a thread of its own; one that dies is replaced. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #held = new Map<string, Lease>();
  /** Those that the thread has not been told yet that it may forget them. */
  #letGo: string[] = [];
  #leaseSeconds = 0;
  #thread: Thread;
  #closed = false;
  #cancelRestart = () => {};

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    this.#thread = this.#startThread();
  }

  hold(leases: readonly Lease[], leaseSeconds: number): void {
    const own = leases.map(({ jobId, leaseToken }) => ({ jobId, leaseToken }));
    for (const lease of own) this.#held.set(lease.leaseToken, lease);
    this.#leaseSeconds = leaseSeconds;
    this.#order({ kind: 'hold', leases: own, leaseSeconds });
  }

  /** Those of one turn of the event loop are told together: a word to a thread costs more than the end of a short job. */
  letGo({ leaseToken }: Lease): void {
    if (!this.#held.delete(leaseToken) || this.#letGo.push(leaseToken) > 1) return;
    setImmediate(() => {
      this.#order({ kind: 'let-go', leaseTokens: this.#letGo });
      this.#letGo = [];
    });
  }

  /** Asks the server now which leases are still held. */
  ask(): void {
    this.#order({ kind: 'beat' });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRestart();
    await this.#thread.terminate();
  }

  #order(order: Order): void {
    this.#thread.postMessage(order);
  }

  #startThread(): Thread {
    const { url, apiKey, onLost, onBroken } = this.#options;
    const data: HeartbeatThreadData = { url, apiKey, userAgent: `daybook-sdk/${release}` };
    const thread = new Thread(threadFile, { workerData: data, name: 'daybook-heartbeats' });
    let online = false;
    thread.on('online', () => {
      online = true;
    });
    thread.on('message', (lost: readonly LostLease[]) => {
      for (const lease of lost) if (this.#held.delete(lease.leaseToken)) onLost(lease);
    });
    thread.on('error', (error) => {
      if (!online) onBroken(error as Error);
    });
    thread.on('exit', () => {
      if (online && !this.#closed)
        this.#cancelRestart = this.#options.clock.after(RESTART_AFTER, () => this.#replace());
    });
    // It must not be the reason that a process does not end.
    thread.unref();
    return thread;
  }

  #replace(): void {
    this.#thread = this.#startThread();
    this.#order({ kind: 'hold', leases: [...this.#held.values()], leaseSeconds: this.#leaseSeconds });
  }
}
