import type { Job } from '@daybook/core';
import { describe, expect, test } from 'vitest';
import { bothLists, bothTexts, conflictsOf, type Draft, decidedDraft, withChange } from './draft.ts';

const job = (fields: Partial<Job> = {}) =>
  ({
    id: 17,
    externalId: null,
    version: 1,
    analysisStatus: 'open',
    assessment: null,
    summary: '',
    info: '',
    tags: ['pab'],
    baseRuns: [],
    ...fields,
  }) as unknown as Job;

describe('two who change one job', () => {
  const draft = withChange(withChange(undefined, job(), { summary: 'mine' }), job(), {
    analysisStatus: 'ongoing',
  }) as Draft;

  test('are asked only about what both changed', () => {
    const theirs = job({ summary: 'theirs', assessment: 'issue', tags: ['other'] });
    expect(conflictsOf(draft, theirs)).toEqual(['summary']);
    expect(conflictsOf(draft, job({ assessment: 'issue' }))).toEqual([]);
  });

  test('are not asked when they came to the same', () => {
    expect(conflictsOf(draft, job({ summary: 'mine' }))).toEqual([]);
  });

  test('go on from what is stored, with what each alone has changed', () => {
    const theirs = job({ summary: 'theirs', assessment: 'issue' });
    expect(decidedDraft(draft, theirs, { summary: 'both' })).toEqual({
      name: '#17',
      was: { summary: 'theirs', analysisStatus: 'open' },
      changes: { summary: 'both', analysisStatus: 'ongoing' },
    });
    expect(decidedDraft(draft, theirs, { summary: 'theirs' })?.changes).toEqual({
      analysisStatus: 'ongoing',
    });
  });

  test('a change that was begun before the other one came stays begun before it', () => {
    const theirs = job({ summary: 'theirs', info: 'theirs' });
    const more = withChange(draft, theirs, { summary: 'mine and more', info: 'mine' });
    expect(more?.was).toEqual({ summary: '', analysisStatus: 'open', info: 'theirs' });
    expect(conflictsOf(more, theirs)).toEqual(['summary']);
  });

  test('a draft that does not know what was asks', () => {
    const old = { name: '#17', was: {}, changes: { summary: 'mine' } };
    expect(conflictsOf(old, job())).toEqual(['summary']);
    const more = withChange(old, job(), { summary: 'mine and more' });
    expect(conflictsOf(more, job())).toEqual(['summary']);
  });
});

test('two texts become one, with what was there before once', () => {
  expect(bothTexts('', 'mine', 'theirs')).toBe('theirs\n\nmine');
  expect(bothTexts('HIC fell', 'HIC fell by 4 %', 'HIC fell; see plot')).toBe('HIC fell; see plot\n\nby 4 %');
  expect(bothTexts('was', '', 'theirs')).toBe('theirs');
  expect(bothTexts('was', 'mine', '')).toBe('mine');
});

test('two lists become one, without what either has taken away', () => {
  expect(bothLists(['a', 'b', 'c'], ['a', 'c', 'mine'], ['b', 'c', 'theirs'])).toEqual([
    'c',
    'theirs',
    'mine',
  ]);
});
