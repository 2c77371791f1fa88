import { expect, test } from 'vitest';
import { disagreements } from '../../packages/server/src/tar/testing/agreement.ts';
import { gnuTar, python } from '../../packages/server/src/tar/testing/other-readers.ts';
import { budget } from '../bed/budget.ts';

/**
 * Mutants of valid tars, for as long as the budget says: what we take, GNU tar and Python
 * take for the same or not at all. The short budget
 * always asks the same ones, so that a change is judged by them and not by chance.
 */
test.skipIf(!gnuTar.present || !python.present)('no tar that is taken means something else to others', () => {
  const until = performance.now() + budget(20, 600) * 1_000;
  let accepted = 0;
  for (let seed = budget(1, Math.floor(Math.random() * 2 ** 31)); performance.now() < until; seed++) {
    const round = disagreements(seed, 3_000, [gnuTar, python]);
    // One that another reader refuses whole is told, and is a case for the parser; one that it reads differently is a fault.
    const [refused, different] = [
      round.found.filter(({ theirs }) => theirs === undefined),
      round.found.filter(({ theirs }) => theirs !== undefined),
    ];
    for (const { reader, tar } of refused)
      console.info(`seed ${seed}: ${reader} refuses what we take: ${tar}`);
    expect({ seed, different }).toEqual({ seed, different: [] });
    accepted += round.accepted;
  }
  expect(accepted).toBeGreaterThan(300);
});
