import type { Generated } from 'kysely';
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

/** A tar of the archive, or on its way there: nobody sees it before its state is `published`. */
export interface BundlesTable {
  id: Generated<number>;
  job_id: number;
  /** Of its objects in the store, `2026/11/UUID`. */
  folder: string;
  /** `receiving`, `received`, `published`. */
  state: string;
  /** Bytes of the tar; while it is received, those that are safe. */
  size: number;
  members: number;
  /** Members that are files, but for `metadata.txt`. */
  files: number;
  /** Files that the metadata does not list. */
  unlisted: number;
  metadata_offset: number | null;
  metadata_size: number | null;
  /** CRC-32 of everything in the tar that is no content, hexadecimal. */
  skeleton: string | null;
  /** Set when it is sealed. */
  manifest_size: number | null;
  manifest_sha256: string | null;
  /** While it is received: where to go on. */
  checkpoint: string | null;
  /** The process that receives it, and when that last said so. */
  owner: string | null;
  created_at: number;
  touched_at: number;
  /** When it is removed, if it is not published. */
  expires_at: number | null;
  published_at: number | null;
  verified_at: number | null;
  verified_state: string | null;
}

/** Written while the bundle arrives, so they are there before anybody may see them. */
export interface BundleMembersTable {
  bundle_id: number;
  position: number;
  path: string;
  kind: string;
  header_at: number;
  data_at: number;
  size: number;
  modified_at: number | null;
  mode: number;
  sha256: string | null;
  /** What the metadata declares, or guesses say it will. */
  hash_type: string | null;
  hash: string | null;
  listed: number;
  mime_type: string | null;
}

/** One reading of a bundle against its index; `result` is null while it goes on. */
export interface VerificationsTable {
  id: Generated<number>;
  bundle_id: number;
  started_at: number;
  ended_at: number | null;
  /** `ok`, `damaged`, or `unreadable` when the store could not be read. */
  result: string | null;
  bytes: number;
  /** `scheduled` or `asked`. */
  reason: string;
  actor: string | null;
  detail: string | null;
}

/** Something in the archive is not as it was. Stays until a person closes it; nothing is ever deleted for it. */
export interface IncidentsTable {
  id: Generated<number>;
  bundle_id: number;
  verification_id: number;
  path: string | null;
  kind: string;
  expected: string | null;
  found: string | null;
  opened_at: number;
  closed_at: number | null;
  closed_by: string | null;
  note: string | null;
}

/** How the bytes of an ingest job come. Kept with the job: a retry needs to know who brought it. */
export interface UploadsTable {
  job_id: number;
  /** `post`: one request; `tus`: resumable; `move`: from the server's own disk. */
  door: string;
  /** Kind and number of who may go on with it. */
  owner: string;
  /** The label of who brought it. */
  label: string;
  /** The user that policies are asked about. */
  user_name: string;
  /** 1 if files that the metadata does not list fail it. */
  strict_listing: number;
  /** Bytes to come; null if nobody said. */
  length: number | null;
  /** What its sender said of it (Upload-Metadata). */
  said: string;
  /** The number of its first file, if its files have been given numbers. */
  first_file: number | null;
  created_at: number;
  touched_at: number;
  /** When it is given up if nothing more comes. */
  expires_at: number;
  /** When all of it had come. */
  received_at: number | null;
}
