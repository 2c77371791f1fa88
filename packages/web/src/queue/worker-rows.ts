import type { QueueOverview } from '@daybook/core';

export type Worker = QueueOverview['workers'][number];
export type HeldJob = Worker['jobs'][number];

/** A worker is named in the first of the lines of what it holds; a line may hold nothing just now. */
export interface WorkerRow {
  readonly key: string;
  readonly worker: Worker;
  readonly job: HeldJob | undefined;
  readonly isFirst: boolean;
}

/** How many lines a worker has, and since when it would do with fewer. */
interface Room {
  readonly worker: Worker;
  readonly lines: number;
  readonly fewerSince: number | undefined;
}

/** Short jobs come and go with every look: so long the table keeps its lines, that nothing below it jumps, ms. */
const keptFor = 20_000;

/** Remembers how many lines the workers had. */
export class WorkerRows {
  #rooms = new Map<string, Room>();

  /** The lines of the table, by the names of the workers. `now` in ms; asking twice changes nothing. */
  rowsOf(workers: readonly Worker[], now: number): readonly WorkerRow[] {
    const present = new Map(workers.map((worker) => [worker.worker, worker]));
    const rooms = new Map<string, Room>();
    for (const name of new Set([...present.keys(), ...this.#rooms.keys()])) {
      const room = roomFor(present.get(name), this.#rooms.get(name), now);
      if (room) rooms.set(name, room);
    }
    this.#rooms = rooms;
    return [...rooms.values()]
      .sort((a, b) => byName.compare(a.worker.worker, b.worker.worker))
      .flatMap(({ worker, lines }) =>
        Array.from({ length: lines }, (_, index) => ({
          key: `${worker.worker} ${index}`,
          worker,
          job: worker.jobs[index],
          isFirst: index === 0,
        })),
      );
  }
}

const byName = new Intl.Collator(undefined, { numeric: true });

function roomFor(worker: Worker | undefined, before: Room | undefined, now: number): Room | undefined {
  const wanted = worker?.jobs.length ?? 0;
  const known = worker ?? (before && { ...before.worker, jobs: [] });
  if (!known) return undefined;
  if (!before || wanted >= before.lines) {
    return { worker: known, lines: Math.max(1, wanted), fewerSince: wanted > 0 ? undefined : now };
  }
  const fewerSince = before.fewerSince ?? now;
  if (now - fewerSince < keptFor) return { worker: known, lines: before.lines, fewerSince };
  return worker && { worker, lines: Math.max(1, wanted), fewerSince: undefined };
}
