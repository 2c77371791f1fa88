import { jobStatuses, transitions } from '@daybook/core';
import { expect, test } from 'vitest';
import { groupStatuses } from './status-groups.ts';

test('the diagram allows exactly what the table allows', () => {
  const { groups, arrows } = groupStatuses();
  const groupOf = (status: string) => groups.findIndex((group) => group.some((each) => each === status));
  for (const from of jobStatuses) {
    for (const to of jobStatuses) {
      if (from === to) continue;
      const arrow = arrows.find((each) => each.from === groupOf(from) && each.to === groupOf(to));
      expect(arrow?.causes, `${from} → ${to}`).toEqual(transitions[from][to]);
    }
  }
});

test('every status stands in one box', () => {
  expect(groupStatuses().groups.flat().toSorted()).toEqual([...jobStatuses].toSorted());
});
