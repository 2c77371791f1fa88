import type { Migration } from './migration.ts';

/** Foretold ends of running jobs, kept to be held against the real ones. */
export const estimates: Migration = {
  version: 5,
  name: 'estimates',
  statements: [
    `CREATE TABLE estimates (
      job_id {int} NOT NULL, attempt {int} NOT NULL, percent {int} NOT NULL, end_at {int} NOT NULL,
      PRIMARY KEY (job_id, attempt, percent)
    ){strict}`,
  ],
};
