import type { Queue } from '../queue/queue.ts';
import type { ActiveRow } from './live-jobs.ts';
import type { Recipe } from './recipe.ts';
import { bundleIngest, datasetImport } from './recipes/index.ts';
import { reporter } from './voices.ts';

/** The machines of the data team: what they take, and how much of it at once. Hardly more than arrives, so that some waits. */
const machines: readonly { worker: string; recipe: Recipe; most: number }[] = [
  { worker: 'import-host-1', recipe: datasetImport, most: 1 },
  { worker: 'archive-host-1', recipe: bundleIngest, most: 1 },
];

interface Held {
  readonly worker: string;
  readonly attempt: number;
  readonly leaseToken: string;
}

/** Workers of the running demo. They get their jobs from the queue, as everybody's do; how those go, the demo tells. */
export class LiveWorkers {
  readonly #queue: Queue;
  readonly #held = new Map<number, Held>();

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  /** The token of the lease under which one of the workers holds this attempt. */
  tokenOf({ id, attempt }: Pick<ActiveRow, 'id' | 'attempt'>): string | undefined {
    const held = this.#held.get(id);
    return held?.attempt === attempt ? held.leaseToken : undefined;
  }

  /** Forgets what has ended, and says that it is still at the rest. */
  async renew(rows: readonly ActiveRow[], providerId: number): Promise<void> {
    const running = new Set(rows.filter((row) => this.tokenOf(row) !== undefined).map((row) => row.id));
    for (const id of this.#held.keys()) if (!running.has(id)) this.#held.delete(id);
    if (this.#held.size === 0) return;
    const leases = [...this.#held].map(([jobId, { leaseToken }]) => ({ jobId, leaseToken }));
    for (const { jobId, held } of await this.#queue.heartbeat(reporter('workers', providerId), leases))
      if (!held) this.#held.delete(jobId);
  }

  /** Each machine that has room takes what waits longest. */
  async claim(providerId: number): Promise<void> {
    for (const { worker, recipe, most } of machines) {
      const holds = [...this.#held.values()].filter((held) => held.worker === worker).length;
      if (holds >= most) continue;
      const claim = { worker, configurations: [recipe.tag], max: 1 };
      for (const { job, attempt, leaseToken } of await this.#queue.claim(
        reporter(recipe.reporter, providerId),
        claim,
      ))
        this.#held.set(job.id, { worker, attempt, leaseToken });
    }
  }
}
