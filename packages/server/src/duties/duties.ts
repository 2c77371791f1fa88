import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Store } from '../storage/index.ts';

/** Daybook's own recurring work. It runs once per cluster of processes, whichever of them takes it. */
export interface Duty {
  readonly name: string;
  /** Milliseconds between two runs, from start to start. */
  readonly every: number;
  /** How long a process may be silent before another takes it over, milliseconds; a minute when left out. */
  readonly lease?: number;
  /** Asked before it is taken, by every process: a look that writes nothing. Always due when left out. */
  isDue?(): Promise<boolean>;
  /** May be cut short by `signal` when the process stops. */
  run(signal: AbortSignal): Promise<void>;
}

/** How long a process may be silent before another takes over its duty, milliseconds. */
const LEASE = 60_000;
/** How often this process looks for duties that are due, milliseconds, if none is due more often. */
const LOOK = 1_000;

/**
 * Runs duties under expiring lease rows (no session locks: connection poolers break them). A duty that fails is logged,
 * kept in its row, and runs again when it is due.
 */
export class Duties {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #duties: readonly Duty[];
  readonly #more: () => Promise<readonly Duty[]>;
  /** Names that have a row. */
  readonly #entered = new Set<string>();
  readonly #owner = randomUUID();
  readonly #stopping = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  /** `more`: duties that come and go while Daybook runs; asked with every look. */
  constructor(
    store: Store,
    clock: Clock,
    log: Logger,
    duties: readonly Duty[],
    more: () => Promise<readonly Duty[]> = async () => [],
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#duties = duties;
    this.#more = more;
  }

  async start(): Promise<void> {
    await this.#enter(this.#duties);
    const often = Math.min(LOOK, ...this.#duties.map(({ every }) => every));
    this.#timer = setInterval(() => void this.look(), often).unref();
    await this.look();
  }

  async #enter(duties: readonly Duty[]): Promise<void> {
    const rows = duties
      .filter(({ name }) => !this.#entered.has(name))
      .map(({ name }) => ({
        name,
        lease_until: 0,
        next_at: 0,
        owner: null,
        started_at: null,
        ended_at: null,
        error: null,
        state: null,
      }));
    if (rows.length === 0) return;
    await this.#store.write(({ db }) =>
      db
        .insertInto('duties')
        .values(rows)
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute(),
    );
    for (const { name } of rows) this.#entered.add(name);
  }

  /** Runs what is due and not held by another process. */
  async look(): Promise<void> {
    try {
      const now = this.#clock.now();
      const duties = [...this.#duties, ...(await this.#more())];
      await this.#enter(duties);
      const due = await this.#store.read
        .selectFrom('duties')
        .select('name')
        .where('next_at', '<=', now)
        .where('lease_until', '<=', now)
        .execute();
      for (const duty of duties) {
        if (this.#running.has(duty.name) || !due.some(({ name }) => name === duty.name)) continue;
        if ((await duty.isDue?.()) ?? true) await this.#take(duty, now);
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'duties could not be looked up');
    }
  }

  async #take(duty: Duty, now: number): Promise<void> {
    const taken = await this.#store.write(({ db }) =>
      db
        .updateTable('duties')
        .set({
          owner: this.#owner,
          lease_until: now + (duty.lease ?? LEASE),
          started_at: now,
          next_at: now + duty.every,
        })
        .where('name', '=', duty.name)
        .where('next_at', '<=', now)
        .where('lease_until', '<=', now)
        .executeTakeFirst(),
    );
    if (taken.numUpdatedRows === 0n || this.#stopping.signal.aborted) return;
    const run = this.#run(duty).finally(() => this.#running.delete(duty.name));
    this.#running.set(duty.name, run);
  }

  async #run(duty: Duty): Promise<void> {
    const renewal = setInterval(() => void this.#renew(duty), (duty.lease ?? LEASE) / 3).unref();
    let error: string | null = null;
    try {
      await duty.run(this.#stopping.signal);
    } catch (failure) {
      error = failure instanceof Error ? failure.message : String(failure);
      this.#log.error({ err: failure, duty: duty.name }, 'duty failed');
    }
    clearInterval(renewal);
    await this.#note(duty.name, { lease_until: 0, ended_at: this.#clock.now(), error });
  }

  #renew({ name, lease }: Duty): Promise<void> {
    return this.#note(name, { lease_until: this.#clock.now() + (lease ?? LEASE) });
  }

  async #note(
    name: string,
    values: { lease_until: number; ended_at?: number; error?: string | null },
  ): Promise<void> {
    try {
      await this.#store.write(({ db }) =>
        db
          .updateTable('duties')
          .set(values)
          .where('name', '=', name)
          .where('owner', '=', this.#owner)
          .execute(),
      );
    } catch (error) {
      this.#log.warn({ err: error, duty: name }, 'a duty could not be noted');
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await Promise.all(this.#running.values());
  }
}
