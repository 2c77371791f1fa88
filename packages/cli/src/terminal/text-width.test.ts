import { describe, expect, it } from 'vitest';
import { cutToWidth, printable, textWidth } from './text-width.ts';

describe('text in a terminal', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['👩‍🚀', 2],
    ['◔ ●', 3],
    ['한국어', 6],
    ['', 0],
  ])('%j takes %i columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it('is cut by columns, never within a character', () => {
    expect(cutToWidth('abcdef', 4)).toBe('abc…');
    expect(cutToWidth('日本語', 4)).toBe('日…');
    expect(cutToWidth('日本', 4)).toBe('日本');
    expect(cutToWidth('abc', 0)).toBe('');
    for (let columns = 0; columns < 12; columns++)
      expect(textWidth(cutToWidth('a日b本c👩‍🚀d', columns))).toBeLessThanOrEqual(columns);
  });

  it('cannot command the terminal', () => {
    expect(printable('a\x1b[2Jb\u009bc\u202ed\ne')).toBe('a\uFFFD[2Jb\uFFFDc\uFFFDd e');
    expect(printable('a\n\tb\x07', true)).toBe('a\n\tb\uFFFD');
  });
});
