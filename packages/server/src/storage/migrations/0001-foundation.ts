import type { Migration } from './migration.ts';

/**
 * The first schema. Names in braces differ between the engines (see migration.ts). No foreign key points at `jobs`:
 * events and log lines may be distributed over machines by job (Citus), and jobs are never deleted one table at a time.
 */
export const foundation: Migration = {
  version: 1,
  name: 'foundation',
  statements: [
    `CREATE TABLE jobs (
      id {id},
      external_id TEXT,
      source TEXT NOT NULL,
      external_at {int} NOT NULL,
      provider_id {int} NOT NULL,
      execution TEXT NOT NULL,
      kind TEXT NOT NULL,
      name TEXT NOT NULL,
      configuration_id {int},
      configuration_tag TEXT,
      configuration_version TEXT,
      open_steps {int} NOT NULL,
      status TEXT NOT NULL,
      step TEXT,
      progress {real} NOT NULL,
      percent {real},
      error TEXT,
      stalled {int} NOT NULL,
      target TEXT,
      operation TEXT,
      project TEXT,
      user_name TEXT,
      customer TEXT,
      parent_id {int},
      attempt {int} NOT NULL,
      max_attempts {int} NOT NULL,
      priority {int} NOT NULL,
      run_after {int},
      solver TEXT,
      submit_directory TEXT,
      job_directory TEXT,
      log_file TEXT,
      readme_file TEXT,
      analysis_status TEXT NOT NULL,
      assessment TEXT,
      version {int} NOT NULL,
      submitted_at {int} NOT NULL,
      started_at {int},
      ended_at {int},
      estimated_end_at {int},
      created_at {int} NOT NULL,
      updated_at {int} NOT NULL,
      seen_at {int} NOT NULL
    ){strict}`,
    `CREATE UNIQUE INDEX jobs_external ON jobs (provider_id, source, external_id, external_at) WHERE external_id IS NOT NULL`,
    `CREATE INDEX jobs_external_id ON jobs (external_id) WHERE external_id IS NOT NULL`,
    `CREATE INDEX jobs_status ON jobs (status, id)`,
    `CREATE INDEX jobs_project ON jobs (project, id) WHERE project IS NOT NULL`,
    `CREATE INDEX jobs_provider ON jobs (provider_id, id)`,
    `CREATE INDEX jobs_customer ON jobs (provider_id, customer, id) WHERE customer IS NOT NULL`,
    `CREATE INDEX jobs_user ON jobs (user_name, id) WHERE user_name IS NOT NULL`,
    `CREATE INDEX jobs_submitted ON jobs (submitted_at, id)`,
    `CREATE INDEX jobs_ended ON jobs (ended_at, id) WHERE ended_at IS NOT NULL`,
    `CREATE INDEX jobs_parent ON jobs (parent_id, id) WHERE parent_id IS NOT NULL`,
    `CREATE INDEX jobs_target ON jobs (target, id) WHERE target IS NOT NULL`,
    `CREATE INDEX jobs_configuration ON jobs (configuration_id, id) WHERE configuration_id IS NOT NULL`,
    `CREATE TABLE annotations (job_id {key}, info TEXT NOT NULL, summary TEXT NOT NULL){strict}`,
    `CREATE TABLE documents (job_id {key}, parameters {json}, context {json}, metadata {json}){strict}`,
    `CREATE TABLE steps (
      job_id {int} NOT NULL,
      position {int} NOT NULL,
      tag TEXT NOT NULL,
      name TEXT NOT NULL,
      points {real} NOT NULL,
      status TEXT NOT NULL,
      percent {real},
      message TEXT,
      metadata {json},
      started_at {int},
      ended_at {int},
      PRIMARY KEY (job_id, position)
    ){clustered}`,
    {
      sqlite: `CREATE TABLE events (
        id INTEGER PRIMARY KEY, tx INTEGER NOT NULL DEFAULT 0, job_id INTEGER NOT NULL, kind TEXT NOT NULL, step TEXT,
        status TEXT, percent REAL, message TEXT, metadata TEXT, attempt INTEGER NOT NULL, cause TEXT, unapplied TEXT,
        actor TEXT, at INTEGER NOT NULL, received_at INTEGER NOT NULL
      ) STRICT`,
      postgres: `CREATE TABLE events (
        id BIGINT NOT NULL, tx BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint), job_id BIGINT NOT NULL,
        kind TEXT NOT NULL, step TEXT, status TEXT, percent DOUBLE PRECISION, message TEXT, metadata JSONB,
        attempt BIGINT NOT NULL, cause TEXT, unapplied TEXT, actor TEXT, at BIGINT NOT NULL, received_at BIGINT NOT NULL,
        PRIMARY KEY (job_id, id)
      )`,
    },
    {
      sqlite: `CREATE INDEX events_job ON events (job_id)`,
      postgres: `CREATE INDEX events_order ON events (tx, id)`,
    },
    `CREATE TABLE event_keys (
      job_id {int} NOT NULL, key TEXT NOT NULL, event_id {int} NOT NULL, PRIMARY KEY (job_id, key)
    ){clustered}`,
    {
      sqlite: `CREATE TABLE log_lines (
        job_id INTEGER NOT NULL, id INTEGER NOT NULL, tx INTEGER NOT NULL DEFAULT 0, step TEXT, stream TEXT,
        message TEXT NOT NULL, at INTEGER NOT NULL, received_at INTEGER NOT NULL, PRIMARY KEY (job_id, id)
      ) STRICT, WITHOUT ROWID`,
      postgres: `CREATE TABLE log_lines (
        job_id BIGINT NOT NULL, id BIGINT NOT NULL, tx BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
        step TEXT, stream TEXT, message TEXT NOT NULL, at BIGINT NOT NULL, received_at BIGINT NOT NULL,
        PRIMARY KEY (job_id, id, received_at)
      ) PARTITION BY RANGE (received_at)`,
    },
    { postgres: `CREATE TABLE log_lines_rest PARTITION OF log_lines DEFAULT` },
    // The stream reads what is new in the order of transactions; equal numbers cost this index next to nothing.
    { postgres: `CREATE INDEX log_lines_order ON log_lines (tx)` },
    `CREATE TABLE job_tags (job_id {int} NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (job_id, tag)){clustered}`,
    `CREATE INDEX job_tags_tag ON job_tags (tag, job_id)`,
    `CREATE TABLE base_runs (
      job_id {int} NOT NULL, external_id TEXT NOT NULL, base_id {int}, PRIMARY KEY (job_id, external_id)
    ){clustered}`,
    `CREATE INDEX base_runs_base ON base_runs (base_id, job_id) WHERE base_id IS NOT NULL`,
    `CREATE INDEX base_runs_unknown ON base_runs (external_id) WHERE base_id IS NULL`,
    `CREATE TABLE configurations (
      id {id}, provider_id {int} NOT NULL, tag TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
      steps {json} NOT NULL, created_at {int} NOT NULL, created_by TEXT, UNIQUE (provider_id, tag, version)
    ){strict}`,
    `CREATE TABLE targets (
      name TEXT PRIMARY KEY, active_job_id {int}, last_job_id {int}, group_name TEXT, updated_at {int} NOT NULL
    ){clustered}`,
    `CREATE TABLE maintenance (
      id {id}, paused {int} NOT NULL, reason TEXT NOT NULL, actor TEXT, starts_at {int} NOT NULL, ends_at {int},
      created_at {int} NOT NULL
    ){strict}`,
    `CREATE TABLE duties (
      name TEXT PRIMARY KEY, owner TEXT, lease_until {int} NOT NULL, next_at {int} NOT NULL, started_at {int},
      ended_at {int}, error TEXT, state {json}
    ){strict}`,
    `CREATE TABLE projects (name TEXT PRIMARY KEY, title TEXT, created_at {int} NOT NULL){strict}`,
    `CREATE TABLE providers (id {id}, name TEXT NOT NULL UNIQUE, created_at {int} NOT NULL){strict}`,
    `CREATE TABLE users (
      id {id}, name TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, email TEXT, role TEXT NOT NULL,
      provider_id {int} NOT NULL, password_hash TEXT, language TEXT, disabled_at {int}, created_at {int} NOT NULL
    ){strict}`,
    `CREATE TABLE customers (
      user_id {int} NOT NULL, provider_id {int} NOT NULL, customer TEXT NOT NULL,
      PRIMARY KEY (user_id, provider_id, customer)
    ){clustered}`,
    `CREATE TABLE grants (user_id {int}, key_id {int}, project TEXT NOT NULL){strict}`,
    `CREATE UNIQUE INDEX grants_user ON grants (user_id, project) WHERE user_id IS NOT NULL`,
    `CREATE UNIQUE INDEX grants_key ON grants (key_id, project) WHERE key_id IS NOT NULL`,
    `CREATE TABLE api_keys (
      id {id}, name TEXT NOT NULL, prefix TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, role TEXT NOT NULL,
      provider_id {int} NOT NULL, note TEXT, created_by TEXT, created_at {int} NOT NULL, expires_at {int},
      revoked_at {int}, last_used_at {int}
    ){strict}`,
    `CREATE TABLE sessions (
      hash TEXT PRIMARY KEY, user_id {int} NOT NULL, created_at {int} NOT NULL, expires_at {int} NOT NULL
    ){clustered}`,
    `CREATE INDEX sessions_user ON sessions (user_id)`,
    `CREATE TABLE sign_in_links (
      hash TEXT PRIMARY KEY, user_id {int} NOT NULL, created_at {int} NOT NULL, expires_at {int} NOT NULL
    ){clustered}`,
    `CREATE TABLE saved_views (
      id {id}, owner_id {int} NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, shared {int} NOT NULL,
      is_default {int} NOT NULL, version {int} NOT NULL, created_at {int} NOT NULL, updated_at {int} NOT NULL,
      UNIQUE (owner_id, name)
    ){strict}`,
    `CREATE TABLE idempotency_keys (
      actor TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status {int} NOT NULL, body TEXT NOT NULL,
      created_at {int} NOT NULL, PRIMARY KEY (actor, key)
    ){clustered}`,
    `CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at)`,
    `CREATE TABLE audit (
      id {id}, at {int} NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, detail {json}
    ){strict}`,
    `CREATE TABLE counters (name TEXT PRIMARY KEY, value {int} NOT NULL){clustered}`,
    {
      sqlite: `INSERT INTO counters (name, value) VALUES ('events', 0)`,
      postgres: `CREATE SEQUENCE event_ids`,
    },
  ],
};
