import { configurationSchema, jobStatuses } from '@daybook/core';
import { describe, expect, test } from 'vitest';
import { namesOf } from './creator.ts';
import { nativeStatuses, recipe, statusOnWire, storable, wireStatuses, wireTime } from './words.ts';

describe('words of the microdata job service', () => {
  test('every native status has one, and the filter finds it again', () => {
    for (const status of jobStatuses)
      for (const step of [null, 'validating', 'initiated', 'a step of somebody else'])
        expect(nativeStatuses(statusOnWire(status, step))).toContain(status);
    expect(Object.fromEntries(jobStatuses.map((status) => [status, statusOnWire(status, 'built')]))).toEqual({
      unknown: 'queued',
      queued: 'queued',
      running: 'built',
      finished: 'completed',
      succeeded: 'completed',
      failed: 'failed',
      other: 'failed',
      canceled: 'failed',
    });
    expect(statusOnWire('running', null)).toBe('initiated');
  });

  test('are those of the contract, and the recipe is one that anybody might have registered', () => {
    expect(wireStatuses.join(' ')).toBe(
      'queued initiated validating decrypting transforming pseudonymizing enriching converting partitioning built importing completed failed',
    );
    expect(configurationSchema.parse(recipe)).toEqual(recipe);
  });

  test('times have microseconds and no zone', () => {
    expect(wireTime(Date.parse('2022-05-18T11:40:22.519Z'))).toBe('2022-05-18T11:40:22.519000');
    expect(wireTime(Date.parse('2022-05-18T11:40:22.000Z'))).toBe('2022-05-18T11:40:22.000000');
  });

  test('text is made storable, not refused', () => {
    expect(storable('a\u0000b\ud800c')).toBe('a\ufffdb\ufffdc');
  });

  test.each([
    ['Data Admin', 'Data', 'Admin'],
    ['Data van den Admin', 'Data van den', 'Admin'],
    ['ci', 'ci', ''],
    ['  ', '', ''],
  ])('the name "%s" is "%s" and "%s"', (displayName, firstName, lastName) => {
    expect(namesOf(displayName)).toEqual({ firstName, lastName });
  });
});
