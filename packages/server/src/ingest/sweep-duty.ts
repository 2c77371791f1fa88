import type { Logger } from 'pino';
import type { Duty } from '../duties/duties.ts';
import type { Receptions } from './reception.ts';

/** Removes what nobody will go on with. Runs at start, too. */
export function sweepBundles(receptions: Receptions, log: Logger): Duty {
  return {
    name: 'sweep-bundles',
    every: 6 * 3_600_000,
    async run() {
      const removed = await receptions.sweep();
      if (removed > 0) log.info({ removed }, 'unfinished bundles were removed from the archive');
    },
  };
}
