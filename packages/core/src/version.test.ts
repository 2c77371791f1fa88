import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, latestVersion, nextVersion } from './version.ts';

describe('compareVersions', () => {
  test('orders as semver.org does (§11), and everything else around it', () => {
    const ordered = [
      '',
      'draft',
      'r2',
      'r12',
      '0.9.9',
      '1.0.0-1',
      '1.0.0-2',
      '1.0.0-10',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.0+build.1',
      '1.0.0+build.2',
      '1.0.1',
      '1.2',
      '1.2.3.4',
      '1.10.0',
      '2.0.0',
      'v2.1',
      '10.0.0',
      '99999999999999999999.0.0',
      '100000000000000000000.0.0',
    ];
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries()) {
        expect(Math.sign(compareVersions(a, b)), `${a} and ${b}`).toBe(Math.sign(i - j));
      }
    }
  });

  const version = fc.oneof(
    fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map((parts) => parts.join('.')),
    fc.stringMatching(/^v?[0-2]{1,2}(\.[0-2]){0,3}(-[0-1a-b]{1,2}(\.[0-1a-b]){0,2})?(\+[0-1a]{1,2})?$/),
    fc.string({ unit: fc.constantFrom(...'v.-+012ab'), maxLength: 6 }),
    fc.string({ maxLength: 5 }),
  );

  test('is a total order', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
        expect(compareVersions(a, b) === 0).toBe(a === b);
        if (compareVersions(a, b) < 0 && compareVersions(b, c) < 0)
          expect(compareVersions(a, c)).toBeLessThan(0);
      }),
      { numRuns: 20_000 },
    );
  });

  test('latestVersion is the greatest, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(version, { minLength: 1 }), (versions) => {
        expect(latestVersion(versions)).toBe([...versions].sort(compareVersions).at(-1));
      }),
    );
    expect(latestVersion([])).toBeUndefined();
    expect(latestVersion(['1.9.0', '1.10.0', '1.10.0-rc.1', 'draft'])).toBe('1.10.0');
  });
});

test.each([
  [[], '1.0.0'],
  [['1.0.0'], '1.1.0'],
  [['1.4.2', '1.10.3'], '1.11.0'],
  [['v2'], 'v2.1.0'],
  [['1.2.3.4'], '1.3.0.0'],
  [['1.2.0-beta.1'], '1.3.0'],
  [['99999999999999999999.99999999999999999999'], '99999999999999999999.100000000000000000000.0'],
  [['draft'], 'draft2'],
  [['r2', 'r12'], 'r13'],
])('the next version after %j is %s', (versions, next) => {
  expect(nextVersion(versions)).toBe(next);
  for (const version of versions) expect(compareVersions(next, version)).toBeGreaterThan(0);
});
