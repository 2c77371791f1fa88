import { describe, expect, test } from 'vitest';
import { disagreements } from './testing/agreement.ts';
import { gnuTar, python } from './testing/other-readers.ts';

/** The same mutants every time; tests/ingest/fuzz.prove.ts makes others, for long. */
describe.each([gnuTar, python])('what we take for a valid tar', (reader) => {
  test.skipIf(!reader.present)(`holds the same to others`, () => {
    const { accepted, found } = disagreements(20_261_122, 1_500, [reader]);
    expect(found).toEqual([]);
    expect(accepted).toBeGreaterThan(50);
  });
});
