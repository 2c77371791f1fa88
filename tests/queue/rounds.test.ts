import { describe, expect, inject, test } from 'vitest';
import { queueRounds } from './rounds.ts';

/** On each engine; `npm run prove` makes more. */
const ROUNDS = 50;

describe('twenty workers, killed, frozen beyond their lease, and a server that dies', () => {
  test.each(['sqlite', 'postgres'] as const)(
    'do every job, each ends once, and no stale worker is heard: %s',
    async (engine) => {
      const verdict = await queueRounds(ROUNDS, engine === 'postgres' ? inject('postgresUrl') : undefined);
      const { jobs, attempts, lost } = verdict;
      console.info(`workers in trouble, ${engine}: ${jobs} jobs, ${attempts} attempts, ${lost} leases lost`);
      expect(verdict).toMatchObject({
        wrongEnds: [],
        staleWrites: [],
        lateWrites: [],
        differences: [],
        complaints: [],
      });
      // Trouble that troubled nobody would prove nothing.
      expect(lost).toBeGreaterThan(ROUNDS / 5);
      expect(attempts).toBe(jobs + lost);
    },
    // A limit for what hangs, not a measure: twenty processes share what cores there are.
    480_000,
  );
});
