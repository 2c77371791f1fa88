import { expect, inject, test } from 'vitest';
import { budget } from '../bed/budget.ts';
import { queueRounds } from './rounds.ts';

test.each(['sqlite', 'postgres'] as const)('many more rounds of workers in trouble: %s', async (engine) => {
  const verdict = await queueRounds(
    budget(50, 1_000),
    engine === 'postgres' ? inject('postgresUrl') : undefined,
  );
  expect(verdict).toMatchObject({
    wrongEnds: [],
    staleWrites: [],
    lateWrites: [],
    differences: [],
    complaints: [],
  });
});
