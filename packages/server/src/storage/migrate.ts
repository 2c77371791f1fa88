import { sql } from 'kysely';
import { migrations } from './migrations/index.ts';
import { migrationSql } from './migrations/migration.ts';
import type { Store, Transaction } from './store.ts';

/** A database that a newer Daybook has written: this one must not touch it. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError';
}

/** Any number that nobody else uses: it names our advisory lock, held until the migrating transaction ends. */
const LOCK = 7_205_831_001;

/**
 * Brings the schema up to date, each migration in a transaction of its own. Safe to run twice and by several processes at
 * once. Answers the names of the migrations that this call applied.
 */
export async function migrate(store: Store): Promise<string[]> {
  const applied: string[] = [];
  for (const migration of migrations) {
    const ran = await store.write(async (transaction) => {
      const version = await schemaVersion(store, transaction);
      const newest = migrations.at(-1)?.version ?? 0;
      if (version > newest)
        throw new SchemaTooNewError(
          `the database has schema ${version}, this Daybook knows ${newest}: use a newer one`,
        );
      if (version >= migration.version) return false;
      for (const text of migrationSql(migration, store.profile.name))
        await sql.raw(text).execute(transaction.db);
      await sql`INSERT INTO schema_migrations (version, name, applied_at)
        VALUES (${migration.version}, ${migration.name}, ${Date.now()})`.execute(transaction.db);
      return true;
    });
    if (ran) applied.push(migration.name);
  }
  return applied;
}

/** The schema that a database has, 0 for none, and the one that this Daybook wants. Changes nothing. */
export async function schemaVersions({ read }: Store): Promise<{ found: number; wanted: number }> {
  const wanted = migrations.at(-1)?.version ?? 0;
  const tables = await read.introspection.getTables();
  if (!tables.some(({ name }) => name === 'schema_migrations')) return { found: 0, wanted };
  const { rows } = await sql<{
    version: number | null;
  }>`SELECT max(version) AS version FROM schema_migrations`.execute(read);
  return { found: rows[0]?.version ?? 0, wanted };
}

async function schemaVersion(store: Store, { db }: Transaction): Promise<number> {
  if (store.profile.name === 'postgres') await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(db);
  await sql`CREATE TABLE IF NOT EXISTS schema_migrations
    (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)`.execute(db);
  const { rows } = await sql<{
    version: number | null;
  }>`SELECT max(version) AS version FROM schema_migrations`.execute(db);
  return rows[0]?.version ?? 0;
}
