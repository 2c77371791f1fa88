import { DaybookError } from '@daybook/core';
import type { Logger } from 'pino';
import type { Queue } from '../queue/queue.ts';
import { Arrivals } from './arrivals.ts';
import { DEMO_SEED, type DemoParts } from './fill-demo.ts';
import { type ActiveRow, activeJobs, demoProvider } from './live-jobs.ts';
import { LiveWorkers } from './live-workers.ts';
import type { Recipe } from './recipe.ts';
import { recipeTagged } from './recipes/index.ts';
import { dense, Story, type Told } from './story.ts';
import { reporter, tell } from './voices.ts';

export interface LiveParts extends DemoParts {
  readonly queue: Queue;
  readonly log?: Pick<Logger, 'warn'>;
  /** Calls `tick` again and again until what it answers is called; every second when left out. */
  readonly every?: (tick: () => void) => () => void;
}

/** Jobs of a kind that run at the same time, besides those that workers claim; the others wait. */
const slots: Readonly<Partial<Record<Recipe['kind'], number>>> = { simulation: 7, script: 5 };
/** How long a job waits at least though there is room, milliseconds. */
const LEAST_WAIT = 3_000;

/**
 * Keeps the jobs of a demo diary going: they advance, end and fail, and new ones come every 20–60 s. In a diary that
 * `fillDemo` has not filled it does nothing. All it knows of a job is its row, so it goes on after a restart, and jobs
 * that somebody cancels or tries again are canceled or tried again.
 */
export function liveDemo(parts: LiveParts): { stop(): Promise<void> } {
  const demo = new LiveDemo(parts);
  const every = parts.every ?? everySecond;
  let running: Promise<void> | undefined;
  const end = every(() => {
    running ??= demo
      .tick()
      .catch((error: unknown) => parts.log?.warn({ err: error }, 'the demo stumbled'))
      .finally(() => {
        running = undefined;
      });
  });
  return {
    async stop() {
      end();
      await running;
    },
  };
}

function everySecond(tick: () => void): () => void {
  const timer = setInterval(tick, 1_000).unref();
  return () => clearInterval(timer);
}

/** The demo that runs; `tick` brings it up to the clock. */
export class LiveDemo {
  readonly #parts: LiveParts;
  readonly #seed: string;
  readonly #arrivals: Arrivals;
  readonly #workers: LiveWorkers;
  #providerId: number | undefined;
  /** Until when each running attempt has been told. */
  #toldUntil = new Map<string, number>();

  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.#seed = parts.seed ?? DEMO_SEED;
    this.#arrivals = new Arrivals(parts, this.#seed);
    this.#workers = new LiveWorkers(parts.queue);
  }

  async tick(): Promise<void> {
    const { store, clock } = this.#parts;
    this.#providerId ??= await demoProvider(store);
    if (this.#providerId === undefined) return;
    const now = clock.now();
    const rows = await activeJobs(store, this.#providerId);
    await this.#workers.renew(rows, this.#providerId);
    await Promise.all([...this.#advance(rows, now), ...this.#begin(rows, now)]);
    this.#forgetAllBut(rows);
    await this.#receive(rows, now);
    await this.#workers.claim(this.#providerId);
  }

  #advance(rows: readonly ActiveRow[], now: number): Promise<unknown>[] {
    return rows.flatMap((row) => {
      if (row.status !== 'running' || row.started_at === null) return [];
      // Held by a worker that is no more, since before a restart: the queue takes it back.
      if (row.lease_token !== null && this.#workers.tokenOf(row) === undefined) return [];
      const story = this.#storyOf(row, row.started_at);
      if (story === undefined) return [];
      const key = keyOf(row);
      const until = this.#toldUntil.get(key);
      this.#toldUntil.set(key, now);
      // Seen for the first time: facts that were not told before a restart are told again, known by their keys.
      const told = story.between(until ?? row.seen_at, now, dense, until === undefined);
      // That it was claimed, the queue has said itself.
      return [
        this.#tell(
          row,
          told.filter(({ cause }) => cause !== 'claim'),
        ),
      ];
    });
  }

  /** Starts what waits, as far as there is room. */
  #begin(rows: readonly ActiveRow[], now: number): Promise<unknown>[] {
    const room = new Map(Object.entries(slots));
    const take = (kind: string, count: number) => room.set(kind, (room.get(kind) ?? 0) - count);
    for (const row of rows) if (row.status === 'running' && row.stalled === 0) take(row.kind, 1);
    return rows.flatMap((row) => {
      if (row.status !== 'queued' || row.execution === 'claimed') return [];
      if ((room.get(row.kind) ?? 0) <= 0) return [];
      if (now - row.updated_at < LEAST_WAIT) return [];
      const story = this.#storyOf(row, now);
      if (story === undefined) return [];
      take(row.kind, 1);
      this.#toldUntil.set(keyOf(row), now);
      return [this.#tell(row, story.between(now - 1, now, dense))];
    });
  }

  /** Submits a new job when it is time for one. */
  async #receive(rows: readonly ActiveRow[], now: number): Promise<void> {
    const work = await this.#arrivals.next(this.#providerId as number, rows, now);
    if (work === undefined) return;
    const author = reporter(work.recipe.reporter, this.#providerId as number);
    try {
      await this.#parts.jobs.create(author, [work.create], { many: false });
    } catch (error) {
      // Somebody's own job may hold the target: then there is no import this time.
      if (!(error instanceof DaybookError && error.code === 'target_busy')) throw error;
    }
  }

  #storyOf(row: ActiveRow, startedAt: number): Story | undefined {
    const recipe = recipeTagged(row.configuration_tag);
    if (recipe === undefined) return undefined;
    return new Story(
      {
        recipe,
        externalId: row.external_id ?? '',
        attempt: row.attempt,
        startedAt,
        name: row.name,
        jobDirectory: row.job_directory ?? '',
        target: row.target ?? '',
      },
      this.#seed,
    );
  }

  #tell(row: ActiveRow, told: readonly Told[]): Promise<unknown> {
    const recipe = recipeTagged(row.configuration_tag) as Recipe;
    const job = {
      id: row.id,
      reporter: recipe.reporter,
      user: row.user_name ?? '',
      providerId: this.#providerId as number,
      leaseToken: this.#workers.tokenOf(row),
    };
    return tell(this.#parts.appender, job, told);
  }

  #forgetAllBut(rows: readonly ActiveRow[]): void {
    const active = new Set(rows.map(keyOf));
    this.#toldUntil = new Map([...this.#toldUntil].filter(([key]) => active.has(key)));
  }
}

function keyOf({ id, attempt }: ActiveRow): string {
  return `${id}/${attempt}`;
}
