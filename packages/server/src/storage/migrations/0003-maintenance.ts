import type { Migration } from './migration.ts';

/**
 * Maintenance: windows that end before their time, pauses of some configurations, and configurations that no pause
 * stops. Its history has a first entry from the start (contracts/microdata.md), made here so that it never moves.
 */
export const maintenance: Migration = {
  version: 3,
  name: 'maintenance',
  statements: [
    `ALTER TABLE maintenance ADD COLUMN configurations {json}`,
    `ALTER TABLE maintenance ADD COLUMN ended_at {int}`,
    `ALTER TABLE maintenance ADD COLUMN ended_by TEXT`,
    // Targets of jobs that had ended when they were told.
    `INSERT INTO targets (name, last_job_id, updated_at)
      SELECT target, max(id), max(updated_at) FROM jobs WHERE target IS NOT NULL GROUP BY target
      ON CONFLICT (name) DO NOTHING`,
    // Every claim asks for these.
    `CREATE INDEX maintenance_open ON maintenance (starts_at) WHERE paused = 1 AND ended_at IS NULL`,
    `ALTER TABLE configurations ADD COLUMN pausable {int} NOT NULL DEFAULT 1`,
    {
      sqlite: firstEntry(`CAST(unixepoch('subsec') * 1000 AS INTEGER)`),
      postgres: firstEntry(`(extract(epoch FROM now()) * 1000)::bigint`),
    },
  ],
};

function firstEntry(now: string): string {
  return `INSERT INTO maintenance (paused, reason, actor, starts_at, created_at)
    SELECT 0, 'Daybook was set up', 'daybook', clock.ms, clock.ms FROM (SELECT ${now} AS ms) AS clock`;
}
