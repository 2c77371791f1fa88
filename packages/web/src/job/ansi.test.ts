import { expect, test } from 'vitest';
import { readAnsi } from './ansi.ts';

const textOf = (line: string) =>
  readAnsi(line)
    .map((piece) => piece.text)
    .join('');

test('keeps colours and weights', () => {
  expect(readAnsi('\u001b[31m*** Error\u001b[0m at \u001b[1;94m42')).toEqual([
    { text: '*** Error', color: 1 },
    { text: ' at ' },
    { text: '42', bold: true, color: 12 },
  ]);
});

test('drops cursor movements, titles and hyperlinks', () => {
  expect(textOf('\u001b[2K\u001b[1Gbuilding \u001b]0;title\u0007now\u001b]8;;http://x\u001b\\ link')).toBe(
    'building now link',
  );
});

test('shows what a progress bar wrote last', () => {
  expect(textOf(' 10 %\r 50 %\r100 %')).toBe('100 %');
  expect(textOf('windows line\r')).toBe('windows line');
});

test('256 and true colours do not spill into the text or the next style', () => {
  expect(readAnsi('\u001b[38;5;9mred\u001b[38;2;1;2;3;1mbold')).toEqual([
    { text: 'red', color: 9 },
    { text: 'bold', color: 9, bold: true },
  ]);
});

test('an unfinished sequence hides nothing after it', () => {
  expect(textOf('a\u001b[31')).toContain('a');
  expect(textOf('tab\tstays, bell\u0007 goes')).toBe('tab\tstays, bell goes');
});
