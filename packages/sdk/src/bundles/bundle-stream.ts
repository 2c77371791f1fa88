import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { BundlePlan } from '@daybook/core';
import type { LocalFile } from './local-files.ts';

/** A file is not what it was when the bundle was planned. */
export class FileChangedError extends Error {
  override readonly name = 'FileChangedError';
  readonly path: string;

  constructor(path: string) {
    super(`${path} changed while it was sent; nothing of the bundle was taken in`);
    this.path = path;
  }
}

const CHUNK = 1024 * 1024;

/**
 * The bytes of a planned bundle, from any of them on: files are read as they are sent, and hashed as they are read. Who goes
 * on after a break reads again what has to be sent again, but hashes nothing twice.
 */
export class BundleStream {
  readonly #plan: BundlePlan;
  readonly #files: readonly LocalFile[];
  /** SHA-256 of the files that were read to their end, by index. */
  readonly hashes: string[];
  /** The file that is being read, and how far it was hashed. */
  #open: { readonly index: number; readonly hash: Hash; at: number } | undefined;

  /** `hashes`: what is known of files from before. */
  constructor(plan: BundlePlan, files: readonly LocalFile[], hashes: readonly string[] = []) {
    this.#plan = plan;
    this.#files = files;
    this.hashes = [...hashes];
  }

  async *from(offset: number): AsyncGenerator<Uint8Array, void> {
    for (const part of this.#plan.parts(offset)) {
      const skip = Math.max(0, offset - part.from);
      if (part.kind === 'bytes') yield part.bytes.subarray(skip);
      else if (part.kind === 'file') yield* this.#file(part.index, skip);
      else yield (await this.metadata()).subarray(skip);
    }
  }

  /** `metadata.txt`; files that were sent by somebody before us are read for their hashes. */
  async metadata(): Promise<Uint8Array> {
    for (const index of this.#files.keys())
      if (this.hashes[index] === undefined) for await (const _ of this.#file(index, 0));
    return this.#plan.metadata(this.hashes);
  }

  /** A file's bytes from `skip` on; what comes before is read only if it was not hashed yet. */
  async *#file(index: number, skip: number): AsyncGenerator<Uint8Array, void> {
    const { source, path, size } = this.#files[index] as LocalFile;
    const isKnown = this.hashes[index] !== undefined;
    if (this.#open?.index !== index) this.#open = { index, hash: createHash('sha256'), at: 0 };
    const hashed = this.#open;
    let at = isKnown ? skip : Math.min(skip, hashed.at);
    for await (const chunk of createReadStream(source, { start: at, highWaterMark: CHUNK })) {
      const bytes = chunk as Buffer;
      const end = at + bytes.length;
      if (end > size) throw new FileChangedError(path);
      if (!isKnown && end > hashed.at) {
        hashed.hash.update(bytes.subarray(hashed.at - at));
        hashed.at = end;
      }
      if (end > skip) yield bytes.subarray(Math.max(0, skip - at));
      at = end;
    }
    if (at !== size) throw new FileChangedError(path);
    if (!isKnown) this.hashes[index] = hashed.hash.digest('hex');
  }
}
