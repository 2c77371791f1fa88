import { expect, test } from 'vitest';
import { isErrorLine, nextPlace } from './log-errors.ts';

test.each([
  ['*** Error 40001 (KEY): out of range', true],
  ['Traceback (most recent call last):', true],
  ['\u001b[31mFATAL\u001b[0m disk full', true],
  [' E r r o r   t e r m i n a t i o n', true],
  ['finished with 0 errors', false],
  ['no fatal errors found', false],
  ['errors: 0', false],
  ['the mirror is fine', false],
  ['error\rdone', false],
])('%j: %s', (message, expected) => {
  expect(isErrorLine({ message })).toBe(expected);
});

test('goes from error to error, and round the end', () => {
  const places = [2, 5, 9];
  expect(nextPlace(places, undefined, -1)).toBe(9);
  expect(nextPlace(places, 9, -1)).toBe(5);
  expect(nextPlace(places, 9, 1)).toBe(2);
  expect(nextPlace(places, 3, 1)).toBe(5);
  expect(nextPlace([], 3, 1)).toBeUndefined();
});
