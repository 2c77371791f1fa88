import { BundlePlan, mimeTypeOf, type PlannedFile } from '@daybook/core';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** A file that somebody chose, and what it will be called in the bundle. */
export interface ChosenFile {
  /** Under `data/`. */
  readonly path: string;
  readonly file: File;
}

/** A file is not what it was when it was chosen. */
export class FileChangedError extends Error {
  override readonly name = 'FileChangedError';
}

/** Bytes of a file that are read at once for its hash. */
const READ = 4 * 1024 * 1024;

/** Chosen files as the archive takes them, in the order of their names; the first of two of one name. */
export function plannedFiles(chosen: readonly ChosenFile[]): (PlannedFile & { readonly file: File })[] {
  const byPath = new Map<string, File>();
  for (const { path, file } of chosen) {
    const name = path.normalize('NFC');
    if (!byPath.has(name)) byPath.set(name, file);
  }
  return [...byPath]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, file]) => ({
      path,
      file,
      size: file.size,
      modifiedAt: Math.floor(file.lastModified / 1_000),
      mimeType: mimeTypeOf(path),
    }));
}

/**
 * The bytes of a bundle of chosen files, any stretch of them: files are read as they are sent, and hashed as they are read. What
 * is sent again after a break is not hashed twice.
 */
export class BrowserBundle {
  readonly plan: BundlePlan;
  readonly #files: readonly (PlannedFile & { readonly file: File })[];
  readonly #hashes: string[] = [];
  #open: { readonly index: number; readonly hash: ReturnType<typeof sha256.create>; at: number } | undefined;

  /** `madeAt`: seconds since 1970. */
  constructor(entries: readonly unknown[], chosen: readonly ChosenFile[], madeAt: number) {
    this.#files = plannedFiles(chosen);
    this.plan = new BundlePlan(entries, this.#files, madeAt);
  }

  /** At most `most` bytes from `offset` on; at least one, unless that is the end. */
  async bytes(offset: number, most: number): Promise<Uint8Array<ArrayBuffer>> {
    const end = Math.min(offset + most, this.plan.size);
    const all = new Uint8Array(end - offset);
    for (const part of this.plan.parts(offset)) {
      if (part.from >= end) break;
      const size = part.kind === 'bytes' ? part.bytes.length : part.size;
      const from = Math.max(0, offset - part.from);
      const to = Math.min(size, end - part.from);
      const bytes =
        part.kind === 'file'
          ? await this.#slice(part.index, from, to)
          : (part.kind === 'bytes' ? part.bytes : await this.#metadata()).subarray(from, to);
      all.set(bytes, part.from + from - offset);
    }
    return all;
  }

  async #metadata(): Promise<Uint8Array> {
    for (const index of this.#files.keys()) await this.#hashUpTo(index, this.#files[index]?.size ?? 0);
    return this.plan.metadata(this.#hashes);
  }

  async #slice(index: number, from: number, to: number): Promise<Uint8Array> {
    const { file } = this.#file(index);
    await this.#hashUpTo(index, from);
    const bytes = await read(file, from, to);
    this.#hash(index, from, bytes);
    return bytes;
  }

  /** Reads what was not hashed before this byte. */
  async #hashUpTo(index: number, to: number): Promise<void> {
    const { file, size } = this.#file(index);
    for (;;) {
      const at = this.#hashes[index] === undefined ? (this.#open?.index === index ? this.#open.at : 0) : size;
      if (at >= to && !(size === 0 && this.#hashes[index] === undefined)) return;
      this.#hash(index, at, await read(file, at, Math.min(to, at + READ)));
    }
  }

  /** Takes bytes that begin at `from`; those that are hashed already count once. */
  #hash(index: number, from: number, bytes: Uint8Array): void {
    if (this.#hashes[index] !== undefined) return;
    if (this.#open?.index !== index) this.#open = { index, hash: sha256.create(), at: 0 };
    const open = this.#open;
    const fresh = bytes.subarray(Math.max(0, open.at - from));
    open.hash.update(fresh);
    open.at = Math.max(open.at, from + bytes.length);
    if (open.at === this.#file(index).size) this.#hashes[index] = bytesToHex(open.hash.digest());
  }

  #file(index: number) {
    return this.#files[index] as PlannedFile & { readonly file: File };
  }
}

async function read(file: File, from: number, to: number): Promise<Uint8Array> {
  const bytes = await file
    .slice(from, to)
    .bytes()
    .catch(() => undefined);
  if (bytes?.length !== to - from) throw new FileChangedError(file.name);
  return bytes;
}
