import type { Migration } from './migration.ts';

/** Invitations by which providers and customers sign up, and links by which anybody follows one job. */
export const people: Migration = {
  version: 4,
  name: 'people',
  statements: [
    `ALTER TABLE customers ADD COLUMN created_at {int} NOT NULL DEFAULT 0`,
    `CREATE INDEX customers_provider ON customers (provider_id, customer)`,
    `CREATE TABLE invitations (
      id {id}, hash TEXT NOT NULL UNIQUE, role TEXT NOT NULL, provider_id {int} NOT NULL, customer TEXT, note TEXT,
      created_by TEXT NOT NULL, created_at {int} NOT NULL, expires_at {int} NOT NULL, revoked_at {int},
      accepted_at {int}, user_id {int}
    ){strict}`,
    `CREATE INDEX invitations_provider ON invitations (provider_id, id)`,
    `CREATE TABLE shares (
      id {id}, job_id {int} NOT NULL, hash TEXT NOT NULL UNIQUE, badge_hash TEXT NOT NULL UNIQUE, note TEXT,
      created_by TEXT NOT NULL, created_at {int} NOT NULL, expires_at {int} NOT NULL, revoked_at {int}
    ){strict}`,
    `CREATE INDEX shares_job ON shares (job_id, id)`,
  ],
};
