import { describe, expect, it } from 'vitest';
import { ProgressPatternError, percentIn, percentPattern } from './percent.ts';

describe('percent', () => {
  it.each([
    ['[ 45%] Building', 45],
    ['12.5 % of 3 files', 12.5],
    ['1,234  45%  1.2MB/s', 45],
    ['10% then 20%', 20],
    ['250% faster', undefined],
    ['version 1.2.30%', undefined],
    ['nothing', undefined],
  ])('in %j is %s', (text, percent) => {
    expect(percentIn(text, percentPattern(undefined) as RegExp)).toBe(percent);
  });

  it('is read by a pattern of one’s own', () => {
    expect(percentIn('epoch 3: done 0,5', percentPattern('done (\\S+)') as RegExp)).toBe(0.5);
    expect(percentPattern('')).toBeUndefined();
  });

  it('needs a pattern with a group', () => {
    expect(() => percentPattern('\\d+%')).toThrow(ProgressPatternError);
    expect(() => percentPattern('(\\d+%')).toThrow(ProgressPatternError);
    expect(() => percentPattern('(?:\\d+)%')).toThrow(/needs a group/);
  });
});
