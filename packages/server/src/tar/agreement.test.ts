import { describe, expect, test } from 'vitest';
import { disagreements } from './testing/agreement.ts';
import { gnuTar, python } from './testing/other-readers.ts';

/** A few of what tests/ingest/fuzz.prove.ts does for long. */
describe.each([gnuTar, python])('what we take for a valid tar', (reader) => {
  test.skipIf(!reader.present)(`holds the same to $name`, () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const { accepted, found } = disagreements(seed, 1_500, [reader]);
    expect({ seed, found }).toEqual({ seed, found: [] });
    expect(accepted).toBeGreaterThan(50);
  });
});
