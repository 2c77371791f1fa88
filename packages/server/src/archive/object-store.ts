/*
 * Where the archive's bytes live. A bundle is a folder of objects: `bundle.tar`, `manifest.json`, `receipt.json`. Objects are
 * written once and never changed; one conformance suite (object-store.test.ts) is passed by every store.
 */

/** An object, named by its bundle's folder (`2026/11/UUID`) and its own name. */
export interface ObjectKey {
  readonly folder: string;
  readonly name: 'bundle.tar' | 'manifest.json' | 'receipt.json';
}

export interface ObjectStore {
  /** As people know it, without secrets: a directory, `s3://bucket/prefix`. */
  readonly place: string;
  /** Begins an object that arrives in pieces; nobody can read it before it is finished. */
  create(key: ObjectKey): Promise<ObjectWriter>;
  /** Goes on with one after `saved`, which its writer gave; what came later is dropped. */
  resume(key: ObjectKey, saved: SavedWriter): Promise<ObjectWriter>;
  /** Writes a whole object, durable when it resolves; replaces one that is there. */
  put(key: ObjectKey, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;
  /** Bytes [from, to), in pieces. Throws {@link MissingObjectError}; one that ends early ends early. */
  read(key: ObjectKey, from: number, to: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Bytes; undefined if it is not there. */
  size(key: ObjectKey): Promise<number | undefined>;
  /** Removes everything of a bundle, also what was begun; nothing there is no error. */
  removeFolder(folder: string): Promise<void>;
  /** Folders that hold anything, also what was begun. */
  folders(): AsyncIterable<string>;
  close(): void;
}

/** What a writer needs to go on, as JSON. */
export interface SavedWriter {
  readonly size: number;
  readonly [extra: string]: unknown;
}

export interface ObjectWriter {
  /** Takes the next bytes, also while earlier ones are still being written; they may be written over when it resolves. */
  write(bytes: Buffer): Promise<void>;
  /**
   * Makes safe what it can of the first `upTo` bytes, whose writing has resolved: all of them, or the parts that are large
   * enough, which end where a write ended. Says how far that is.
   */
  makeSafe(upTo: number): Promise<SavedWriter>;
  /** Everything was written: makes the object durable and readable. */
  finish(): Promise<void>;
  /** Lets go of it and leaves what is there. */
  leave(): Promise<void>;
}

/** An object that should be there is not. */
export class MissingObjectError extends Error {
  override readonly name = 'MissingObjectError';

  constructor({ folder, name }: ObjectKey) {
    super(`${folder}/${name} is not in the archive`);
  }
}
