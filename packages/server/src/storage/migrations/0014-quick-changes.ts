import type { Migration } from './migration.ts';

/**
 * The order by last change on PostgreSQL. An index on `updated_at` would have each progress write all indexes of its row anew
 * (no HOT update). A column that is empty while a job goes on changes only when it ends, when all indexes are written
 * anyway, and when an ended job is edited. What goes on is little, and sorted.
 */
export const quickChanges: Migration = {
  version: 14,
  name: 'quick changes',
  statements: [
    {
      postgres: `ALTER TABLE jobs ADD COLUMN ended_updated_at BIGINT
        GENERATED ALWAYS AS (CASE WHEN ended_at IS NOT NULL THEN updated_at END) STORED`,
    },
    {
      postgres: `CREATE INDEX jobs_changed ON jobs (ended_updated_at, id) WHERE ended_updated_at IS NOT NULL`,
    },
  ],
};
