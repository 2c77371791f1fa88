import type { Generated } from 'kysely';

/** The tables of bundles, of what the archive found in them, and of uploads (migrations 8 and 11). */

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
