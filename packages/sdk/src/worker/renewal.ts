/**
 * How leases are renewed: all that are held, every third of a lease, in requests of up to 500. It runs in the heartbeat
 * thread and imports nothing: the thread is started with every worker and must stay small.
 */

/** What the worker tells its heartbeat thread. */
export type Order =
  | { readonly kind: 'hold'; readonly leases: readonly HeldLease[]; readonly leaseSeconds: number }
  | { readonly kind: 'let-go'; readonly leaseTokens: readonly string[] }
  /** Something hints that a lease is gone: ask now. */
  | { readonly kind: 'beat' };

/** What the thread tells the worker: these are not held any more. */
export type LostLease = HeldLease & { readonly reason: 'canceled' | 'lost' };

export interface HeldLease {
  readonly jobId: number;
  readonly leaseToken: string;
}

/** The server's answer about one lease. */
export interface Renewed {
  readonly jobId: number;
  readonly held: boolean;
  readonly reason?: 'canceled' | 'lost';
}

/** Asks the server, within `timeout` milliseconds; answers in the order of the leases. */
export type SendHeartbeat = (leases: readonly HeldLease[], timeout: number) => Promise<readonly Renewed[]>;

const LEASES_AT_ONCE = 500;
/** So many may be on their way: one that hangs must not hold up the next, and a slow server must not drown in them. */
const BEATS_AT_ONCE = 3;

export class Renewal {
  readonly #send: SendHeartbeat;
  readonly #tell: (lost: readonly LostLease[]) => void;
  readonly #held = new Map<string, HeldLease>();
  #interval = 3_000;
  #timer: NodeJS.Timeout | undefined;
  #beats = 0;

  constructor(send: SendHeartbeat, tell: (lost: readonly LostLease[]) => void) {
    this.#send = send;
    this.#tell = tell;
  }

  obey(order: Order): void {
    switch (order.kind) {
      case 'hold':
        for (const lease of order.leases) this.#held.set(lease.leaseToken, lease);
        this.#interval = (order.leaseSeconds * 1_000) / 3;
        this.#schedule();
        break;
      case 'let-go':
        for (const token of order.leaseTokens) this.#held.delete(token);
        break;
      case 'beat':
        void this.#beat();
    }
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#held.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#beats < BEATS_AT_ONCE) void this.#beat();
      this.#schedule();
    }, this.#interval);
  }

  async #beat(): Promise<void> {
    this.#beats += 1;
    const all = [...this.#held.values()];
    const parts: Promise<void>[] = [];
    for (let from = 0; from < all.length; from += LEASES_AT_ONCE)
      parts.push(this.#renew(all.slice(from, from + LEASES_AT_ONCE)));
    await Promise.all(parts);
    this.#beats -= 1;
  }

  async #renew(leases: readonly HeldLease[]): Promise<void> {
    let answers: readonly Renewed[];
    try {
      answers = await this.#send(leases, this.#interval * 3);
    } catch {
      // The next beat comes anyway. Whether the lease is over is for the server to say: hours of work must not be thrown
      // away for its restart. If only this worker is cut off, another may have the job by now, and what this one still
      // writes is refused.
      return;
    }
    const lost = leases.flatMap((lease, i): LostLease[] => {
      const answer = answers[i];
      if (answer?.jobId !== lease.jobId || answer.held || !this.#held.delete(lease.leaseToken)) return [];
      return [{ ...lease, reason: answer.reason ?? 'lost' }];
    });
    if (lost.length > 0) this.#tell(lost);
  }
}
