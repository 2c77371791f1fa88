import { expect, it } from 'vitest';
import { hammer } from './hammer.ts';

it('16 processes change 50 tickets and are killed: nothing is lost, torn or left locked', async () => {
  const { acknowledged, reads, slowestAfterwards, ...rest } = await hammer({
    processes: 16,
    updates: 30,
    tickets: 50,
    kills: 8,
  });
  expect(rest).toEqual({ lost: [], doubled: [], problems: [], leftovers: [] });
  expect(acknowledged).toBe(16 * 30);
  expect(reads).toBeGreaterThan(50);
  // Far below the half minute after which a lock of another machine counts as left behind.
  expect(slowestAfterwards).toBeLessThan(20_000);
});
