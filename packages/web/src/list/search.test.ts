import type { JobSummary } from '@daybook/core';
import { expect, test } from 'vitest';
import { newcomerTest } from './newcomers.ts';
import { exclude } from './query-edit.ts';
import {
  askedFilter,
  choose,
  impossibleValues,
  isFiltered,
  type ListSearch,
  matches as matchesRow,
  readSearch,
  searchText,
  writeSearch,
} from './search.ts';

test('reads what it writes, and forgets what it does not know', () => {
  const search = {
    status: ['failed', 'running'],
    project: ['3001234'],
    sort: '-endedAt',
    look: 'cards',
  } as const;
  expect(readSearch(writeSearch(search))).toEqual(search);
  expect(readSearch({ status: 'failed,,failed', sort: 'sideways', page: '7' })).toEqual({
    status: ['failed'],
  });
  expect(searchText({ project: ['a'], status: ['b'] })).toBe(searchText({ status: ['b'], project: ['a'] }));
});

test('leaves out what a filter can never be, and says what that was; names may be anything', () => {
  const raw = { status: 'bogus,failed', analysisStatus: 'Open', assessment: 'none', project: 'bogus' };
  expect(readSearch(raw)).toEqual({ status: ['failed'], assessment: ['none'], project: ['bogus'] });
  expect(readSearch({ execution: 'claimed,mine', stalled: 'true,false' })).toEqual({
    execution: ['claimed'],
    stalled: ['true'],
  });
  expect(impossibleValues(raw)).toEqual([
    { name: 'status', value: 'bogus' },
    { name: 'analysisStatus', value: 'Open' },
  ]);
});

test('reads lists as they are, because links carry them unwritten', () => {
  expect(readSearch({ status: ['failed', 'other'] })).toEqual({ status: ['failed', 'other'] });
});

test('a click narrows, shift adds and takes away, the last one frees the filter', () => {
  const one = choose({}, 'status', 'failed', false);
  expect(one).toEqual({ status: ['failed'] });
  const two = choose(one, 'status', 'running', true);
  expect(two).toEqual({ status: ['failed', 'running'] });
  expect(choose(two, 'status', 'running', false)).toEqual({ status: ['running'] });
  expect(isFiltered(choose(choose(two, 'status', 'failed', true), 'status', 'running', true))).toBe(false);
});

const row = (fields: Partial<JobSummary>) =>
  ({
    id: 1,
    status: 'failed',
    assessment: null,
    tags: ['a'],
    project: 'p',
    configuration: null,
    ...fields,
  }) as JobSummary;

const context = { me: 'doea', now: 0, timeZone: 'UTC' };

test('asks of a row what the server asks in SQL', () => {
  const matches = (search: ListSearch, job: JobSummary) => matchesRow(search, job, context);
  expect(matches({ status: ['failed', 'other'], assessment: ['none'], tag: ['a'] }, row({}))).toBe(true);
  expect(matches({ assessment: ['none'] }, row({ assessment: 'ok' }))).toBe(false);
  expect(matches({ project: ['p'] }, row({ project: null }))).toBe(false);
  expect(
    matches({ configuration: ['crash'] }, row({ configuration: { tag: 'crash', version: '1.0.0' } })),
  ).toBe(true);
  expect(matches({ q: 'tag:a -is:mine' }, row({}))).toBe(true);
  expect(matches({ q: 'tag:b' }, row({}))).toBe(false);
  expect(matches({}, row({ assessment: 'obsolete' }))).toBe(false);
  expect(matches({ obsolete: 'shown' }, row({ assessment: 'obsolete' }))).toBe(true);
});

test('a newcomer belongs into the part of the list that was loaded', () => {
  const loaded = [row({ id: 20 }), row({ id: 10 })];
  const newer = newcomerTest({ status: ['failed'] }, loaded, true, context);
  expect(newer(row({ id: 21 }))).toBe(true);
  expect(newer(row({ id: 21, status: 'running' }))).toBe(false);
  expect(newer(row({ id: 20 }))).toBe(false);
  // It came to match only now, between those that are shown.
  expect(newer(row({ id: 15 }))).toBe(true);
  // Paging will bring it.
  expect(newer(row({ id: 5 }))).toBe(false);
  expect(newcomerTest({}, loaded, false, context)(row({ id: 5 }))).toBe(true);
});

test('leaves out what is obsolete until somebody speaks of it', () => {
  expect(askedFilter({ q: 'sled', status: ['failed'] })).toEqual({
    status: 'failed',
    q: 'sled -assessment:obsolete',
  });
  expect(askedFilter({ obsolete: 'shown', columns: ['user'] })).toEqual({});
  expect(askedFilter({ q: 'assessment:obsolete' })).toEqual({ q: 'assessment:obsolete' });
  expect(askedFilter({ assessment: ['ok'] })).toEqual({ assessment: 'ok' });
});

test('excludes a value through the query, and takes that back', () => {
  const without = exclude({ q: 'sled', sort: 'name' }, 'tag', 'two words');
  expect(without).toEqual({ q: 'sled -tag:"two words"', sort: 'name' });
  expect(exclude(without, 'tag', 'two words')).toEqual({ q: 'sled', sort: 'name' });
  expect(exclude(exclude({}, 'analysisStatus', 'open'), 'analysisStatus', 'open').q).toBeUndefined();
});
