import { normalTail, normalTailQuantile } from './normal.ts';
import { clampPercent } from './progress.ts';
import { isStepDone } from './status.ts';
import { excessOf, type StepStatistics, stepDurations, type TimedStep } from './step-history.ts';

/**
 * Time left of a running job (design.md §1): from how long the same steps of the same configuration really took, falling
 * back on points, falling back on the reported percent. Instants are milliseconds since 1970, lengths are seconds.
 *
 * Each unfinished step is believed to take a log-normal time (real step times are positive and skewed), given by median
 * and p90. A step that runs already is conditioned on having run so long: one that is over its usual time is expected to
 * take longer still, never "0 seconds left" for an hour. As far as past jobs were slow or fast as a whole, the steps that
 * are over tell how slow this one is (a factor with a log-normal belief of its own, updated as Bayes would). The sum of the steps is taken over a few hundred fixed samples,
 * because sums of log-normals have no formula and the usual approximations fail for wide ones.
 */

export interface TimeLeftInput {
  readonly now: number;
  /** When this attempt began to run. */
  readonly attemptStartedAt: number;
  readonly steps: readonly TimedStep[];
  /** Percent of the whole job, for jobs without steps. */
  readonly percent?: number | null;
  /** Past durations by step tag. */
  readonly history?: ReadonlyMap<string, StepStatistics>;
  /** How much the steps of a job have in common, of the same past jobs (`StepHistory`); 0 when left out. */
  readonly shared?: number;
  /** Past durations of whole jobs of the configuration, for jobs without steps. */
  readonly jobHistory?: StepStatistics;
}

/** Seconds left: half of all jobs need less than `likely`, four in five lie between `low` and `high`. */
export interface TimeLeft {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
  readonly basis: 'history' | 'points' | 'percent';
}

/** A log-normal time: the logarithm of its median in seconds, and the spread of its logarithm. */
interface Belief {
  readonly mu: number;
  readonly sigma: number;
}

/** Where the 90 % quantile of the standard normal distribution lies. */
const Z90 = 1.2815515655446004;
/** Spread of a step of which nothing is known but its points: it may well take half or twice as long. */
const POINTS_SIGMA = 0.8;
/** Spread that few samples are believed to hide, and how many samples that belief is worth. */
const PRIOR_SIGMA = 0.5;
const PRIOR_SAMPLES = 3;
const LEAST_SIGMA = 0.05;
/** A prime, so that every multiplier below 251 shuffles the samples (a lattice rule). */
const SAMPLES = 251;
const LATTICE = 76;
const LONGEST = 1e9;

/**
 * Estimates the time left of a running job; undefined while nothing is known to tell it from. Never negative, never NaN,
 * `low` ≤ `likely` ≤ `high`.
 */
export function timeLeft(input: TimeLeftInput): TimeLeft | undefined {
  const open = input.steps.filter((step) => !isOver(step));
  if (input.steps.length === 0) return wholeJob(input);
  if (open.length === 0) return { low: 0, likely: 0, high: 0, basis: 'points' };
  const runs = open.some((step) => step.status === 'running');
  // Where nobody says that a step runs, the first one that is not over does.
  const isNow = (step: TimedStep) => (runs ? step.status === 'running' : step === open[0]);
  const pace = secondsPerPoint(input);
  const own = paceOf(input);
  const toCome = paceWith(input, open.find(isNow), own);
  const known = open.map((step) =>
    atPace(historyOf(input, step.tag), input.shared, isNow(step) ? own : toCome),
  );
  const fallback = known.some((each) => each === undefined) ? (pace ?? paceOfHistory(input)) : pace;
  const beliefs = open.map((step, index) => known[index] ?? beliefFromPoints(step, fallback));
  if (!beliefs.every((each) => each !== undefined)) return jobPercent(input);
  const covered = open.filter((_, index) => known[index] !== undefined);
  const basis = 2 * pointsOf(covered) >= pointsOf(open) && covered.length > 0 ? 'history' : 'points';
  const times = open.map((step, index) => {
    const since = isNow(step) ? startOf(input, step) : undefined;
    const belief = beliefs[index] as Belief;
    if (since === undefined) return { belief, elapsed: 0 };
    return running(widened(belief, own.spread), since, step.percent, input.now);
  });
  return { ...sumOf(times, toCome.spread), basis };
}

function isOver(step: TimedStep): boolean {
  return isStepDone(step.status) || step.status === 'failed';
}

function pointsOf(steps: readonly TimedStep[]): number {
  return steps.reduce((sum, step) => sum + weight(step), 0);
}

function weight(step: TimedStep): number {
  return step.points > 0 && Number.isFinite(step.points) ? step.points : 0;
}

