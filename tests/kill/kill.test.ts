import { describe, expect, inject, test } from 'vitest';
import { cutRounds, killRounds } from './rounds.ts';

/** On each engine; `npm run prove` makes more. */
const ROUNDS = 50;

describe.concurrent('kill -9 under write load', () => {
  test.each(['sqlite', 'postgres'] as const)(
    'loses nothing that was acknowledged and applies nothing in part: %s',
    async (engine) => {
      const verdict = await killRounds(ROUNDS, engine === 'postgres' ? inject('postgresUrl') : undefined);
      console.info(
        `kill -9, ${engine}: ${verdict.rounds} rounds, ${verdict.acknowledged} acknowledged requests`,
      );
      expect(verdict).toMatchObject({ wrong: [], differences: [] });
      expect(verdict.edits.told).toBe(verdict.edits.version - 1);
      // A load that did not run would prove nothing.
      expect(verdict.acknowledged).toBeGreaterThan(ROUNDS * 5);
      expect(verdict.edits.version).toBeGreaterThan(1);
    },
    600_000,
  );
});

test('a database that cuts its connections takes neither the server along nor what was acknowledged', async () => {
  const verdict = await cutRounds(10, inject('postgresUrl'));
  expect(verdict).toMatchObject({ wrong: [], differences: [] });
  expect(verdict.edits.told).toBe(verdict.edits.version - 1);
  expect(verdict.acknowledged).toBeGreaterThan(50);
}, 120_000);
