import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stepStatuses } from './status.ts';
import { type StepStatistics, stepStatistics, type TimedStep } from './step-history.ts';
import { type TimeLeft, timeLeft } from './time-left.ts';

const step = (tag: string, points: number, more: Partial<TimedStep> = {}): TimedStep => ({
  tag,
  points,
  status: 'pending',
  ...more,
});
const past = (median: number, p90 = median * 1.2, samples = 200): StepStatistics => ({
  samples,
  median,
  p90,
});
const at = (seconds: number) => seconds * 1_000;

describe('timeLeft', () => {
  const history = new Map([
    ['a', past(100)],
    ['b', past(1_000)],
  ]);

  test('comes from history where there is one', () => {
    const left = timeLeft({
      now: at(50),
      attemptStartedAt: 0,
      history,
      steps: [step('a', 10, { status: 'running', startedAt: 0 }), step('b', 10)],
    });
    expect(left?.basis).toBe('history');
    expect(left?.likely).toBeGreaterThan(1_000);
    expect(left?.likely).toBeLessThan(1_100);
    expect(left?.high).toBeGreaterThan(left?.likely ?? 0);
  });

  test('comes from points where nothing like it has run, at the pace of the job', () => {
    const steps = [step('x', 10, { status: 'succeeded', startedAt: 0, endedAt: at(100) }), step('y', 30)];
    const left = timeLeft({ now: at(100), attemptStartedAt: 0, history, steps });
    expect(left).toMatchObject({ basis: 'points' });
    expect(left?.likely).toBeCloseTo(300, 0);
  });

  test('fills gaps of the history by points', () => {
    const left = timeLeft({
      now: 0,
      attemptStartedAt: 0,
      history: new Map([['a', past(100)]]),
      steps: [step('a', 10), step('new', 5)],
    });
    expect(left?.basis).toBe('history');
    expect(left?.likely).toBeGreaterThan(130);
    expect(left?.likely).toBeLessThan(190);
  });

  test('comes from percent where there are no steps', () => {
    const left = timeLeft({ now: at(100), attemptStartedAt: 0, steps: [], percent: 25 });
    expect(left?.basis).toBe('percent');
    expect(left?.likely).toBeGreaterThan(250);
    expect(left?.likely).toBeLessThan(400);
  });

  test('comes from past jobs where there are neither', () => {
    expect(timeLeft({ now: at(10), attemptStartedAt: 0, steps: [], jobHistory: past(100) })?.basis).toBe(
      'history',
    );
  });

  test('is not known where there is nothing to tell it from', () => {
    expect(timeLeft({ now: at(100), attemptStartedAt: 0, steps: [] })).toBeUndefined();
    expect(
      timeLeft({ now: at(100), attemptStartedAt: 0, steps: [step('x', 1), step('y', 2)] }),
    ).toBeUndefined();
    expect(timeLeft({ now: at(100), attemptStartedAt: at(200), steps: [], percent: 50 })).toBeUndefined();
  });

  test('is nothing when every step is over', () => {
    const steps = [
      step('a', 1, { status: 'succeeded' }),
      step('b', 1, { status: 'skipped' }),
      step('c', 1, { status: 'failed' }),
    ];
    expect(timeLeft({ now: 0, attemptStartedAt: 0, history, steps })).toMatchObject({
      low: 0,
      likely: 0,
      high: 0,
    });
  });

  test('a step without a report of its start counts from the end before it', () => {
    const base = { now: at(150), attemptStartedAt: 0, history };
    const steps = [step('a', 10, { status: 'succeeded', endedAt: at(100) }), step('b', 10)];
    const silent = timeLeft({ ...base, steps });
    const said = timeLeft({
      ...base,
      steps: [steps[0] as TimedStep, step('b', 10, { status: 'running', startedAt: at(100) })],
    });
    expect(silent).toEqual(said);
    expect(silent?.likely).toBeCloseTo(950, -1);
  });

  test('an overrun step is expected to take longer still, the longer the later', () => {
    const left = (seconds: number) =>
      timeLeft({
        now: at(seconds),
        attemptStartedAt: 0,
        history: new Map([['a', past(100, 150)]]),
        steps: [step('a', 1, { status: 'running', startedAt: 0 })],
      }) as TimeLeft;
    expect(left(90).likely).toBeGreaterThan(0);
    for (const [earlier, later] of [
      [200, 400],
      [400, 4_000],
      [4_000, 1e6],
      [1e6, 1e8],
    ] as const) {
      expect(left(earlier).likely).toBeGreaterThan(0);
      expect(left(later).likely).toBeGreaterThan(left(earlier).likely);
      expect(left(later).high).toBeLessThan(later); // but not without bounds
    }
  });

  test('a reported percent outweighs the past as it grows', () => {
    const left = (percent: number) =>
      timeLeft({
        now: at(100),
        attemptStartedAt: 0,
        history,
        steps: [step('b', 1, { status: 'running', startedAt: 0, percent })],
      }) as TimeLeft;
    expect(left(0).likely).toBeCloseTo(900, -2);
    expect(left(90).likely).toBeLessThan(60);
    expect(left(99).likely).toBeLessThan(6);
  });

  test('the steps that are over tell how slow this job is, as far as jobs were slow as a whole', () => {
    const left = (seconds: number, shared?: number) =>
      timeLeft({
        now: at(seconds),
        attemptStartedAt: 0,
        history: new Map([
          ['a', past(100, 200)],
          ['b', past(1_000, 2_000)],
        ]),
        ...(shared !== undefined && { shared }),
        steps: [step('a', 1, { status: 'succeeded', startedAt: 0, endedAt: at(seconds) }), step('b', 1)],
      })?.likely ?? 0;
    expect(left(200)).toBe(left(50));
    expect(left(200, 0.5)).toBeGreaterThan(1.8 * left(50, 0.5));
    expect(left(200, 0.1)).toBeLessThan(1.2 * left(50, 0.1));
  });

  test('a late step slows those to come, the later the more', () => {
    const left = (seconds: number) =>
      timeLeft({
        now: at(seconds),
        attemptStartedAt: 0,
        history: new Map([
          ['a', past(100, 200)],
          ['b', past(1e6, 2e6)],
        ]),
        shared: 0.4,
        steps: [step('a', 1, { status: 'running', startedAt: 0 }), step('b', 1)],
      })?.likely ?? 0;
    expect(left(10)).toBeGreaterThan(left(1) * 0.99);
    expect(left(200)).toBeGreaterThan(1.1 * left(50));
    expect(left(1_000)).toBeGreaterThan(1.1 * left(200));
  });

  test('few samples are believed less than many', () => {
    const width = (samples: number) => {
      const left = timeLeft({
        now: 0,
        attemptStartedAt: 0,
        history: new Map([['a', past(100, 100, samples)]]),
        steps: [step('a', 1)],
      });
      return (left?.high ?? 0) - (left?.low ?? 0);
    };
    expect(width(1)).toBeGreaterThan(3 * width(200));
  });
});

