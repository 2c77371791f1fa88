import type { Logger } from 'pino';
import type { Duty } from '../duties/duties.ts';
import type { Receptions } from './reception.ts';

/** Removes what nobody will go on with; bytes of failed bundles after the quarantine, milliseconds. Runs at start, too. */
export function sweepBundles(receptions: Receptions, quarantine: number, log: Logger): Duty {
  return {
    name: 'sweep-bundles',
    every: 6 * 3_600_000,
    async run() {
      const { removed, unknown } = await receptions.sweep(quarantine);
      if (removed > 0) log.info({ removed }, 'unfinished bundles were removed from the archive');
      if (unknown.length > 0)
        log.warn(
          { count: unknown.length, folders: unknown.slice(0, 10) },
          'the archive holds bundles that this database does not know; they are left alone',
        );
    },
  };
}
