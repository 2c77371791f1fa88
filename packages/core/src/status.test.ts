import { describe, expect, test } from 'vitest';
import {
  activeStatuses,
  endedStatuses,
  isActive,
  isEnded,
  jobStatuses,
  mayBecome,
  stepMayBecome,
  stepStatuses,
  transitionCauses,
  transitions,
  unreachable,
} from './status.ts';

const short = { report: 'r', source: 's', retry: 't', correction: 'c', claim: 'h', requeue: 'b' } as const;

/** Who may move a job from the row's status to the column's, as the design's sentence has it (design.md §1). */
const drawn = `
            unknown queued running finished succeeded failed other canceled
unknown     .       rsc    rsc     rsc      rsc       rsc    rsc   rsc
queued      s       .      rsch    rsc      rsc       rsc    rsc   rsc
running     s       rscb   .       rsc      rsc       rsc    rsc   rsc
finished    -       t      -       .        rsc       rsc    rsc   rsc
succeeded   -       t      -       c        .         c      c     c
failed      -       t      -       c        c         .      c     c
other       -       t      -       c        c         c      .     c
canceled    -       t      -       c        c         c      c     .
`;

describe('the table of job statuses', () => {
  const [head = [], ...rows] = drawn
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/));

  test('is about every status', () => {
    expect(head).toEqual([...jobStatuses]);
    expect(rows.map(([from]) => from)).toEqual([...jobStatuses]);
  });

  test.each(rows)('allows what the design says: %s', (from, ...cells) => {
    const allowed = jobStatuses.map((to) => {
      if (to === from) return '.';
      const who = transitions[from as (typeof jobStatuses)[number]][to] ?? [];
      return who.map((cause) => short[cause]).join('') || '-';
    });
    expect(allowed).toEqual(cells);
  });

  test('staying where one is is no transition', () => {
    for (const status of jobStatuses)
      for (const cause of transitionCauses) expect(mayBecome(status, status, cause)).toBe(true);
  });

  test('each status is active, ended, or unknown', () => {
    expect(jobStatuses.filter(isActive)).toEqual([...activeStatuses]);
    expect(jobStatuses.filter(isEnded)).toEqual([...endedStatuses]);
    expect(jobStatuses.filter((status) => !isActive(status) && !isEnded(status))).toEqual(['unknown']);
  });

  test('a status that does not exist is a fault of ours', () => {
    expect(() => unreachable('paused' as never)).toThrow(TypeError);
  });
});

test('a step that is over is not reopened by a late report, a failed one may be tried again', () => {
  const ways = stepStatuses.map((from) => [from, stepStatuses.filter((to) => stepMayBecome(from, to))]);
  expect(Object.fromEntries(ways)).toEqual({
    pending: [...stepStatuses],
    running: ['running', 'succeeded', 'failed', 'skipped'],
    succeeded: ['succeeded', 'failed', 'skipped'],
    failed: ['running', 'succeeded', 'failed', 'skipped'],
    skipped: ['succeeded', 'failed', 'skipped'],
  });
});

test('a step that is done once more begins from wherever it is', () => {
  expect(stepStatuses.filter((from) => stepMayBecome(from, 'running', true))).toEqual([...stepStatuses]);
  expect(stepStatuses.filter((from) => stepMayBecome(from, 'pending', true))).toEqual([...stepStatuses]);
});
