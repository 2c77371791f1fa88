import { expect, test } from 'vitest';
import { disagreements } from '../../packages/server/src/tar/testing/agreement.ts';
import { gnuTar, python } from '../../packages/server/src/tar/testing/other-readers.ts';
import { budget } from '../bed/budget.ts';

/**
 * Mutants of valid tars, for as long as the budget says: what we take, GNU tar and Python take for the same. The short budget
 * asks the same ones in the same order, so that a change is judged by them and not by chance.
 */
test.skipIf(!gnuTar.present || !python.present)('no tar that is taken means something else to others', () => {
  const until = performance.now() + budget(20, 600) * 1_000;
  let accepted = 0;
  for (let seed = budget(1, Math.floor(Math.random() * 2 ** 31)); performance.now() < until; seed++) {
    const round = disagreements(seed, 3_000, [gnuTar, python]);
    expect({ seed, found: round.found }).toEqual({ seed, found: [] });
    accepted += round.accepted;
  }
  expect(accepted).toBeGreaterThan(300);
});
