import { expect, inject, test } from 'vitest';
import { budget } from '../bed/budget.ts';
import { killRounds } from './rounds.ts';

test.each(['sqlite', 'postgres'] as const)('many more rounds of kill -9: %s', async (engine) => {
  const verdict = await killRounds(
    budget(50, 1_000),
    engine === 'postgres' ? inject('postgresUrl') : undefined,
  );
  expect(verdict).toMatchObject({ wrong: [], differences: [] });
  expect(verdict.edits.told).toBe(verdict.edits.version - 1);
});
