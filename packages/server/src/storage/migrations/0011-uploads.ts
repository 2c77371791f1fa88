import type { Migration } from './migration.ts';

/** Uploads: how the bytes of an ingest job came, and how long one may go on with them. */
export const uploads: Migration = {
  version: 11,
  name: 'uploads',
  statements: [
    `CREATE TABLE uploads (
      job_id {key}, door TEXT NOT NULL, owner TEXT NOT NULL, label TEXT NOT NULL, user_name TEXT NOT NULL,
      strict_listing {int} NOT NULL, length {int}, said TEXT NOT NULL, first_file {int},
      created_at {int} NOT NULL, touched_at {int} NOT NULL, expires_at {int} NOT NULL, received_at {int}
    ){strict}`,
    // Those that are still to come: what a duty looks for.
    'CREATE INDEX uploads_open ON uploads (expires_at) WHERE received_at IS NULL',
  ],
};
