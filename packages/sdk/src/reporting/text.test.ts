import { eventInputSchema, limits } from '@daybook/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asText, cleanLabel, cleanObject, cleanPercent, cleanText } from './text.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 200 });

describe('what a script passes', () => {
  it('fits the wire afterwards, whatever it was', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withSparseArray: true }),
        anyText,
        (value, text) => {
          const metadata = cleanObject({ value, [text]: value });
          const event = {
            kind: 'step' as const,
            step: cleanLabel(text, limits.tag),
            message: cleanText(value),
            percent: cleanPercent(value) ?? 0,
            metadata,
          };
          const wire: unknown = JSON.parse(JSON.stringify(event));
          expect(eventInputSchema.safeParse(wire).error).toBeUndefined();
          expect(JSON.stringify(wire)).not.toContain('\\u0000');
          expect(JSON.stringify(wire).isWellFormed()).toBe(true);
        },
      ),
      { examples: [[[], '__proto__']] },
    );
  });

  it('is cut within its limit, with a mark that counts what is missing', () => {
    const cut = cleanText('x'.repeat(1_000), 100);
    expect(cut).toHaveLength(100);
    expect(cut).toMatch(/^x+ … \[900 more characters cut\]$/);
    expect(cleanText('x'.repeat(100), 100)).toBe('x'.repeat(100));
  });

  it('is never split within a character', () => {
    for (let length = 60; length < 64; length++)
      expect(cleanText('😀'.repeat(50), length).isWellFormed()).toBe(true);
  });

  it('may be an error with or without a name that says more', () => {
    expect(asText(new Error('no'))).toBe('no');
    expect(asText(new TypeError('no'))).toBe('TypeError: no');
    expect(
      asText({
        toString: () => {
          throw new Error('!');
        },
      }),
    ).toBe('something that cannot be shown');
  });

  it('keeps percents between 0 and 100', () => {
    expect([-1, 0.005, 33.333, 100.1, Number.POSITIVE_INFINITY].map(cleanPercent)).toEqual([
      0, 0.01, 33.33, 100, 100,
    ]);
    expect([Number.NaN, 'half', '', null].map(cleanPercent)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
