import type { Store } from '../storage/index.ts';

/**
 * Flags running reported jobs that have been silent since `before` (milliseconds): no more than a flag, because they
 * are not ours to stop. Whatever is heard of them takes it away again. Answers how many were flagged.
 */
export async function flagStalled(store: Store, before: number): Promise<number> {
  const result = await store.write(({ db }) =>
    db
      .updateTable('jobs')
      .set({ stalled: 1 })
      .where('status', '=', 'running')
      .where('execution', '=', 'reported')
      .where('stalled', '=', 0)
      .where('seen_at', '<', before)
      .executeTakeFirst(),
  );
  return Number(result.numUpdatedRows);
}