/** A running step began when it says so, else when the last one before it ended. */
function startOf(input: TimeLeftInput, step: TimedStep): number {
  const ends = input.steps.map((each) => each.endedAt ?? input.attemptStartedAt).filter(Number.isFinite);
  return step.startedAt ?? Math.max(input.attemptStartedAt, ...ends);
}

/** Seconds that a point of finished work took in this job; undefined before any is finished. */
function secondsPerPoint(input: TimeLeftInput): number | undefined {
  const durations = stepDurations(input.steps, input.attemptStartedAt);
  let seconds = 0;
  let points = 0;
  for (const step of input.steps) {
    const share = step.status === 'running' ? clampPercent(step.percent ?? 0) / 100 : 0;
    if (share > 0) {
      seconds += Math.max(0, (input.now - startOf(input, step)) / 1_000);
      points += weight(step) * share;
    } else if (durations.has(step.tag)) {
      seconds += durations.get(step.tag) ?? 0;
      points += weight(step);
    }
  }
  return seconds > 0 && points > 0 ? seconds / points : undefined;
}

/** Seconds per point of the steps that have a history, for those that have none. */
function paceOfHistory(input: TimeLeftInput): number | undefined {
  const known = input.steps.filter((step) => historyOf(input, step.tag) !== undefined);
  const seconds = known.reduce((sum, step) => sum + (input.history?.get(step.tag)?.median ?? 0), 0);
  const points = pointsOf(known);
  return seconds > 0 && points > 0 ? seconds / points : undefined;
}

function historyOf(input: TimeLeftInput, tag: string): Belief | undefined {
  return beliefFromHistory(input.history?.get(tag));
}

function beliefFromHistory(past: StepStatistics | undefined): Belief | undefined {
  if (past === undefined || !(past.samples >= 1) || !(past.median > 0) || !Number.isFinite(past.median))
    return undefined;
  const spread =
    past.p90 > past.median && Number.isFinite(past.p90) ? Math.log(past.p90 / past.median) / Z90 : 0;
  const variance =
    (past.samples * spread ** 2 + PRIOR_SAMPLES * PRIOR_SIGMA ** 2) / (past.samples + PRIOR_SAMPLES);
  return { mu: Math.log(past.median), sigma: Math.max(LEAST_SIGMA, Math.sqrt(variance)) };
}

/** By how much this job takes longer than usual: the logarithm of the factor, and how sure that is. */
interface Pace {
  readonly mean: number;
  readonly spread: number;
}

/** What the steps of this job that are over say of all of its steps. */
function paceOf(input: TimeLeftInput): Pace {
  const shared = sharedOf(input.shared);
  if (shared === 0) return { mean: 0, spread: 0 };
  const durations = stepDurations(input.steps, input.attemptStartedAt);
  return [...durations].reduce<Pace>(
    (pace, [tag, seconds]) => {
      const belief = historyOf(input, tag);
      if (belief === undefined) return pace;
      return learned(pace, excessOf(seconds, Math.exp(belief.mu)), 1 / varianceBeside(belief, shared));
    },
    { mean: 0, spread: shared },
  );
}

/** What was believed, and one more observation of that precision (one over its variance). */
function learned({ mean, spread }: Pace, excess: number, precision: number): Pace {
  const before = 1 / spread ** 2;
  const after = before + precision;
  return { mean: (mean * before + excess * precision) / after, spread: Math.sqrt(1 / after) };
}

/**
 * What the step that runs says of those to come: by its percent, or by running still. The likelier it is that it would be
 * over by now, the more that says; it is taken to end when such late ones usually do.
 */
function paceWith(input: TimeLeftInput, step: TimedStep | undefined, pace: Pace): Pace {
  const usual = step && historyOf(input, step.tag);
  if (step === undefined || usual === undefined || pace.spread === 0) return pace;
  const elapsed = (input.now - startOf(input, step)) / 1_000;
  if (!(elapsed > 0)) return pace;
  const precision = 1 / varianceBeside(usual, sharedOf(input.shared));
  const share = clampPercent(step.percent ?? 0) / 100;
  if (share > 0)
    return learned(pace, excessOf(elapsed / share, Math.exp(usual.mu)), Math.max(1e-9, share) * precision);
  const sigma = Math.hypot(Math.sqrt(1 / precision), pace.spread);
  const gone = (Math.log(elapsed) - usual.mu - pace.mean) / sigma;
  const survived = normalTail(gone);
  if (!(survived < 1)) return pace;
  const z = survived > 1e-9 ? normalTailQuantile(survived / 2) : gone;
  return learned(pace, excessOf(Math.exp(pace.mean + sigma * z), 1), (1 - survived) * precision);
}

function sharedOf(shared = 0): number {
  return shared > 0 && Number.isFinite(shared) ? Math.max(LEAST_SIGMA, shared) : 0;
}

