import type { StepStatus } from './status.ts';

/** How long steps took in past jobs: what time-left.ts believes, and what points are measured by (design.md §1). */

/** How long a step took in past jobs, in seconds. */
export interface StepStatistics {
  readonly samples: number;
  readonly median: number;
  readonly p90: number;
}

/** What is known of one step of a job. Steps are taken to run one after the other, in this order. */
export interface TimedStep {
  readonly tag: string;
  readonly points: number;
  readonly status: StepStatus;
  readonly percent?: number | null;
  readonly startedAt?: number | null;
  readonly endedAt?: number | null;
}

/** Summarises durations (any unit, the same comes out) by median and p90; what is no positive number is left out. */
export function stepStatistics(durations: readonly number[]): StepStatistics {
  const sorted = durations.filter((each) => Number.isFinite(each) && each > 0).sort((a, b) => a - b);
  return { samples: sorted.length, median: quantileOf(sorted, 0.5), p90: quantileOf(sorted, 0.9) };
}

/** Of numbers in ascending order; linear between the neighbours (R-7, as `percentile_cont` does); 0 of nothing. */
export function quantileOf(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? 0;
  return below + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? below) - below);
}

/**
 * How long each ended step took, in seconds by tag: what {@link stepStatistics} is fed with. A step that only reported
 * its end (the trackerapi way) is counted from the end before it.
 */
export function stepDurations(steps: readonly TimedStep[], attemptStartedAt: number): Map<string, number> {
  const durations = new Map<string, number>();
  let previous = attemptStartedAt;
  for (const step of steps) {
    if (step.endedAt == null) continue;
    const seconds = (step.endedAt - (step.startedAt ?? previous)) / 1_000;
    if (step.status === 'succeeded' && seconds > 0) durations.set(step.tag, seconds);
    previous = Math.max(previous, step.endedAt);
  }
  return durations;
}

/** What the past jobs of a configuration tell of the next one. */
export interface StepHistory {
  /** By step tag. */
  readonly steps: ReadonlyMap<string, StepStatistics>;
  /**
   * How much the steps of one job have in common, because its input is large or its machine slow: the standard deviation
   * of the logarithm of the factor by which all of them take longer. 0 is nothing.
   */
  readonly shared: number;
}

/** Learns from the step durations of past jobs, each as {@link stepDurations} tells them. */
export function learnSteps(jobs: readonly ReadonlyMap<string, number>[]): StepHistory {
  const seconds = new Map<string, number[]>();
  for (const [tag, duration] of jobs.flatMap((job) => [...job])) {
    const known = seconds.get(tag);
    if (known === undefined) seconds.set(tag, [duration]);
    else known.push(duration);
  }
  const steps = new Map([...seconds].map(([tag, each]) => [tag, stepStatistics(each)]));
  return { steps, shared: sharedSpread(jobs, steps) };
}

/** A step that took e³ times its usual time (or a part of it) was another thing: it was cached, or hung. */
const FARTHEST = 3;

/** The mean product of what two steps of the same job took longer than usual is what they have in common. */
function sharedSpread(
  jobs: readonly ReadonlyMap<string, number>[],
  steps: ReadonlyMap<string, StepStatistics>,
): number {
  let products = 0;
  let pairs = 0;
  for (const job of jobs) {
    const excesses = [...job].map(([tag, seconds]) => excessOf(seconds, steps.get(tag)?.median ?? seconds));
    const sum = excesses.reduce((total, each) => total + each, 0);
    const squares = excesses.reduce((total, each) => total + each ** 2, 0);
    products += sum ** 2 - squares;
    pairs += excesses.length * (excesses.length - 1);
  }
  return pairs > 0 && products > 0 ? Math.sqrt(products / pairs) : 0;
}

/** The logarithm of how many times longer than usual something took; what is absurd counts as the farthest that is not. */
export function excessOf(seconds: number, usual: number): number {
  const excess = Math.log(seconds / usual);
  return Number.isFinite(excess) ? Math.min(FARTHEST, Math.max(-FARTHEST, excess)) : 0;
}
