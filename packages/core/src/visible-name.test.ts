import { describe, expect, test } from 'vitest';
import { visibleName } from './visible-name.ts';

describe('a name as it is shown', () => {
  test.each([
    ['photo\u202egpj.exe', 'photo\\u202egpj.exe'],
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\u001b[2J\u009b31m\u0000\u007f', '\\u001b[2J\\u009b31m\\u0000\\u007f'],
    ['\u2066x\u2069\u200f\u061c\ufeff\u200b\u00ad', '\\u2066x\\u2069\\u200f\\u061c\\ufeff\\u200b\\u00ad'],
  ])('%j has nothing in it that deceives', (name, shown) => {
    expect(visibleName(name)).toBe(shown);
  });

  test.each(['größe 100%.txt', '日本語', 'e\u0301', '👩\u200d💻', 'می\u200cخواهم', 'עברית'])(
    '%s is itself',
    (name) => {
      expect(visibleName(name)).toBe(name);
    },
  );
});
