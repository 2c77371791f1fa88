import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from './limits.ts';
import { applyEvent, blankJob, type Fact, type JobState, pendingStep } from './projection.ts';
import { isEnded, jobStatuses, mayBecome, stepStatuses } from './status.ts';

const tags = ['read', 'solve', 'write'];

function configured(): JobState {
  const steps = tags.map((tag, i) => pendingStep(tag, tag, [10, 20, 5][i] as number));
  return blankJob({ attempt: 1, claimed: false, openSteps: false, steps });
}

function open(): JobState {
  return blankJob({ attempt: 1, claimed: false, openSteps: true, steps: [] });
}

let clock = 1_000;
function fact(kind: Fact['kind'], more: Partial<Fact> = {}): Fact {
  clock += 1;
  const nothing = { step: null, status: null, percent: null, message: null, metadata: null, cause: null };
  return { ...nothing, kind, at: clock, ...more };
}
const status = (to: string, more: Partial<Fact> = {}) => fact('status', { status: to, ...more });
const step = (tag: string, to: string | null, more: Partial<Fact> = {}) =>
  fact('step', { step: tag, status: to, ...more });
const fold = (job: JobState, ...facts: Fact[]) => facts.map((each) => applyEvent(job, each));

describe('a job with a configuration', () => {
  test('runs through its steps', () => {
    const job = configured();
    const first = step('read', 'running');
    expect(fold(job, first, step('read', 'succeeded'), step('solve', null, { percent: 50 }))).toEqual([
      null,
      null,
      null,
    ]);
    expect(job).toMatchObject({ status: 'running', step: 'solve', progress: 57.14, startedAt: first.at });
    fold(job, status('succeeded'));
    expect(job.progress).toBe(100);
    expect(job.steps.map((each) => each.status)).toEqual(['succeeded', 'succeeded', 'pending']);
  });

  test('keeps a step that it does not know as a fact only', () => {
    const job = configured();
    expect(fold(job, step('paint', 'running'))).toEqual(['unknown_step']);
    expect(job.steps.map((each) => each.tag)).toEqual(tags);
  });

  test('starts from nothing with a retry', () => {
    const job = configured();
    fold(job, step('read', 'succeeded', { metadata: { rows: 3 } }), fact('error', { message: 'no disk' }));
    fold(job, status('failed'), status('queued', { cause: 'retry' }));
    expect(job).toEqual({ ...configured(), attempt: 2 });
  });
});

describe('a job without a configuration', () => {
  test('collects its steps as they are reported', () => {
    const job = open();
    fold(job, step('a', 'running'), step('b', 'succeeded'), fact('progress', { percent: 40 }));
    expect(job.steps.map(({ tag, points }) => [tag, points])).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
    expect(job.progress).toBe(40);
  });

  test('collects only so many', () => {
    const job = open();
    for (let i = 0; i < limits.stepsPerJob; i++) expect(fold(job, step(`s${i}`, 'skipped'))).toEqual([null]);
    expect(fold(job, step('more', 'running'))).toEqual(['too_many_steps']);
  });

  test('gets no step from a report that came too late', () => {
    const job = open();
    fold(job, status('succeeded'));
    expect(fold(job, step('late', 'running'))).toEqual(['job_is_over']);
    expect(job.steps).toEqual([]);
  });
});

