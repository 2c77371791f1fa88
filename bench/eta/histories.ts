import type { StepStatus, TimedStep } from '@daybook/core';
import type { Random } from '../../packages/server/src/demo/random.ts';

/** A kind of jobs: what its steps are, how evenly they take their time, and what their jobs report. */
export interface World {
  readonly name: string;
  /** Standard deviation of the logarithm of a step's time from one job to the next. */
  readonly spread: number;
  /** The same for what all steps of a job share: the size of its input, the speed of its machine. */
  readonly shared: number;
  /** Points as people give them: every step 1; the usual time, wrong by a factor of about three; the usual time. */
  readonly points: 'equal' | 'guessed' | 'right';
  /** Whether running steps report their percent. */
  readonly reports: boolean;
}

export interface RealStep {
  readonly tag: string;
  readonly points: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

const STEPS = 8;

/** Makes jobs of a configuration of eight steps that usually take between ten seconds and half an hour each. */
export function recipe(world: World, random: Random): () => RealStep[] {
  const steps = Array.from({ length: STEPS }, (_, index) => {
    const usual = Math.exp(random.between(Math.log(10), Math.log(1_800)));
    const points = { equal: 1, guessed: random.logNormal(usual, 1), right: usual }[world.points];
    return { tag: `step_${index + 1}`, usual, points };
  });
  return () => {
    const pace = random.logNormal(1, world.shared);
    let at = 0;
    return steps.map(({ tag, usual, points }) => {
      const startedAt = at;
      at += Math.round(random.logNormal(usual * pace, world.spread) * 1_000);
      return { tag, points, startedAt, endedAt: at };
    });
  };
}

/** What the diary knew of a job at an instant of its life. */
export function knownAt(job: readonly RealStep[], now: number, reports: boolean): TimedStep[] {
  return job.map(({ tag, points, startedAt, endedAt }) => {
    const status: StepStatus = endedAt <= now ? 'succeeded' : startedAt <= now ? 'running' : 'pending';
    const percent =
      status === 'running' && reports ? (100 * (now - startedAt)) / (endedAt - startedAt) : null;
    return {
      tag,
      points,
      status,
      percent,
      startedAt: status === 'pending' ? null : startedAt,
      endedAt: status === 'succeeded' ? endedAt : null,
    };
  });
}
