import { type EstimateError, quantileOf, type ToldAt, toldAt } from '@daybook/core';
import type { Duty } from '../duties/duties.ts';
import type { Store } from '../storage/index.ts';

/** How often running jobs are looked at, milliseconds: those that are over sooner foretell nothing worth keeping. */
const EVERY = 10_000;
/** Jobs noted in one transaction at most; what is left waits for the next look. */
const MOST = 1_000;
/** Fewer jobs than this say nothing about how wrong estimates usually are. */
const FEWEST = 5;

interface Told {
  readonly job_id: number;
  readonly attempt: number;
  readonly percent: ToldAt;
  readonly end_at: number;
}

/**
 * Notes once per attempt what end is foretold when a job is a quarter, half and three quarters through, as its row says it
 * to everybody. A duty and not part of writing events: that path is for facts, and ten seconds make no estimate worse.
 */
export function rememberTold(store: Store): Duty {
  return {
    name: 'remember-estimates',
    every: EVERY,
    async run() {
      const told = (await Promise.all(toldAt.map((percent) => newlyTold(store, percent)))).flat();
      if (told.length === 0) return;
      await store.write(({ db }) =>
        db
          .insertInto('estimates')
          .values(told)
          .onConflict((conflict) => conflict.columns(['job_id', 'attempt', 'percent']).doNothing())
          .execute(),
      );
    },
  };
}

/** Running jobs that are so far but not as far as the next mark, and of which it is not noted. */
async function newlyTold(store: Store, percent: ToldAt): Promise<Told[]> {
  const next = toldAt.find((each) => each > percent) ?? 100;
  const rows = await store.read
    .selectFrom('jobs')
    .select(['id', 'attempt', 'estimated_end_at'])
    .where('status', '=', 'running')
    .where('configuration_id', 'is not', null)
    .where('estimated_end_at', 'is not', null)
    .where('progress', '>=', percent)
    .where('progress', '<', next)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('estimates')
            .select('job_id')
            .whereRef('estimates.job_id', '=', 'jobs.id')
            .whereRef('estimates.attempt', '=', 'jobs.attempt')
            .where('estimates.percent', '=', percent),
        ),
      ),
    )
    .limit(MOST)
    .execute();
  return rows.map(({ id, attempt, estimated_end_at }) => ({
    job_id: id,
    attempt,
    percent,
    end_at: estimated_end_at as number,
  }));
}

/** Jobs looked at in one transaction at most; few enough for a short read. */
const AT_ONCE = 200;

/** Deletes what was foretold of jobs that ended before `before`; oldest jobs first, until one of them is younger. */
export async function forgetTold(store: Store, before: number, signal: AbortSignal): Promise<void> {
  for (let after = 0; !signal.aborted; ) {
    const oldest = await store.read
      .selectFrom('estimates')
      .innerJoin('jobs', 'jobs.id', 'estimates.job_id')
      .select(['jobs.id', 'jobs.ended_at'])
      .distinct()
      .where('estimates.job_id', '>', after)
      .orderBy('jobs.id')
      .limit(AT_ONCE)
      .execute();
    const over = oldest.filter(({ ended_at }) => ended_at !== null && ended_at < before).map(({ id }) => id);
    // Numbers grow with time: behind so many that are younger there is hardly an older one.
    if (over.length === 0) return;
    await store.write(({ db }) => db.deleteFrom('estimates').where('job_id', 'in', over).execute());
    after = oldest.at(-1)?.id ?? after;
  }
}

/** A succeeded job, as far as its estimates are held against it. */
export interface EndedJob {
  readonly id: number;
  readonly attempt: number;
  readonly ended_at: number | null;
}

/** How far off the real ends of these jobs were from the foretold ones; without marks of which too few are known. */
export async function estimateErrors(db: Store['bulk'], jobs: readonly EndedJob[]): Promise<EstimateError[]> {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const rows = await db
    .selectFrom('estimates')
    .select(['job_id', 'attempt', 'percent', 'end_at'])
    .where('job_id', 'in', [...byId.keys()])
    .execute();
  return toldAt.flatMap((percent) => {
    const late = rows.flatMap((row) => {
      const job = byId.get(row.job_id);
      const counts = row.percent === percent && job?.attempt === row.attempt && job.ended_at !== null;
      return counts ? [(job.ended_at - row.end_at) / 1_000] : [];
    });
    return late.length < FEWEST ? [] : [{ percent, jobs: late.length, ...errorOf(late) }];
  });
}

function errorOf(late: readonly number[]): { within: number; late: number } {
  const distances = late.map(Math.abs).sort((a, b) => a - b);
  return {
    within: quantileOf(distances, 0.8),
    late: quantileOf(
      late.toSorted((a, b) => a - b),
      0.5,
    ),
  };
}

/** What the estimates of jobs that are as far were usually off by, in seconds. */
export function usualErrorAt(errors: readonly EstimateError[], progress: number): number | undefined {
  return (errors.findLast(({ percent }) => percent <= progress) ?? errors[0])?.within;
}