/** How much a step varies by itself, besides what it shares with the others of its job. */
function varianceBeside(belief: Belief, shared: number): number {
  return Math.max(LEAST_SIGMA ** 2, belief.sigma ** 2 - shared ** 2);
}

function atPace(belief: Belief | undefined, shared: number | undefined, pace: Pace): Belief | undefined {
  if (belief === undefined) return undefined;
  return { mu: belief.mu + pace.mean, sigma: Math.sqrt(varianceBeside(belief, sharedOf(shared))) };
}

function widened({ mu, sigma }: Belief, spread: number): Belief {
  return { mu, sigma: Math.hypot(sigma, spread) };
}

function beliefFromPoints(step: TimedStep, pace: number | undefined): Belief | undefined {
  if (pace === undefined) return undefined;
  return { mu: Math.log(Math.max(1e-3, pace * weight(step))), sigma: POINTS_SIGMA };
}

/** A job without steps, or with steps that say nothing yet: its own past, else its percent. */
function wholeJob(input: TimeLeftInput): TimeLeft | undefined {
  const belief = beliefFromHistory(input.jobHistory);
  if (belief === undefined) return jobPercent(input);
  return { ...sumOf([running(belief, input.attemptStartedAt, input.percent, input.now)]), basis: 'history' };
}

function jobPercent({ percent, attemptStartedAt, now }: TimeLeftInput): TimeLeft | undefined {
  const share = clampPercent(percent ?? 0) / 100;
  const elapsed = (now - attemptStartedAt) / 1_000;
  if (share === 0 || !(elapsed > 0)) return undefined;
  // Nothing was believed before; all belief comes from the percent.
  const before = { mu: Math.log(elapsed / share), sigma: POINTS_SIGMA };
  return { ...sumOf([running(before, attemptStartedAt, percent, now)]), basis: 'percent' };
}

interface RunningTime {
  readonly belief: Belief;
  readonly elapsed: number;
}

/**
 * A step that has run since `since`. A reported percent says how long the whole will take; the further it is, the more it
 * is believed over the past, and the narrower the belief.
 */
function running(
  belief: Belief,
  since: number,
  percent: number | null | undefined,
  now: number,
): RunningTime {
  const elapsed = Math.max(0, Number.isFinite(since) ? (now - since) / 1_000 : 0);
  const share = clampPercent(percent ?? 0) / 100;
  if (share === 0 || elapsed === 0) return { belief, elapsed };
  return {
    belief: {
      mu: (1 - share) * belief.mu + share * Math.log(elapsed / share),
      sigma: Math.max(LEAST_SIGMA, (1 - share) * belief.sigma),
    },
    elapsed,
  };
}

/**
 * Quantiles of the sum of what is left, over fixed samples: the same question always has the same answer. What is still to
 * begin is longer or shorter together, by a factor of the spread `shared`.
 */
function sumOf(times: readonly RunningTime[], shared = 0): { low: number; likely: number; high: number } {
  const sums = new Float64Array(SAMPLES);
  const together = shared > 0 ? remainingSamples({ mu: 0, sigma: shared }, 0) : undefined;
  let stride = LATTICE;
  for (const { belief, elapsed } of times) {
    const left = remainingSamples(belief, elapsed);
    const factor = elapsed === 0 ? together : undefined;
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      sums[sample] =
        (sums[sample] ?? 0) + (left[((sample + 1) * stride) % SAMPLES] ?? 0) * (factor?.[sample] ?? 1);
    }
    stride = (stride * LATTICE) % SAMPLES;
  }
  sums.sort();
  const at = (share: number) => Math.min(LONGEST, Math.max(0, sums[Math.floor(share * SAMPLES)] ?? 0));
  return { low: at(0.1), likely: at(0.5), high: at(0.9) };
}

/** What is left of a log-normal time of which `elapsed` seconds are gone, at evenly spread chances. */
function remainingSamples({ mu, sigma }: Belief, elapsed: number): Float64Array {
  const gone = elapsed > 0 ? (Math.log(elapsed) - mu) / sigma : Number.NEGATIVE_INFINITY;
  const survived = normalTail(gone);
  return Float64Array.from({ length: SAMPLES }, (_, sample) => {
    const chance = (sample + 0.5) / SAMPLES; // of still running after this sample, given that it runs now
    // Far out in the tail probabilities underflow; there the tail falls like exp(-z·dz) (Mills' ratio).
    const z = gone > 8 ? gone - Math.log(chance) / gone : normalTailQuantile(survived * chance);
    const left = Math.exp(Math.min(700, mu + sigma * z)) - elapsed;
    return left > 0 ? Math.min(LONGEST, left) : 0;
  });
}