describe('late and odd reports', () => {
  test('an error with a status that cannot be taken changes nothing', () => {
    const job = configured();
    fold(job, status('succeeded'));
    expect(fold(job, fact('error', { message: 'late', status: 'failed' }))).toEqual(['illegal_transition']);
    expect(job.error).toBeNull();
  });

  test('an error may fail the job; its steps that ran fail with it', () => {
    const job = configured();
    fold(job, step('read', 'running'), fact('error', { message: 'no licence', status: 'failed' }));
    expect(job).toMatchObject({ status: 'failed', error: 'no licence' });
    expect(job.steps[0]).toMatchObject({ status: 'failed', endedAt: job.endedAt });
  });

  test('a correction says how it ended, not when', () => {
    const job = configured();
    const end = status('finished');
    fold(job, end, status('failed', { cause: 'correction', message: 'diverged' }));
    expect(job).toMatchObject({ status: 'failed', endedAt: end.at, error: 'diverged' });
  });

  test('a job that is back in the queue keeps what it did', () => {
    const job = configured();
    fold(job, step('read', 'succeeded'), status('queued', { cause: 'source' }));
    expect(job).toMatchObject({ status: 'queued', progress: 28.57, attempt: 1 });
  });

  test('a failed step may be tried again within the attempt, and progress stands still', () => {
    const job = configured();
    fold(job, step('read', 'running', { percent: 90 }), step('read', 'failed'));
    const shown = job.progress;
    fold(job, step('read', 'running', { percent: 10 }));
    expect(job.steps[0]).toMatchObject({ status: 'running', percent: 10, endedAt: null });
    expect(job.progress).toBe(shown);
  });

  test('a step that is done once more runs again from nothing, and progress stands still', () => {
    const job = configured();
    fold(job, step('read', 'running', { percent: 90 }), step('read', 'succeeded'), step('solve', 'running'));
    const shown = job.progress;
    const again = step('read', 'running', { cause: 'retry' });
    expect(fold(job, step('read', 'running'), again)).toEqual(['step_is_over', null]);
    expect(job.steps[0]).toMatchObject({
      status: 'running',
      percent: null,
      startedAt: again.at,
      endedAt: null,
    });
    expect(job).toMatchObject({ step: 'read', progress: shown });
  });

  test('percent of a step never goes back while it runs', () => {
    const job = configured();
    fold(job, step('read', null, { percent: 60 }), step('read', null, { percent: 30 }));
    expect(job.steps[0]?.percent).toBe(60);
  });

  test('metadata is merged, null takes a key away, and too much is refused whole', () => {
    const job = open();
    fold(
      job,
      fact('metadata', { metadata: { a: 1, b: 2 } }),
      fact('metadata', { metadata: { a: null, c: 3 } }),
    );
    const half = 'x'.repeat(limits.jsonBytes / 2);
    fold(job, fact('metadata', { metadata: { half } }));
    expect(fold(job, fact('metadata', { metadata: { more: half } }))).toEqual(['metadata_too_large']);
    expect(job.metadata).toEqual({ b: 2, c: 3, half });
  });

  test("a step's metadata adds up to no more than one value may hold", () => {
    const job = configured();
    const half = 'x'.repeat(limits.jsonBytes / 2);
    fold(job, step('read', 'running', { metadata: { half } }));
    expect(fold(job, step('read', 'succeeded', { metadata: { more: half } }))).toEqual([
      'metadata_too_large',
    ]);
    expect(job.steps[0]).toMatchObject({ status: 'running', metadata: { half } });
  });

  test.each(['annotation', 'learned', 'file', 'link', 'log'] as const)('%s changes no column', (kind) => {
    const job = configured();
    fold(job, fact(kind, { message: 'x', metadata: { a: 1 }, step: 'read' }));
    expect(job).toEqual(configured());
  });
});

test.each([
  ['queued', { startedAt: 5, endedAt: 9 }, null, null],
  ['running', null, 77, null],
  ['running', { startedAt: 5, endedAt: 9 }, 5, null],
  ['unknown', { startedAt: 5 }, 5, null],
  ['succeeded', null, null, 77],
  ['failed', { startedAt: 5, endedAt: 9 }, 5, 9],
])('a job that comes as %s with %j started at %j and ended at %j', (to, metadata, startedAt, endedAt) => {
  const job = configured();
  fold(job, fact('created', { status: to, metadata, at: 77 }));
  expect(job).toMatchObject({ status: to, startedAt, endedAt, progress: to === 'succeeded' ? 100 : 0 });
});

