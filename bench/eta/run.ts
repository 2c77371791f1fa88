import { parseArgs } from 'node:util';
import {
  learnSteps,
  progressOf,
  type StepHistory,
  stepDurations,
  stepStatistics,
  timeLeft,
} from '@daybook/core';
import { Random } from '../../packages/server/src/demo/random.ts';
import { knownAt, type RealStep, recipe, type World } from './histories.ts';

/*
 * bench/eta: how wrong the time left is, at half of a job's time, of simulated jobs whose steps take log-normal times.
 * The aim: with a history of 200 jobs, half as wrong as what points alone can tell, in the median.
 *
 *   npm exec -- node bench/eta/run.ts [--jobs 200] [--seeds eta-1,eta-2,…,eta-8]
 *
 * For each world and seed: a configuration of eight steps, `jobs` jobs of it that make the history, `jobs` more that are
 * asked about at half of their time. Errors are shares of a job's whole time, medians over all jobs of all seeds.
 *
 *   progress   elapsed × (100 − progress) ÷ progress, as most progress bars do
 *   points     Daybook without a history: the pace of the steps that are over, by their points
 *   steps      Daybook with how long each step took before
 *   history    the same, and how slow or fast the job is as a whole: what Daybook shows
 *   in range   how often the truth lay in the range that is shown with it (it says: four in five)
 *   silent     jobs of which points alone can tell nothing yet; they are left out of every column
 */
const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '200' },
    seeds: { type: 'string', default: 'eta-1,eta-2,eta-3,eta-4,eta-5,eta-6,eta-7,eta-8' },
  },
});
const jobs = Number(values.jobs);
const seeds = values.seeds.split(',');

const worlds: World[] = [
  { name: 'equal points', spread: 0.3, shared: 0, points: 'equal', reports: false },
  { name: 'guessed points', spread: 0.3, shared: 0, points: 'guessed', reports: false },
  { name: 'guessed, with percent', spread: 0.3, shared: 0, points: 'guessed', reports: true },
  { name: 'guessed, wide steps', spread: 0.6, shared: 0, points: 'guessed', reports: false },
  { name: 'guessed, inputs differ', spread: 0.3, shared: 0.5, points: 'guessed', reports: false },
  { name: 'right points', spread: 0.3, shared: 0, points: 'right', reports: false },
  { name: 'right, inputs differ', spread: 0.3, shared: 0.5, points: 'right', reports: false },
];

interface Outcome {
  readonly progress: number;
  readonly points: number;
  readonly steps: number;
  readonly history: number;
  readonly inRange: boolean;
}

console.log(
  `bench/eta  node ${process.version}  ${jobs} jobs of history, ${jobs} asked, seeds ${seeds.join(' ')}\n`,
);
console.log(row(['world', 'progress', 'points', 'steps', 'history', 'gain', 'in range', 'silent']));
for (const world of worlds) {
  const outcomes = seeds.flatMap((seed) => play(world, new Random(`${seed} ${world.name}`)));
  const told = outcomes.filter((outcome) => outcome !== undefined);
  const [progress, points, steps, history] = (['progress', 'points', 'steps', 'history'] as const).map(
    (name) => median(told.map((each) => each[name])),
  ) as [number, number, number, number];
  const inRange = told.filter((each) => each.inRange).length / told.length;
  const silent = outcomes.length - told.length;
  const gain = `${(Math.min(progress, points) / history).toFixed(1)} ×`;
  console.log(
    row([
      world.name,
      share(progress),
      share(points),
      share(steps),
      share(history),
      gain,
      share(inRange),
      silent,
    ]),
  );
}

function play(world: World, random: Random): (Outcome | undefined)[] {
  const next = recipe(world, random);
  const durations = Array.from({ length: jobs }, () => stepDurations(knownAt(next(), Infinity, false), 0));
  const history = learnSteps(durations);
  return Array.from({ length: jobs }, () => ask(next(), world, history));
}

function ask(job: readonly RealStep[], world: World, history: StepHistory): Outcome | undefined {
  const whole = job.at(-1)?.endedAt ?? 0;
  const now = whole / 2;
  const steps = knownAt(job, now, world.reports);
  const progress = progressOf(
    'running',
    steps.map((step) => ({ ...step, percent: step.percent ?? null })),
    null,
    0,
  );
  const asked = { now, attemptStartedAt: 0, steps };
  const byPoints = timeLeft(asked);
  const bySteps = timeLeft({ ...asked, history: history.steps });
  const byHistory = timeLeft({ ...asked, history: history.steps, shared: history.shared });
  if (progress === 0 || byPoints === undefined || bySteps === undefined || byHistory === undefined)
    return undefined;
  const real = (whole - now) / 1_000;
  const wrong = (seconds: number) => Math.abs(seconds - real) / (2 * real);
  return {
    progress: wrong((real * (100 - progress)) / progress),
    points: wrong(byPoints.likely),
    steps: wrong(bySteps.likely),
    history: wrong(byHistory.likely),
    inRange: byHistory.low <= real && real <= byHistory.high,
  };
}

function median(numbers: readonly number[]): number {
  return stepStatistics(numbers).median;
}

function share(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}

function row(cells: readonly (string | number)[]): string {
  return cells
    .map((cell, index) => (index === 0 ? String(cell).padEnd(24) : String(cell).padStart(10)))
    .join('');
}
