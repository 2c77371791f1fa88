import type { Store } from '../storage/index.ts';

/**
 * Flags running reported jobs that have been silent since `before` (milliseconds): no more than a flag, because they
 * are not ours to stop. Whatever is heard of them takes it away again. Jobs of a source have its timeout, and are flagged
 * by it. Answers how many were flagged.
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
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(selectFrom('source_items').select('item').whereRef('source_items.job_id', '=', 'jobs.id')),
        ),
      )
      .executeTakeFirst(),
  );
  return Number(result.numUpdatedRows);
}
