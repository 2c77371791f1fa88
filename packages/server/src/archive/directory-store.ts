import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  MissingObjectError,
  type ObjectKey,
  type ObjectStore,
  type ObjectWriter,
  type SavedWriter,
} from './object-store.ts';

/** Of an object that is not finished. */
const PART = '.part';
const READ = 1024 * 1024;

/**
 * The archive in a directory: `YEAR/MONTH/UUID/bundle.tar`. What is not finished is called `.part` and gets its name when it
 * is on the disk; names are made durable, too (a file is no use after a power cut if its folder does not know it).
 */
export class DirectoryStore implements ObjectStore {
  readonly place: string;

  constructor(directory: string) {
    this.place = directory;
  }

  async create(key: ObjectKey): Promise<ObjectWriter> {
    await makeFolder(this.place, key.folder);
    const part = this.#path(key) + PART;
    return new FileWriter(await open(part, 'w', 0o640), part, this.#path(key), 0);
  }

  async resume(key: ObjectKey, { size }: SavedWriter): Promise<ObjectWriter> {
    const part = this.#path(key) + PART;
    const file = await open(part, 'r+').catch((error) => {
      throw asMissing(key, error);
    });
    if ((await file.stat()).size < size) {
      await file.close();
      throw new MissingObjectError(key);
    }
    await file.truncate(size);
    return new FileWriter(file, part, this.#path(key), size);
  }

  async put(key: ObjectKey, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#path(key);
    await makeFolder(this.place, key.folder);
    // A draft of its own: two that write the same object, one of them believed dead, must not mix their bytes.
    const draft = `${path}.${randomUUID()}${PART}`;
    const writer = new FileWriter(await open(draft, 'wx', 0o640), draft, path, 0);
    try {
      for await (const piece of pieces)
        await writer.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
      await writer.finish();
    } catch (error) {
      await writer.leave();
      await rm(draft, { force: true });
      throw error;
    }
    await this.#removeDrafts(key);
  }

  /** Of those that were killed while they wrote the same, or will find that it is there. */
  async #removeDrafts({ folder, name }: ObjectKey): Promise<void> {
    const place = join(this.place, folder);
    for (const file of await readdir(place))
      if (file.startsWith(`${name}.`) && file.endsWith(PART)) await rm(join(place, file), { force: true });
  }

  async *read(key: ObjectKey, from: number, to: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const file = await open(this.#path(key), 'r').catch((error) => {
      throw asMissing(key, error);
    });
    try {
      for (let at = from; at < to; ) {
        signal?.throwIfAborted();
        const piece = Buffer.allocUnsafe(Math.min(READ, to - at));
        const { bytesRead } = await file.read(piece, 0, piece.length, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  async size(key: ObjectKey): Promise<number | undefined> {
    try {
      return (await stat(this.#path(key))).size;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  async removeFolder(folder: string): Promise<void> {
    await rm(join(this.place, folder), { recursive: true, force: true });
  }

  async *folders(): AsyncIterable<string> {
    for (const year of await foldersIn(this.place))
      for (const month of await foldersIn(join(this.place, year)))
        for (const bundle of await foldersIn(join(this.place, year, month)))
          yield `${year}/${month}/${bundle}`;
  }

  close(): void {}

  #path({ folder, name }: ObjectKey): string {
    return join(this.place, folder, name);
  }
}

class FileWriter implements ObjectWriter {
  readonly #file: FileHandle;
  readonly #draft: string;
  readonly #path: string;
  #size: number;
  #writing: Promise<void> = Promise.resolve();
  #left = false;

  constructor(file: FileHandle, draft: string, path: string, size: number) {
    this.#file = file;
    this.#draft = draft;
    this.#path = path;
    this.#size = size;
  }

  /** One after the other: a file takes one write at a time, and threads that wait for it take the processor meanwhile. */
  write(bytes: Buffer): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write(bytes));
    return this.#writing;
  }

  async #write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, this.#size);
      at += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  async makeSafe(upTo: number): Promise<SavedWriter> {
    await this.#file.datasync();
    return { size: upTo };
  }

  async finish(): Promise<void> {
    await this.#file.sync();
    await this.leave();
    await rename(this.#draft, this.#path);
    await syncFolder(dirname(this.#path));
  }

  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    await this.#file.close();
  }
}

/** Makes it and what leads to it, each known to the one above. */
async function makeFolder(root: string, folder: string): Promise<void> {
  let path = root;
  await mkdir(root, { recursive: true, mode: 0o750 });
  for (const part of folder.split('/')) {
    const above = path;
    path = join(path, part);
    try {
      await mkdir(path, { mode: 0o750 });
      await syncFolder(above);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function foldersIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function asMissing(key: ObjectKey, error: unknown): unknown {
  return isAbsent(error) ? new MissingObjectError(key) : error;
}
