import { sql } from 'kysely';
import type { Store } from '../index.ts';

/** PostgreSQL: until a transaction of this database waits for a lock of another. */
export async function somebodyWaits({ read }: Store): Promise<'waits'> {
  const waiting = sql`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  while ((await waiting.execute(read)).rows.length === 0);
  return 'waits';
}