describe('in any order', () => {
  const at = fc.integer({ min: -1_000, max: 10_000 });
  const percent = fc.double({ min: 0, max: 100, noNaN: true });
  const message = fc.option(fc.string({ maxLength: 5 }));
  const cause = fc.constantFrom('report', 'report', 'report', 'source', 'correction', 'retry', null);
  const small = fc.option(fc.dictionary(fc.constantFrom('a', 'b'), fc.option(fc.integer())));
  const of = (kind: Fact['kind'], parts: { [K in keyof Fact]?: fc.Arbitrary<Fact[K]> }) =>
    fc.record({ at, ...parts }).map((some): Fact => ({ ...fact(kind), ...(some as Partial<Fact>) }));
  const anyFact = fc.oneof(
    of('status', {
      status: fc.constantFrom(...jobStatuses),
      cause: cause as fc.Arbitrary<Fact['cause']>,
      message,
    }),
    of('step', {
      step: fc.constantFrom(...tags, 'other'),
      status: fc.option(fc.constantFrom(...stepStatuses)),
      percent: fc.option(percent),
      metadata: small,
      message,
    }),
    of('progress', { percent }),
    of('error', { message, status: fc.option(fc.constantFrom(...jobStatuses)) }),
    of('metadata', { metadata: small }),
    of('log', { message }),
  );
  const start = of('created', { status: fc.constantFrom(...jobStatuses) });
  const history = fc.tuple(fc.boolean(), start, fc.array(anyFact, { maxLength: 40 }));

  // 10,000 orders (issue 2). A failure prints its seed and the shortest history that shows it.
  test('progress stays within 0–100 and never goes back, status only moves along the table', () => {
    fc.assert(
      fc.property(history, ([openSteps, created, facts]) => {
        const job = openSteps ? open() : configured();
        expect(applyEvent(job, created)).toBeNull();
        for (const each of facts) {
          const before = structuredClone(job);
          const unapplied = applyEvent(job, each);
          if (unapplied !== null) expect(job, unapplied).toEqual(before);
          const broken = brokenRule(before, job, each);
          if (broken !== undefined) expect({ broken, before, fact: each, after: job }).toBeUndefined();
        }
      }),
      { numRuns: 10_000 },
    );
  }, 120_000);

  test('shuffled reports of a run that succeeded end as succeeded, whatever came first', () => {
    const reports = [
      status('running'),
      ...tags.flatMap((tag) => [step(tag, 'running', { percent: 30 }), step(tag, 'succeeded')]),
      status('succeeded'),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(reports, { minLength: reports.length }), (shuffled) => {
        const job = configured();
        fold(job, ...shuffled);
        expect(job).toMatchObject({ status: 'succeeded', progress: 100 });
        expect(job.steps.some((each) => each.status === 'running')).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** What one event must never do; undefined if all is well. Plain comparisons, since they are made a million times. */
function brokenRule(before: JobState, after: JobState, { cause }: Fact): string | undefined {
  if (!(after.progress >= 0 && after.progress <= 100)) return 'progress is a percentage';
  if ((after.progress === 100) !== (after.status === 'succeeded')) return '100 exactly when succeeded';
  // Only a correction of what was called a success may show less than before.
  const corrected = before.status === 'succeeded' && after.status !== 'succeeded';
  if (after.attempt === before.attempt && !corrected && after.progress < before.progress)
    return 'progress does not go back within an attempt';
  if (!mayBecome(before.status, after.status, cause ?? 'report')) return 'status moves along the table';
  if (isEnded(after.status) !== (after.endedAt !== null)) return 'what has ended has an end';
  for (const { status, percent } of after.steps) {
    if (isEnded(after.status) && status === 'running') return 'no step outruns its job';
    if (percent !== null && !(percent >= 0 && percent <= 100)) return 'percent of a step is a percentage';
  }
  return undefined;
}