test('is never negative, never NaN, and in order, whatever it is given', () => {
  const number = fc.oneof(fc.double(), fc.integer({ min: -10, max: 1e6 }), fc.constantFrom(0, 1e-300, 1e300));
  const instant = fc.option(
    fc.oneof(fc.integer({ min: -1e6, max: 1e9 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)),
  );
  const statistics = fc.record({ samples: number, median: number, p90: number });
  const anyStep = fc.record({
    tag: fc.constantFrom('a', 'b', 'c'),
    points: number,
    status: fc.constantFrom(...stepStatuses),
    percent: fc.option(number),
    startedAt: instant,
    endedAt: instant,
  });
  fc.assert(
    fc.property(
      fc.record({
        now: fc.integer({ min: -1e6, max: 1e12 }),
        attemptStartedAt: fc.integer({ min: -1e6, max: 1e12 }),
        steps: fc.array(anyStep, { maxLength: 6 }),
        percent: fc.option(number),
        history: fc.array(fc.tuple(fc.constantFrom('a', 'b'), statistics)).map((entries) => new Map(entries)),
        shared: number,
        jobHistory: fc.option(statistics, { nil: undefined }),
      }),
      (input) => {
        const left = timeLeft(input);
        if (left === undefined) return;
        expect(left.low).toBeGreaterThanOrEqual(0);
        expect(left.likely).toBeGreaterThanOrEqual(left.low);
        expect(left.high).toBeGreaterThanOrEqual(left.likely);
        expect(left.high).toBeLessThanOrEqual(1e11);
      },
    ),
    { numRuns: 5_000 },
  );
});

describe('on simulated histories', () => {
  /** mulberry32: small, seeded, good enough for a simulation. */
  const random = (seed: number) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const normal = (next: () => number) =>
    Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

  /** A configuration: steps with log-normal times; the points say that all are alike, which they are not. */
  const simulate = (next: () => number) => {
    const recipe = Array.from({ length: 6 }, (_, n) => ({
      tag: `s${n}`,
      mu: Math.log(30 * 40 ** next()),
      sigma: 0.2 + 0.3 * next(),
    }));
    const job = () => recipe.map(({ mu, sigma }) => Math.exp(mu + sigma * normal(next)));
    const jobs = Array.from({ length: 200 }, job);
    const history = new Map(
      recipe.map(({ tag }, n) => [tag, stepStatistics(jobs.map((times) => times[n] ?? 0))]),
    );
    return { history, fresh: Array.from({ length: 20 }, job) };
  };

  /** The job as it looks when half of its real time is over, and the seconds that are really left. */
  const halfWay = (times: readonly number[]) => {
    const half = times.reduce((sum, each) => sum + each, 0) / 2;
    let begin = 0;
    const steps = times.map((seconds, n) => {
      const [startedAt, endedAt] = [begin, begin + seconds];
      begin = endedAt;
      if (endedAt <= half)
        return step(`s${n}`, 10, { status: 'succeeded', startedAt: at(startedAt), endedAt: at(endedAt) });
      return startedAt <= half
        ? step(`s${n}`, 10, { status: 'running', startedAt: at(startedAt) })
        : step(`s${n}`, 10);
    });
    return { steps, now: at(half), left: half };
  };
  const median = (numbers: readonly number[]) => stepStatistics(numbers.map((each) => each + 1e-9)).median;

  // Points are misleading in one configuration more than in another, so each seed looks at many of them.
  test.each([1, 2, 3, 4, 5])(
    'seed %d: history errs at most half as much as points, and its range holds',
    (seed) => {
      const next = random(seed);
      const errors = { history: [] as number[], points: [] as number[] };
      let inside = 0;
      for (let configuration = 0; configuration < 30; configuration += 1) {
        const { history, fresh } = simulate(next);
        for (const times of fresh) {
          const { steps, now, left } = halfWay(times);
          const known = timeLeft({ now, attemptStartedAt: 0, steps, history }) as TimeLeft;
          expect(known.basis).toBe('history');
          errors.history.push(Math.abs(known.likely - left) / left);
          if (known.low <= left && left <= known.high) inside += 1;
          // Where no step is finished yet, points say nothing; that is not held against them.
          const blind = timeLeft({ now, attemptStartedAt: 0, steps });
          if (blind !== undefined) errors.points.push(Math.abs(blind.likely - left) / left);
        }
      }
      const [known, blind] = [median(errors.history), median(errors.points)];
      const share = inside / errors.history.length;
      console.info(
        `seed ${seed}: median error ${known.toFixed(3)} from history, ${blind.toFixed(3)} from points, ${(share * 100).toFixed(0)} % in range`,
      );
      expect(known * 2).toBeLessThan(blind);
      expect(share).toBeGreaterThan(0.7);
      expect(share).toBeLessThan(0.9);
    },
  );
});
