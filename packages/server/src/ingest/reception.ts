import type { Transaction } from '../storage/index.ts';

/*
 * How a bundle gets into the archive: bytes are stored, parsed and hashed in one pass by a Reception; what has come whole is a
 * ReceivedBundle, which is checked against its metadata, sealed and published. Until then nobody sees it, and one call
 * removes it. Both can be left at any moment, also by a crash, and opened again by another process.
 */

/** A file that the metadata lists, its path cleaned (`data/a/b/foo.txt`). */
export interface ListedFile {
  readonly path: string;
  /** Bytes. */
  readonly size?: number | undefined;
  /** As written (`sha1`, `SHA-256`); one that the platform does not know fails the bundle by name. */
  readonly hashType?: string | undefined;
  /** Hexadecimal, in any case. */
  readonly hash?: string | undefined;
  readonly mimeType?: string | undefined;
}

/** A bundle on its way in. One at a time calls its methods. */
export interface Reception {
  readonly bundleId: number;
  readonly jobId: number;
  /** Bytes of the tar that it has taken. */
  readonly received: number;
  /** Bytes that stay whatever happens: where its sender goes on after a crash. At most 64 MiB less than `received`. */
  readonly safe: number;
  /**
   * `metadata.txt`, when it has come (at the earliest when its last byte was parsed, so that a bundle can be refused before its
   * files arrive); undefined as long as it has not, or when it ends further than 16 MiB into the tar.
   */
  readonly metadata: Uint8Array | undefined;
  /**
   * Takes the next bytes and copies them. Resolves when there is room for more.
   *
   * @throws BundleFault as soon as one is known: nothing more is taken then, `discard` it
   * @throws DaybookError `unavailable` when they cannot be stored (disk full, store down): `pause` it and go on later
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes safe what was taken and lets go of files and threads; `Receptions.resume` goes on. Answers `safe`. */
  pause(): Promise<number>;
  /** All bytes were written. Throws like `write`. */
  finish(): Promise<ReceivedBundle>;
  /** Removes every trace of it. */
  discard(): Promise<void>;
}

/** A bundle that has come whole: a well-formed tar with a `metadata.txt`, stored and hashed. */
export interface ReceivedBundle {
  readonly bundleId: number;
  readonly jobId: number;
  /** Bytes of the tar. */
  readonly size: number;
  /** Members of all kinds, and those that are files under `data/`. */
  readonly members: number;
  readonly files: number;
  /** `metadata.txt`, piece by piece, since it may be large; whoever reads them owns them. */
  readMetadata(signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Its bytes. */
  readonly metadataSize: number;
  /**
   * Holds the members against what the metadata lists; hashes again only what was not hashed as declared. Answers how many
   * files are not listed, with some of their paths. They come some hundred at once: each lot is one write. Safe to run again.
   *
   * @throws BundleFault of the task `ingest files`, with file, expected and found; also for files that are not listed, when
   * `strictListing`
   */
  checkFiles(
    listed: Iterable<readonly ListedFile[]> | AsyncIterable<readonly ListedFile[]>,
    options: CheckOptions,
  ): Promise<{ readonly unlisted: number; readonly examples: readonly string[] }>;
  /** Writes manifest and signed receipt beside the tar, durably, still invisible. Safe to run again. */
  seal(facts: BundleFacts, signal?: AbortSignal): Promise<void>;
  /** Makes it visible, within the transaction that says so in its job. It must be sealed. */
  publishWithin(transaction: Transaction): Promise<void>;
  /** Removes every trace of it. */
  discard(): Promise<void>;
}

export interface CheckOptions {
  readonly strictListing: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Files checked and files listed; the second is not known (undefined) before the list has ended. */
  onProgress?(checked: number): void;
}

/** What manifest and receipt say besides the members: the metadata's own values, and who brought them. */
export interface BundleFacts {
  /** Entries of the metadata that are no files, as they were given. */
  readonly metadata: readonly unknown[];
  readonly project: string | null;
  readonly submitter: string | null;
  readonly instrument: string | null;
  /** The actor's label (`key:ci`). */
  readonly receivedFrom: string;
}

export interface Swept {
  readonly removed: number;
  /** Folders of whole bundles that the database does not know: it may be the wrong one, so they are left alone. */
  readonly unknown: readonly string[];
}

/** The door of the archive. */
export interface Receptions {
  /** Begins a bundle of a job. */
  open(jobId: number): Promise<Reception>;
  /**
   * Goes on with a bundle that was paused, or left by a process that is gone.
   *
   * @throws DaybookError `conflict` while another process receives it, `not_found`
   */
  resume(bundleId: number): Promise<Reception>;
  /** A bundle that has come whole and is not published. Throws `not_found`. */
  received(bundleId: number): Promise<ReceivedBundle>;
  /** The bundle of a job that is not published, if there is one. */
  ofJob(
    jobId: number,
  ): Promise<{ readonly bundleId: number; readonly state: 'receiving' | 'received' } | undefined>;
  /**
   * Removes what nobody will go on with: receptions that nobody touched for a day, bundles whose jobs ended without them
   * longer than the quarantine ago (milliseconds), and what was begun for no bundle.
   */
  sweep(quarantine: number): Promise<Swept>;
}
