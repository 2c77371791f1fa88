import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tagsIn, tagText } from './tag-text.ts';

test.each([
  ['pab static', ['pab', 'static']],
  [' pab,static  pab ', ['pab', 'static']],
  ['"two words" pab', ['two words', 'pab']],
  ['"a ""b"" c"', ['a "b" c']],
  ['5" pipe', ['5"', 'pipe']],
  ['"open end', ['"open', 'end']],
  ['', []],
])('%s names tags', (text, tags) => {
  expect(tagsIn(text)).toEqual(tags);
});

test('leaves tags as they are, whatever is in them', () => {
  const tag = fc
    .string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', 'b', ' ', ',', '"', "'", '-') })
    .filter((text) => text.trim() === text && text !== '');
  fc.assert(
    fc.property(fc.uniqueArray(tag, { maxLength: 5 }), (tags) => {
      expect(tagsIn(tagText(tags))).toEqual(tags);
    }),
  );
});
