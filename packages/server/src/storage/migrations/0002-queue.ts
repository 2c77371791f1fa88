import type { Migration } from './migration.ts';

/**
 * The queue. A lease is columns of its job, because every write of a worker asks for it. No index has `lease_expires_at`,
 * so that PostgreSQL renews leases in place (heap-only tuples); lost ones are looked for among the running jobs.
 */
export const queue: Migration = {
  version: 2,
  name: 'queue',
  statements: [
    `ALTER TABLE jobs ADD COLUMN lease_token TEXT`,
    `ALTER TABLE jobs ADD COLUMN lease_expires_at {int}`,
    `ALTER TABLE jobs ADD COLUMN lease_ended TEXT`,
    `ALTER TABLE jobs ADD COLUMN worker TEXT`,
    `ALTER TABLE jobs ADD COLUMN claimed_at {int}`,
    `ALTER TABLE jobs ADD COLUMN failures {int} NOT NULL DEFAULT 0`,
    `ALTER TABLE jobs ADD COLUMN losses {int} NOT NULL DEFAULT 0`,
    `ALTER TABLE jobs ADD COLUMN ends_with_children {int} NOT NULL DEFAULT 0`,
    `ALTER TABLE jobs ADD COLUMN max_failed_children {int} NOT NULL DEFAULT 0`,
    // What claims look through, in their order: all that waits, and what waits of one configuration. The status comes
    // first, though it says nothing: SQLite would take the index of all jobs by status otherwise, and sort.
    `CREATE INDEX jobs_waiting ON jobs (status, priority DESC, id) WHERE status = 'queued' AND execution = 'claimed'`,
    `CREATE INDEX jobs_waiting_of ON jobs (configuration_tag, priority DESC, id)
      WHERE status = 'queued' AND execution = 'claimed'`,
    // Whether a parent still has a child that goes on, however many have ended.
    `CREATE INDEX jobs_children ON jobs (parent_id)
      WHERE parent_id IS NOT NULL AND status IN ('queued', 'running', 'unknown')`,
    `CREATE TABLE queue_limits (
      scope TEXT NOT NULL, name TEXT NOT NULL, max {int} NOT NULL, PRIMARY KEY (scope, name)
    ){clustered}`,
    // Jobs are updated several times each: room in their pages for it, and vacuum before claims wade through dead rows.
    {
      postgres: `ALTER TABLE jobs SET (
        fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000
      )`,
    },
  ],
};
