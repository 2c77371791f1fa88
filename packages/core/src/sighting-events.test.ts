import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyEvent, blankJob, type JobState, pendingStep } from './projection.ts';
import type { Sighting } from './sighting.ts';
import { type PlannedEvent, sightingEvents } from './sighting-events.ts';
import { jobStatuses, stepStatuses } from './status.ts';

const tags = ['a', 'b', 'c'];

function jobOf(status: JobState['status'] = 'queued'): JobState {
  const steps = tags.map((tag) => pendingStep(tag, tag, 1));
  return { ...blankJob({ attempt: 1, claimed: false, openSteps: false, steps }), status };
}

function seen(some: Partial<Sighting>): Sighting {
  return { externalId: '1', name: 'job', status: 'queued', ...some };
}

/** Plays what was planned on the job, as the server does. */
function play(job: JobState, events: readonly PlannedEvent[]): (string | null)[] {
  return events.map(({ event, cause }) =>
    applyEvent(job, {
      kind: event.kind,
      step: event.step ?? null,
      status: event.status ?? null,
      percent: event.percent ?? null,
      message: event.message ?? null,
      metadata: event.metadata ?? null,
      cause: event.kind === 'step' ? (cause === 'retry' ? cause : null) : cause,
      at: event.at ?? 0,
    }),
  );
}

const texts = (events: readonly PlannedEvent[]) =>
  events.map(({ event, cause }) =>
    [event.kind, event.step, event.status, event.message, cause].filter(Boolean).join(' '),
  );

const sightings = fc.record({
  externalId: fc.constant('1'),
  name: fc.constant('job'),
  status: fc.constantFrom(...jobStatuses),
  at: fc.integer({ min: 0, max: 1_000 }),
  tries: fc.integer({ min: 0, max: 3 }),
  steps: fc.tuple(
    ...tags.map((tag) => fc.record({ tag: fc.constant(tag), status: fc.constantFrom(...stepStatuses) })),
  ),
  errors: fc.array(fc.constantFrom('x', 'y'), { maxLength: 3 }),
});

describe('what a source says of what it sees', () => {
  test('nothing, if nothing changed', () => {
    const same = seen({ status: 'running', steps: [{ tag: 'a', status: 'running' }], errors: ['x'] });
    const job = jobOf();
    play(job, sightingEvents(undefined, same, job, 'report'));
    expect(sightingEvents(same, same, job, 'report')).toEqual([]);
  });

  test('every event of it can be applied, and the job stands where it was seen', () => {
    fc.assert(
      fc.property(
        fc.array(sightings, { minLength: 1, maxLength: 8 }),
        fc.constantFrom('report', 'source'),
        (all, cause) => {
          const job = jobOf();
          let before: Sighting | undefined;
          for (const after of all as Sighting[]) {
            const unapplied = play(job, sightingEvents(before, after, job, cause as 'report')).filter(
              Boolean,
            );
            expect(unapplied).toEqual([]);
            // Who reports may not say that nobody knows, and what ended goes on only by a new attempt.
            if (after.status !== 'unknown' && after.status !== 'finished')
              expect(job.status).toBe(after.status);
            before = after;
          }
        },
      ),
    );
  });

  test('a status that a person corrected stays until the source says something new', () => {
    const failed = seen({ status: 'failed' });
    const job = jobOf('succeeded');
    expect(
      sightingEvents(failed, { ...failed, metadata: { size: 1 } }, job, 'report').map(
        ({ event }) => event.kind,
      ),
    ).toEqual(['metadata']);
    expect(sightingEvents(failed, seen({ status: 'other' }), job, 'report')).toEqual([]);
    expect(texts(sightingEvents(failed, seen({ status: 'running' }), job, 'report'))).toEqual([
      'status queued retry',
      'status running report',
    ]);
  });

  test('steps that are done while it waits do not make it run', () => {
    const job = jobOf();
    const waits = seen({ steps: [{ tag: 'a', status: 'succeeded' }] });
    play(job, sightingEvents(seen({}), waits, job, 'report'));
    expect([job.status, job.steps[0]?.status]).toEqual(['queued', 'succeeded']);
  });

  test('errors are told once, also when their list was written anew', () => {
    const job = jobOf('running');
    const before = seen({ status: 'running', errors: ['x', 'y'] });
    const told = (errors: string[]) =>
      texts(sightingEvents(before, seen({ status: 'running', errors }), job, 'report'));
    expect(told(['x', 'y', 'x'])).toEqual(['error x report']);
    expect(told(['y', 'z'])).toEqual(['error z report']);
  });

  test('a clock that steps back dates nothing before what was said last', () => {
    const events = sightingEvents(seen({ at: 500 }), seen({ status: 'running', at: 100 }), jobOf(), 'report');
    expect(events.map(({ event }) => event.at)).toEqual([500]);
  });
});
