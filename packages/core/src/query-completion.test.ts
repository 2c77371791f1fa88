import { expect, test } from 'vitest';
import { completionAt } from './query-completion.ts';

/** The caret is the `|`. */
test.each([
  ['|', { from: 0, to: 0, field: undefined, typed: '' }],
  ['sle|d run', { from: 0, to: 4, field: undefined, typed: 'sle' }],
  ['a sta|', { from: 2, to: 5, field: undefined, typed: 'sta' }],
  ['a -sta|', { from: 3, to: 6, field: undefined, typed: 'sta' }],
  ['(a OR (us|', { from: 7, to: 9, field: undefined, typed: 'us' }],
  ['status:fa|', { from: 7, to: 9, field: 'status', typed: 'fa' }],
  ['-status:failed,o|ther', { from: 15, to: 20, field: 'status', typed: 'o' }],
  ['x user:| y', { from: 7, to: 7, field: 'user', typed: '' }],
  ['tag:"two w|ords" x', { from: 4, to: 15, field: 'tag', typed: 'two w' }],
  ['tag:"a, b",c|', { from: 11, to: 12, field: 'tag', typed: 'c' }],
  ['nonsense:x|', { from: 0, to: 10, field: undefined, typed: 'nonsense:x' }],
])('knows what is typed at %s', (text, expected) => {
  const caret = text.indexOf('|');
  expect(completionAt(text.replace('|', ''), caret)).toEqual(expected);
});
