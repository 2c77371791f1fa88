import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lines } from './lines.ts';

function read(pieces: readonly string[], longest = 1_000): { lines: string[]; states: string[] } {
  const result = { lines: [] as string[], states: [] as string[] };
  const lines = new Lines(
    { onLine: (line) => result.lines.push(line), onState: (state) => result.states.push(state) },
    longest,
  );
  for (const piece of pieces) lines.push(piece);
  lines.end();
  return result;
}

describe('lines of output', () => {
  it.each([
    ['one\ntwo\n', ['one', 'two']],
    ['one\r\n\r\ntwo', ['one', '', 'two']],
    [' 10%\r 50%\r100%\n', ['100%']],
    [' 10%\r 50%\r', [' 50%']],
    ['100%\r\n', ['100%']],
    ['\x1b[31mred\x1b[0m\n', ['red']],
    ['\x1b[1G10%\x1b[1G20%\n', ['20%']],
    ['', []],
  ])('of %j are %j', (text, lines) => {
    expect(read([text]).lines).toEqual(lines);
  });

  it('tell every state of a progress bar', () => {
    expect(read(['1%\r2%\r', '\r3%\ndone']).states).toEqual(['1%', '2%', '3%', 'done']);
  });

  it('are cut with a count', () => {
    expect(read(['x'.repeat(60), 'x'.repeat(60), '\nnext\n'], 100).lines).toEqual([
      `${'x'.repeat(100)} … [20 more characters cut]`,
      'next',
    ]);
  });

  it('are the same however the output is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\n') });
    fc.assert(
      fc.property(fc.array(text), (pieces) => {
        expect(read(pieces)).toEqual(read([pieces.join('')]));
      }),
    );
  });
});
