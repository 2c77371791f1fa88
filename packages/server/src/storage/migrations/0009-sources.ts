import type { Migration } from './migration.ts';

/**
 * Sources: where jobs come from by themselves, and what was seen of each of their jobs last. What was seen is text, not
 * JSON: PostgreSQL's jsonb forgets the order of names, and files are written back in theirs.
 */
export const sources: Migration = {
  version: 9,
  name: 'sources',
  statements: [
    `CREATE TABLE sources (
      id {id}, provider_id {int} NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, settings {json} NOT NULL,
      version {int} NOT NULL, enabled {int} NOT NULL, created_at {int} NOT NULL, created_by TEXT NOT NULL,
      removed_at {int}, cycle_at {int}, cycle_ms {int}, cycle {json}, ok_at {int}, failures {int} NOT NULL,
      error {json}, next_at {int} NOT NULL, UNIQUE (provider_id, name)
    ){strict}`,
    `CREATE TABLE source_items (
      source_id {int} NOT NULL, item TEXT NOT NULL, mark TEXT NOT NULL, hash TEXT NOT NULL, changes {int} NOT NULL,
      job_id {int}, external_id TEXT, parent_id TEXT, status TEXT, content TEXT, place TEXT, problem {json},
      seen_at {int} NOT NULL, changed_at {int} NOT NULL, quiet_since {int} NOT NULL, gone_at {int},
      PRIMARY KEY (source_id, item)
    ){strict}`,
    `CREATE INDEX source_items_job ON source_items (job_id) WHERE job_id IS NOT NULL`,
    `CREATE INDEX source_items_external ON source_items (source_id, external_id)`,
    `CREATE INDEX source_items_parent ON source_items (source_id, parent_id) WHERE parent_id IS NOT NULL`,
    `CREATE INDEX source_items_problem ON source_items (source_id, item) WHERE problem IS NOT NULL`,
    // Whose silence has to be watched.
    `CREATE INDEX source_items_quiet ON source_items (source_id, quiet_since) WHERE status = 'running'`,
    `CREATE TABLE source_edits (
      id {id}, source_id {int} NOT NULL, item TEXT NOT NULL, job_id {int} NOT NULL, state TEXT NOT NULL,
      change TEXT NOT NULL, base TEXT NOT NULL, found TEXT, actor TEXT NOT NULL, created_at {int} NOT NULL,
      settled_at {int}
    ){strict}`,
    `CREATE INDEX source_edits_job ON source_edits (job_id, id)`,
    `CREATE INDEX source_edits_pending ON source_edits (source_id, item) WHERE state = 'pending'`,
  ],
};
