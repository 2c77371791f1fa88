import type { openStore } from '@daybook/server';
import { sql } from 'kysely';

type Store = ReturnType<typeof openStore>;

/** What follows the tables that are filled, by itself: an index or a trigger. */
interface Follower {
  readonly kind: 'INDEX' | 'TRIGGER';
  readonly name: string;
  readonly definition: string;
}

/**
 * Fills tables without their indexes, and writes these afterwards, as a restored backup does: that takes minutes where a
 * million single entries take half an hour. Answers the seconds that it took to write the indexes.
 */
export async function indexedAfterwards(store: Store, fill: () => Promise<unknown>): Promise<number> {
  const followers = await (store.profile.name === 'sqlite' ? sqliteFollowers : postgresFollowers)(store);
  await store.write(async ({ db }) => {
    for (const { kind, name } of followers) await sql.raw(`DROP ${kind} ${name}`).execute(db);
  });
  await fill();
  const begin = performance.now();
  if (store.profile.name === 'sqlite') await indexWords(store);
  for (const { definition } of followers)
    await store.write(async ({ db }) => {
      if (store.profile.name === 'postgres')
        await sql`SELECT set_config('maintenance_work_mem', '1GB', true)`.execute(db);
      await sql.raw(definition).execute(db);
    });
  return (performance.now() - begin) / 1_000;
}

async function sqliteFollowers({ read }: Store): Promise<Follower[]> {
  const { rows } = await sql<Follower>`SELECT upper(type) AS kind, name, sql AS definition FROM sqlite_master
    WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name IN ('jobs', 'job_words', 'job_tags')`.execute(
    read,
  );
  return rows;
}

async function postgresFollowers({ read }: Store): Promise<Follower[]> {
  const { rows } =
    await sql<Follower>`SELECT 'INDEX' AS kind, indexname AS name, indexdef AS definition FROM pg_indexes
    WHERE schemaname = current_schema() AND tablename IN ('jobs', 'job_order', 'job_words', 'word_index', 'job_tags')
      AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)`.execute(read);
  return rows;
}

/** FTS5 has no index that could be made afterwards: its tables are filled in the place of their triggers. */
async function indexWords(store: Store): Promise<void> {
  await store.write(async ({ db }) => {
    await sql`INSERT INTO word_index (rowid, words) SELECT job_id, words FROM job_words ORDER BY job_id`.execute(
      db,
    );
    await sql`INSERT INTO part_index (rowid, parts)
      SELECT job_id, name || char(10) || path FROM job_words ORDER BY job_id`.execute(db);
  });
}
