import { expect, it } from 'vitest';
import { budget } from '../bed/budget.ts';
import { hammer } from './hammer.ts';

it('16 processes make 1,000 changes each to 50 tickets and are killed all the time', async () => {
  const updates = budget(60, 1_000);
  const { acknowledged, reads, slowestAfterwards, ...rest } = await hammer({
    processes: 16,
    updates,
    tickets: 50,
    kills: budget(20, 200),
  });
  console.log(
    `${acknowledged} changes, ${reads} reads, the slowest afterwards ${Math.round(slowestAfterwards)} ms`,
  );
  expect(rest).toEqual({ lost: [], doubled: [], problems: [], leftovers: [] });
  expect(acknowledged).toBe(16 * updates);
  expect(slowestAfterwards).toBeLessThan(20_000);
});
