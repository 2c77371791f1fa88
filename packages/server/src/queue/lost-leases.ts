import { daybook } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Duty } from '../duties/duties.ts';
import type { Appender } from '../jobs/appender.ts';
import type { Batch } from '../jobs/batch.ts';
import { mostLosses } from '../jobs/leases.ts';
import type { Store, Transaction } from '../storage/index.ts';

/** A lease that has run out, as it was seen. */
interface Suspect {
  readonly id: number;
  readonly expiresAt: number;
}

/** How long a lease must stand still before our eyes at most, milliseconds: time enough for what waits to be served. */
const WATCHED = 15_000;
/** Leases taken away in one transaction at most. */
const MOST = 500;

/**
 * Finds leases whose workers have fallen silent. The moments in the rows come from the clocks of many processes, and
 * whoever looks may have been asleep itself, with heartbeats waiting at its door. So a lease counts as lost only if it
 * has run out *and* was watched standing still, without a break, for half its length: a worker that renews it after
 * each third is never taken for dead, whatever the clocks say, and after a break all have time to speak.
 */
export class LeaseWatch {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #watched: number;
  readonly #every: number;
  /** Of leases that may be lost soon: what they said, and since when they say it. */
  #seen = new Map<number, Suspect & { readonly since: number }>();
  #lookedAt: number | undefined;

  /** `every`: how often somebody looks, milliseconds. */
  constructor(parts: { store: Store; clock: Clock; leaseMs: number; every: number }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#watched = Math.min(parts.leaseMs / 2, WATCHED);
    this.#every = parts.every;
  }

  /** Looks, and answers the leases that are lost. */
  async look(): Promise<Suspect[]> {
    const begin = this.#clock.now();
    const rows = await this.#expiring(begin + this.#watched + this.#every);
    const now = this.#clock.now();
    this.#remember(rows, begin, now);
    return [...this.#seen.values()].filter(
      ({ expiresAt, since }) => expiresAt <= begin && begin - since >= this.#watched,
    );
  }

  /** Nobody was watching if too much time has passed since the last look, or the database kept this one waiting. */
  #remember(rows: readonly Suspect[], begin: number, now: number): void {
    const broken =
      this.#lookedAt === undefined || now - this.#lookedAt > 3 * this.#every || now < this.#lookedAt;
    const before = broken ? new Map<number, Suspect & { since: number }>() : this.#seen;
    this.#lookedAt = begin;
    this.#seen = new Map(
      rows.map((row) => {
        const known = before.get(row.id);
        const since = known?.expiresAt === row.expiresAt ? known.since : now;
        return [row.id, { ...row, since }];
      }),
    );
  }

  async #expiring(before: number): Promise<Suspect[]> {
    const rows = await this.#store.read
      .selectFrom('jobs')
      .select(['id', 'lease_expires_at'])
      .where('status', '=', 'running')
      .where('lease_expires_at', '<=', before)
      .orderBy('lease_expires_at')
      .limit(10 * MOST)
      .execute();
    return rows.map((row) => ({ id: row.id, expiresAt: row.lease_expires_at as number }));
  }
}

/**
 * Takes lost leases away: their jobs wait again at once, without backoff, because it was not their fault. A job that has
 * cost too many workers in a row fails.
 */
export function lostLeases(parts: { store: Store; appender: Appender; clock: Clock; leaseMs: number }): Duty {
  const { store, appender, leaseMs } = parts;
  const every = Math.min(1_000, Math.floor(leaseMs / 9));
  const watch = new LeaseWatch({ ...parts, every });
  let lost: Suspect[] = [];
  return {
    name: 'lost-leases',
    every,
    lease: 5_000,
    async isDue() {
      lost = await watch.look();
      return lost.length > 0;
    },
    async run() {
      for (let from = 0; from < lost.length; from += MOST)
        await appender.write((transaction) =>
          takeAway(
            transaction,
            { ...parts, locks: !store.profile.soleWriter },
            lost.slice(from, from + MOST),
          ),
        );
    },
  };
}

async function takeAway(
  transaction: Transaction,
  { appender, leaseMs, locks }: { appender: Appender; leaseMs: number; locks: boolean },
  lost: readonly Suspect[],
): Promise<void> {
  // Whoever renews or ends one just now holds its row, and is alive.
  let query = transaction.db
    .selectFrom('jobs')
    .select(['id', 'lease_expires_at', 'losses', 'max_attempts', 'worker'])
    .where(
      'id',
      'in',
      lost.map(({ id }) => id),
    )
    .where('status', '=', 'running')
    .orderBy('id');
  if (locks) query = query.forNoKeyUpdate().skipLocked();
  const expiresAt = new Map(lost.map((each) => [each.id, each.expiresAt]));
  const still = (await query.execute()).filter((row) => row.lease_expires_at === expiresAt.get(row.id));
  await appender.appendEachWithin(
    transaction,
    still.map(({ id, losses, max_attempts, worker }) =>
      lossOf(id, worker, { losses: losses + 1, most: mostLosses({ maxAttempts: max_attempts }), leaseMs }),
    ),
  );
}

function lossOf(
  jobId: number,
  worker: string | null,
  { losses, most, leaseMs }: { losses: number; most: number; leaseMs: number },
): Batch {
  const silent = `Its worker${worker === null ? '' : ` ${worker}`} was silent for more than ${leaseMs / 1_000} s`;
  const metadata = { reason: 'lost', losses, ...(worker !== null && { worker }) };
  const common = { actor: daybook, unfenced: true };
  if (losses >= most)
    return {
      ...common,
      entries: [
        {
          jobId,
          event: {
            kind: 'status',
            status: 'failed',
            message: `Its worker was lost ${losses} times.`,
            metadata,
          },
          leaseEnd: 'lost',
        },
      ],
    };
  return {
    ...common,
    cause: 'requeue',
    entries: [
      {
        jobId,
        event: { kind: 'status', status: 'queued', message: `${silent}. Another may take it.`, metadata },
        leaseEnd: 'lost',
      },
    ],
  };
}
