import type { Generated } from 'kysely';
import type {
  BundleMembersTable,
  BundlesTable,
  IncidentsTable,
  UploadsTable,
  VerificationsTable,
} from './bundle-tables.ts';
import type { SourceEditsTable, SourceItemsTable, SourcesTable } from './source-tables.ts';

export type * from './source-tables.ts';

/**
 * The tables, once for both engines. What differs between SQLite and PostgreSQL is kept out of these types: points in time are
 * milliseconds since 1970, truth values are 0 or 1, JSON is its text. See docs/adr/0003-one-schema-two-engines.md.
 *
 * `jobs` holds what is listed, filtered and sorted, and is updated with every event, so it is narrow. Bulky things
 * stand beside it: what people wrote in `annotations`, JSON of the job in `documents`.
 */
export interface Database {
  jobs: JobsTable;
  annotations: AnnotationsTable;
  documents: DocumentsTable;
  steps: StepsTable;
  events: EventsTable;
  event_keys: EventKeysTable;
  log_lines: LogLinesTable;
  job_tags: JobTagsTable;
  job_words: JobWordsTable;
  base_runs: BaseRunsTable;
  configurations: ConfigurationsTable;
  targets: TargetsTable;
  maintenance: MaintenanceTable;
  duties: DutiesTable;
  projects: ProjectsTable;
  providers: ProvidersTable;
  users: UsersTable;
  customers: CustomersTable;
  invitations: InvitationsTable;
  shares: SharesTable;
  grants: GrantsTable;
  api_keys: ApiKeysTable;
  sessions: SessionsTable;
  sign_in_links: SignInLinksTable;
  saved_views: SavedViewsTable;
  idempotency_keys: IdempotencyKeysTable;
  audit: AuditTable;
  counters: CountersTable;
  queue_limits: QueueLimitsTable;
  estimates: EstimatesTable;
  sources: SourcesTable;
  source_items: SourceItemsTable;
  source_edits: SourceEditsTable;
  images: ImagesTable;
  bulk_edits: BulkEditsTable;
  bulk_edit_jobs: BulkEditJobsTable;
  digest_subscriptions: DigestSubscriptionsTable;
  bundles: BundlesTable;
  bundle_members: BundleMembersTable;
  verifications: VerificationsTable;
  incidents: IncidentsTable;
  uploads: UploadsTable;
}

export interface JobsTable {
  id: Generated<number>;
  external_id: string | null;
  source: string;
  /** submittedAt if the caller gave it, else 0: makes an external id unique though schedulers' numbers wrap. */
  external_at: number;
  /** Who produced it; 0 is nobody. */
  provider_id: number;
  execution: string;
  kind: string;
  name: string;
  configuration_id: number | null;
  configuration_tag: string | null;
  configuration_version: string | null;
  /** 1 if steps are added as they are reported. */
  open_steps: number;
  status: string;
  step: string | null;
  progress: number;
  percent: number | null;
  error: string | null;
  stalled: number;
  target: string | null;
  operation: string | null;
  project: string | null;
  user_name: string | null;
  customer: string | null;
  parent_id: number | null;
  attempt: number;
  max_attempts: number;
  priority: number;
  run_after: number | null;
  solver: string | null;
  submit_directory: string | null;
  job_directory: string | null;
  log_file: string | null;
  readme_file: string | null;
  analysis_status: string;
  assessment: string | null;
  version: number;
  submitted_at: number;
  started_at: number | null;
  ended_at: number | null;
  estimated_end_at: number | null;
  created_at: number;
  updated_at: number;
  /** When its reporter or source last spoke of it. */
  seen_at: number;
  /** Of the last lease; it is held while it can expire. */
  lease_token: string | null;
  /** null: no worker holds it. */
  lease_expires_at: number | null;
  /** How the last lease ended: a status that its worker said, `released` or `lost`. */
  lease_ended: string | null;
  /** Who claimed it last. */
  worker: string | null;
  claimed_at: number | null;
  /** Tries that failed by themselves. */
  failures: Generated<number>;
  /** Leases lost since then. */
  losses: Generated<number>;
  /** 1 if it ends when its last child has ended. */
  ends_with_children: Generated<number>;
  max_failed_children: Generated<number>;
}

export interface AnnotationsTable {
  job_id: number;
  info: string;
  summary: string;
}

export interface DocumentsTable {
  job_id: number;
  parameters: string | null;
  context: string | null;
  metadata: string | null;
}

export interface StepsTable {
  job_id: number;
  position: number;
  tag: string;
  name: string;
  points: number;
  status: string;
  percent: number | null;
  message: string | null;
  metadata: string | null;
  started_at: number | null;
  ended_at: number | null;
}

/** `tx` orders what several processes write at once (PostgreSQL's transaction number); it is 0 on SQLite. */
export interface EventsTable {
  id: number;
  tx: Generated<number>;
  job_id: number;
  kind: string;
  step: string | null;
  status: string | null;
  percent: number | null;
  message: string | null;
  metadata: string | null;
  attempt: number;
  cause: string | null;
  unapplied: string | null;
  actor: string | null;
  at: number;
  received_at: number;
}

export interface EventKeysTable {
  job_id: number;
  key: string;
  event_id: number;
}

/** Ids come from the same sequence as those of events, so that both merge in order. */
export interface LogLinesTable {
  id: number;
  tx: Generated<number>;
  job_id: number;
  step: string | null;
  stream: string | null;
  message: string;
  at: number;
  received_at: number;
}

export interface JobTagsTable {
  job_id: number;
  tag: string;
}

/** What a query is held against (core's search document); the indexes of words follow it. */
export interface JobWordsTable {
  job_id: number;
  words: string;
  prose: string;
  name: string;
  path: string;
}

