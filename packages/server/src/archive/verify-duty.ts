import type { Duty } from '../duties/duties.ts';
import { type VerificationParts, verifyNext } from './verifications.ts';

/** Reads the archive anew, bundle after bundle: first what somebody asked for, then what was not read for longest. */
export function verifyArchive(parts: VerificationParts): Duty {
  return {
    name: 'verify-archive',
    every: 15_000,
    async run(signal) {
      while (!signal.aborted && (await verifyNext(parts, signal)));
    },
  };
}
