import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import type { Store } from './store.ts';
import { forEachEngine } from './testing/engines.ts';

const EVENTS = 400_000;

forEachEngine((engine, newDatabase) => {
  let store: Store;
  beforeAll(async () => {
    store = (await newDatabase()).open();
    await store.write(async ({ db }) => {
      await sql`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${sql.lit(EVENTS)})
        INSERT INTO events (id, tx, job_id, kind, step, attempt, at, received_at)
        SELECT n, n / 5, n / 20, 'step', 'mesh', 1, n, n FROM numbers`.execute(db);
    });
    if (engine === 'postgres')
      await store.write(async ({ db }) => {
        await sql`ANALYZE events`.execute(db);
        // As autovacuum does when a stretch of the table is full.
        await sql`SELECT brin_summarize_new_values('events_id')`.execute(db);
      });
  });

  // Old clients of the progress API name an event by its number alone.
  test('an event is found by its number without reading the others', async () => {
    const question = store.read
      .selectFrom('events')
      .select('job_id')
      .where('id', '=', EVENTS / 2);
    expect(await question.execute()).toEqual([{ job_id: EVENTS / 40 }]);
    if (engine === 'sqlite') {
      const plan = await sql<{
        detail: string;
      }>`EXPLAIN QUERY PLAN SELECT job_id FROM events WHERE id = 1`.execute(store.read);
      expect(plan.rows.map(({ detail }) => detail)).toEqual([
        'SEARCH events USING INTEGER PRIMARY KEY (rowid=?)',
      ]);
      return;
    }
    const { rows } = await sql<{
      pages: number;
    }>`SELECT relpages AS pages FROM pg_class WHERE relname = 'events'`.execute(store.read);
    const [answer] = await question.explain<{ 'QUERY PLAN': string }>('json', sql`ANALYZE, BUFFERS`);
    const [{ Plan: plan }] = JSON.parse(answer?.['QUERY PLAN'] ?? '');
    expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan((rows[0]?.pages ?? 0) / 5);
  });
});