/** A base run that is not known yet has no `base_id`; it is linked when a job with its external id arrives. */
export interface BaseRunsTable {
  job_id: number;
  external_id: string;
  base_id: number | null;
}

export interface ConfigurationsTable {
  id: Generated<number>;
  provider_id: number;
  tag: string;
  name: string;
  version: string;
  /** Steps as JSON. */
  steps: string;
  created_at: number;
  created_by: string | null;
  /** 0 if its jobs are handed out during maintenance, too. */
  pausable: Generated<number>;
}

export interface TargetsTable {
  name: string;
  active_job_id: number | null;
  last_job_id: number | null;
  group_name: string | null;
  updated_at: number;
}

/** What was said of maintenance: a pause, now or for later, or (`paused` 0) that work goes on. */
export interface MaintenanceTable {
  id: Generated<number>;
  paused: number;
  reason: string;
  actor: string | null;
  starts_at: number;
  /** When it ends by itself. */
  ends_at: number | null;
  created_at: number;
  /** JSON list of the tags that are paused; null is everything that can be. */
  configurations: string | null;
  /** When somebody ended it, whatever the clocks say. */
  ended_at: number | null;
  ended_by: string | null;
}

export interface DutiesTable {
  name: string;
  owner: string | null;
  lease_until: number;
  next_at: number;
  started_at: number | null;
  ended_at: number | null;
  error: string | null;
  state: string | null;
}

export interface ProjectsTable {
  name: string;
  title: string | null;
  created_at: number;
}

export interface ProvidersTable {
  id: Generated<number>;
  name: string;
  created_at: number;
}

export interface UsersTable {
  id: Generated<number>;
  name: string;
  display_name: string;
  email: string | null;
  role: string;
  provider_id: number;
  password_hash: string | null;
  language: string | null;
  disabled_at: number | null;
  created_at: number;
}

export interface CustomersTable {
  user_id: number;
  provider_id: number;
  customer: string;
  /** When they accepted; 0 is not known. */
  created_at: Generated<number>;
}

/** By which somebody signs up; only the SHA-256 of its token is kept. */
export interface InvitationsTable {
  id: Generated<number>;
  hash: string;
  /** `customer` or `provider`. */
  role: string;
  /** Whose customer; for a provider, the one whose jobs they produce, 0 if one of their own is made. */
  provider_id: number;
  /** Their id at the provider; null is the number that they get at sign-up. */
  customer: string | null;
  note: string | null;
  created_by: string;
  /** The key that made it, if it was one and that is known. */
  made_by_key: number | null;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
  accepted_at: number | null;
  /** The user that accepted it. */
  user_id: number | null;
}

/** By which anybody follows one job; only the SHA-256 of its tokens is kept. */
export interface SharesTable {
  id: Generated<number>;
  job_id: number;
  hash: string;
  badge_hash: string;
  note: string | null;
  created_by: string;
  /** The key that made it, if it was one and that is known. */
  made_by_key: number | null;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
}

/** Which projects a user or a key may see; `*` is all of them. */
export interface GrantsTable {
  user_id: number | null;
  key_id: number | null;
  project: string;
}

/** Only the SHA-256 of a key is kept: keys are 256 random bits, so a fast hash is enough. */
export interface ApiKeysTable {
  id: Generated<number>;
  name: string;
  prefix: string;
  hash: string;
  role: string;
  provider_id: number;
  note: string | null;
  created_by: string | null;
  /** The key that made it, if it was one and that is known. */
  made_by_key: number | null;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
}

export interface SessionsTable {
  hash: string;
  user_id: number;
  created_at: number;
  expires_at: number;
}

export interface SignInLinksTable {
  hash: string;
  user_id: number;
  created_at: number;
  expires_at: number;
}

/** Lists that people keep. Owners are users: keys have none. */
export interface SavedViewsTable {
  id: Generated<number>;
  owner_id: number;
  name: string;
  /** As the address of the list has it, `status=failed&project=3001234`. */
  query: string;
  shared: number;
  is_default: number;
  version: number;
  created_at: number;
  updated_at: number;
}

export interface IdempotencyKeysTable {
  actor: string;
  key: string;
  fingerprint: string;
  status: number;
  body: string;
  created_at: number;
}

/** What was done to Daybook itself; what was done to a job is among its events. */
export interface AuditTable {
  id: Generated<number>;
  at: number;
  actor: string;
  action: string;
  subject: string;
  detail: string | null;
}

export interface CountersTable {
  name: string;
  value: number;
}

/** Most claimed jobs that run at once, of a configuration (tag) or on the targets of a group. */
export interface QueueLimitsTable {
  scope: string;
  name: string;
  max: number;
}

/** What end was foretold when a running job was `percent` through; once per attempt. */
export interface EstimatesTable {
  job_id: number;
  attempt: number;
  percent: number;
  end_at: number;
}

/** Images in the notes of a job; `type` is what their first bytes are, whatever was said. */
export interface ImagesTable {
  id: Generated<number>;
  job_id: number;
  name: string;
  type: string;
  /** Bytes. */
  size: number;
  /** SHA-256, base64url. */
  hash: string;
  content: Uint8Array;
  created_at: number;
  created_by: string;
}

/** One edit of many jobs, by whom, so that they can undo it. */
export interface BulkEditsTable {
  id: Generated<number>;
  actor_kind: string;
  actor_id: number;
  created_at: number;
  undone_at: number | null;
}

/** The fact that an edit wrote about each of its jobs: what was before stands there. */
export interface BulkEditJobsTable {
  edit_id: number;
  job_id: number;
  event_id: number;
}

/** Who gets the digest by mail, and until when they have got it. */
export interface DigestSubscriptionsTable {
  user_id: number;
  email: string;
  language: string;
  created_at: number;
  sent_until: number;
}
