import { expect, test } from 'vitest';
import { compareVersions, countChanges } from './compare-versions.ts';

const step = (tag: string, points = 1, name = tag) => ({ tag, name, points });

const changes = (
  before: Parameters<typeof compareVersions>[0],
  after: Parameters<typeof compareVersions>[1],
) => compareVersions(before, after).map(({ tag, changes }) => [tag, ...changes].join(' '));

test('steps are compared by their tags', () => {
  expect(
    changes(
      [step('a'), step('b', 2), step('c'), step('d')],
      [step('a', 1, 'Anew'), step('b', 3), step('new'), { ...step('d'), metadata: [{ name: 'Records' }] }],
    ),
  ).toEqual(['a renamed', 'b points', 'c removed', 'new added', 'd metadata']);
});

test('steps that change places have moved; those that only move up have not', () => {
  expect(changes([step('a'), step('b'), step('c')], [step('c'), step('b'), step('a')])).toEqual([
    'c moved',
    'b',
    'a moved',
  ]);
  expect(changes([step('a'), step('b')], [step('b')])).toEqual(['a removed', 'b']);
});

test('changes are counted', () => {
  const pairs = compareVersions([step('a'), step('b'), step('c')], [step('a', 2), step('b', 2), step('d')]);
  expect(countChanges(pairs)).toEqual([
    { change: 'added', count: 1 },
    { change: 'removed', count: 1 },
    { change: 'points', count: 2 },
  ]);
  expect(countChanges(compareVersions([step('a')], [step('a')]))).toEqual([]);
});
