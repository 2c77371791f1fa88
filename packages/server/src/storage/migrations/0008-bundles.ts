import type { Migration } from './migration.ts';

/**
 * Bundles: the index of what the archive holds, how it was verified and what was found wrong. A bundle is invisible until it
 * has `published_at`; its members are written while it arrives.
 */
export const bundles: Migration = {
  version: 8,
  name: 'bundles',
  statements: [
    `CREATE TABLE bundles (
      id {id}, job_id {int} NOT NULL, folder TEXT NOT NULL, state TEXT NOT NULL, size {int} NOT NULL,
      members {int} NOT NULL, files {int} NOT NULL, unlisted {int} NOT NULL,
      metadata_offset {int}, metadata_size {int}, skeleton TEXT,
      manifest_size {int}, manifest_sha256 TEXT, checkpoint {json}, owner TEXT,
      created_at {int} NOT NULL, touched_at {int} NOT NULL, expires_at {int}, published_at {int},
      verified_at {int}, verified_state TEXT
    ){strict}`,
    'CREATE INDEX bundles_job ON bundles (job_id)',
    'CREATE INDEX bundles_state ON bundles (state, touched_at)',
    `CREATE INDEX bundles_verified ON bundles (verified_at, id) WHERE state = 'published'`,
    `CREATE TABLE bundle_members (
      bundle_id {int} NOT NULL, position {int} NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL,
      header_at {int} NOT NULL, data_at {int} NOT NULL, size {int} NOT NULL, modified_at {int}, mode {int} NOT NULL,
      sha256 TEXT, hash_type TEXT, hash TEXT, listed {int} NOT NULL, mime_type TEXT,
      PRIMARY KEY (bundle_id, position)
    ){clustered}`,
    // In the order of the bytes, as SQLite has it: what lies in a folder is one range.
    { postgres: 'ALTER TABLE bundle_members ALTER COLUMN path TYPE TEXT COLLATE "C"' },
    'CREATE UNIQUE INDEX bundle_members_path ON bundle_members (bundle_id, path)',
    `CREATE TABLE verifications (
      id {id}, bundle_id {int} NOT NULL, started_at {int} NOT NULL, ended_at {int}, result TEXT,
      bytes {int} NOT NULL, reason TEXT NOT NULL, actor TEXT, detail TEXT
    ){strict}`,
    'CREATE INDEX verifications_bundle ON verifications (bundle_id, id)',
    `CREATE TABLE incidents (
      id {id}, bundle_id {int} NOT NULL, verification_id {int} NOT NULL, path TEXT, kind TEXT NOT NULL,
      expected TEXT, found TEXT, opened_at {int} NOT NULL, closed_at {int}, closed_by TEXT, note TEXT
    ){strict}`,
    'CREATE INDEX incidents_bundle ON incidents (bundle_id, id)',
  ],
};
