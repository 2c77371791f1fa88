import { expect, test } from 'vitest';
import type { StoredConfiguration } from '../api/wire.ts';
import { draftOf, saysTheSame, stepsOf, withStep, withStepMoved } from './configuration-draft.ts';

const stored: StoredConfiguration = {
  id: 1,
  provider: null,
  tag: 'sim',
  name: 'Simulation',
  version: '1.0.0',
  steps: [
    { tag: 'a', name: 'A', points: 0.5, metadata: [{ name: 'Records', units: 'GB' }] },
    { tag: 'b', name: 'B', points: 2 },
  ],
  createdAt: '2026-01-01T00:00:00.000Z',
  createdBy: 'admin',
};

test('a draft of a version says what the version says, with all that the form does not show', () => {
  const draft = draftOf(stored);
  expect(stepsOf(draft)).toEqual(stored.steps);
  expect(saysTheSame(draft, stored)).toBe(true);
  expect(saysTheSame({ ...draft, name: 'Other' }, stored)).toBe(false);
  expect(saysTheSame(withStep(draft), stored)).toBe(false);
});

test('steps move one place and keep their key; at the ends they stay', () => {
  const draft = withStep(draftOf(stored));
  const keys = (of: typeof draft) => of.steps.map(({ key }) => key);
  expect(keys(draft)).toEqual([0, 1, 2]);
  expect(keys(withStepMoved(draft, 2, -1))).toEqual([0, 2, 1]);
  expect(keys(withStepMoved(draft, 0, 1))).toEqual([1, 0, 2]);
  expect(keys(withStepMoved(draft, 0, -1))).toEqual([0, 1, 2]);
  expect(keys(withStepMoved(draft, 2, 1))).toEqual([0, 1, 2]);
  const fewer = { ...draft, steps: draft.steps.slice(1) };
  expect(keys(withStep(fewer))).toEqual([1, 2, 3]);
});

test('what is no number is left for the API to refuse', () => {
  const [step] = stepsOf(draftOf(undefined));
  expect(JSON.parse(JSON.stringify(step))).toEqual({ tag: '', name: '', points: null });
});
