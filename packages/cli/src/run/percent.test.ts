import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_PERCENT, type PercentReader, ProgressPatternError, percentReader } from './percent.ts';

function reader(pattern: string, onSlow = () => {}): PercentReader {
  return percentReader(pattern, onSlow) as PercentReader;
}

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
    expect(DEFAULT_PERCENT.read([text])).toEqual(percent === undefined ? [] : [percent]);
  });

  it('is read by a pattern of one’s own', () => {
    expect(reader('done (\\S+)').read(['epoch 3: done 0,5', 'rest', 'done 1'])).toEqual([0.5, 1]);
    expect(percentReader('', () => {})).toBeUndefined();
  });

  it('needs a pattern with a group', () => {
    expect(() => reader('\\d+%')).toThrow(ProgressPatternError);
    expect(() => reader('(\\d+%')).toThrow(ProgressPatternError);
    expect(() => reader('(?:\\d+)%')).toThrow(/needs a group/);
  });

  it('is no longer read by a pattern that takes too long', () => {
    const onSlow = vi.fn();
    const slow = reader('(a+)+$', onSlow);
    const started = performance.now();
    for (let line = 0; line < 20; line++) expect(slow.read([`${'a'.repeat(50)}b`])).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(onSlow).toHaveBeenCalledOnce();
  });
});
