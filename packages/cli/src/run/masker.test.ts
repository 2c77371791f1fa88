import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASK, Masker } from './masker.ts';

describe('a masker', () => {
  it('leaves no secret and no part of one, also where they overlap', () => {
    const masker = new Masker(['abcd', 'cdef', 'ghi\n  jkl']);
    expect(masker.mask('x abcdef y')).toBe(`x ${MASK} y`);
    expect(masker.mask('abcd abcd')).toBe(`${MASK} ${MASK}`);
    expect(masker.mask('jkl, ghi\n  jkl')).toBe(`${MASK}, ${MASK}`);
    expect(masker.mask('abc')).toBe('abc');
    expect(new Masker(['']).mask('abc')).toBe('abc');
  });

  it('masks the same wherever the text is cut', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', ' ') });
    fc.assert(
      fc.property(
        fc.array(letters),
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 5 })),
        (pieces, secrets) => {
          const masker = new Masker(secrets);
          const stream = masker.stream();
          const cut = pieces.map((piece) => stream.push(piece)).join('') + stream.end();
          expect(cut).toBe(masker.mask(pieces.join('')));
          for (const secret of secrets) expect(cut).not.toContain(secret);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('holds back no more than the beginning of a secret', () => {
    const stream = new Masker(['secret']).stream();
    expect(stream.push('all of this sec')).toBe('all of this ');
    expect(stream.push('ond')).toBe('second');
    expect(stream.push('secre')).toBe('');
    expect(stream.push('t!')).toBe(`${MASK}!`);
  });
});
