import { expect, test } from 'vitest';
import { isEmpty, isSelected, nothingSelected, select } from './selection.ts';

const rows = [50, 40, 30, 20, 10];
const chosen = (selection: ReturnType<typeof select>) => rows.filter((id) => isSelected(selection, id));

test('a row is chosen and given up again', () => {
  const one = select(nothingSelected, rows, 30, false);
  expect(chosen(one)).toEqual([30]);
  expect(isEmpty(one)).toBe(false);
  expect(isEmpty(select(one, rows, 30, false))).toBe(true);
});

test('a range gives all from the last row to this one what this one gets, in either direction', () => {
  const from = select(nothingSelected, rows, 20, false);
  const range = select(from, rows, 50, true);
  expect(chosen(range)).toEqual([50, 40, 30, 20]);
  expect(chosen(select(range, rows, 40, true))).toEqual([30, 20]);
});

test('a range without a beginning is the row itself', () => {
  expect(chosen(select(nothingSelected, rows, 30, true))).toEqual([30]);
  const gone = select(nothingSelected, [99, ...rows], 99, false);
  expect(chosen(select(gone, rows, 30, true))).toEqual([30]);
});

test('one row given up out of everything leaves the other loaded ones', () => {
  expect(isSelected({ all: true }, 12_345)).toBe(true);
  expect(chosen(select({ all: true }, rows, 40, false))).toEqual([50, 30, 20, 10]);
});
