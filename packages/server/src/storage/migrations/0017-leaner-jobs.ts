import type { Migration } from './migration.ts';

/**
 * What a job is called and whose it is, beside it on PostgreSQL. There a job that begins or ends is a new version of its row, of
 * which every index of `jobs` gets an entry, whether its columns changed or not: more than half of what the queue wrote. What
 * stays as it is has its order in a table of its own, which follows by itself. Jobs of a provider, a user or a project are found by
 * their words.
 */
export const leanerJobs: Migration = {
  version: 17,
  name: 'leaner jobs',
  statements: [
    {
      postgres: `CREATE TABLE job_order (
        job_id BIGINT PRIMARY KEY, name TEXT NOT NULL, user_name TEXT NOT NULL, project TEXT NOT NULL
      )`,
    },
    {
      postgres: `INSERT INTO job_order (job_id, name, user_name, project)
        SELECT id, name, coalesce(user_name, ''), coalesce(project, '') FROM jobs ORDER BY id`,
    },
    { postgres: `CREATE INDEX job_order_name ON job_order (name, job_id)` },
    { postgres: `CREATE INDEX job_order_user ON job_order (user_name, job_id)` },
    { postgres: `CREATE INDEX job_order_project ON job_order (project, job_id)` },
    { postgres: `ANALYZE job_order` },
    {
      postgres: `CREATE FUNCTION put_jobs_in_order() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO job_order (job_id, name, user_name, project)
          SELECT id, name, coalesce(user_name, ''), coalesce(project, '') FROM added;
        RETURN NULL;
      END $$`,
    },
    {
      postgres: `CREATE TRIGGER jobs_put_in_order AFTER INSERT ON jobs
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION put_jobs_in_order()`,
    },
    {
      postgres: `CREATE FUNCTION reorder_job() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
        UPDATE job_order SET name = new.name, user_name = coalesce(new.user_name, ''), project = coalesce(new.project, '')
          WHERE job_id = new.id;
        RETURN NULL;
      END $$`,
    },
    {
      postgres: `CREATE TRIGGER jobs_reordered AFTER UPDATE OF name, user_name, project ON jobs FOR EACH ROW
        WHEN ((old.name, old.user_name, old.project) IS DISTINCT FROM (new.name, new.user_name, new.project))
        EXECUTE FUNCTION reorder_job()`,
    },
    { postgres: `DROP INDEX jobs_name` },
    { postgres: `DROP INDEX jobs_user` },
    { postgres: `DROP INDEX jobs_without_user` },
    { postgres: `DROP INDEX jobs_project` },
    { postgres: `DROP INDEX jobs_without_project` },
    { postgres: `DROP INDEX jobs_provider` },
  ],
};
