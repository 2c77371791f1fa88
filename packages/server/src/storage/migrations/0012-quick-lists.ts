import type { Migration } from './migration.ts';

/**
 * What long lists need to be quick in any order. Each index takes part in few writes: a job gets a duration when it ends, and
 * the others hold the few jobs that lack something.
 */
export const quickLists: Migration = {
  version: 12,
  name: 'quick lists',
  statements: [
    `CREATE INDEX jobs_duration ON jobs ((ended_at - started_at), id) WHERE ended_at IS NOT NULL AND started_at IS NOT NULL`,
    `CREATE INDEX jobs_without_user ON jobs (id) WHERE user_name IS NULL`,
    `CREATE INDEX jobs_without_project ON jobs (id) WHERE project IS NULL`,
    `CREATE INDEX jobs_stalled ON jobs (id) WHERE stalled = 1`,
    // By last change, what has ended is in order already, and of the rest there is little. Not on PostgreSQL: each progress
    // would write all indexes of the row anew (no HOT update), to spare a list that it sorts in half a second.
    { sqlite: `CREATE INDEX jobs_changed ON jobs (updated_at, id) WHERE ended_at IS NOT NULL` },
    { sqlite: `CREATE INDEX jobs_unended ON jobs (id) WHERE ended_at IS NULL` },
    // Which words begin like this: a look at the index itself.
    { sqlite: `CREATE VIRTUAL TABLE word_terms USING fts5vocab(word_index, instance)` },
  ],
};
