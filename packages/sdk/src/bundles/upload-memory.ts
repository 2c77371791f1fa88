import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { LocalFile } from './local-files.ts';

/** What is remembered of an upload, so that the same call goes on with it. */
export interface RememberedUpload {
  readonly id: number;
  /** When its metadata was made, seconds since 1970: the same again, so that the bytes are. */
  readonly madeAt: number;
  /** Of files that were read to their end. */
  readonly hashes: readonly string[];
}

/** Where uploads are remembered: by what is sent, and where to. */
export class UploadMemory {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** The place of these files, said so, to that server; another one as soon as any of them changes. */
  static of(
    url: string,
    entries: readonly unknown[],
    files: readonly LocalFile[],
    env = process.env,
  ): UploadMemory {
    const key = createHash('sha256').update(JSON.stringify([url, entries]));
    for (const { source, path, size, modifiedAt } of files)
      key.update(JSON.stringify([source, path, size, modifiedAt]));
    const state = env['XDG_STATE_HOME'] || join(homedir(), '.local/state');
    return new UploadMemory(join(state, 'daybook/uploads', `${key.digest('hex').slice(0, 40)}.json`));
  }

  async read(): Promise<RememberedUpload | undefined> {
    try {
      const { id, madeAt, hashes } = JSON.parse(await readFile(this.#file, 'utf8')) as RememberedUpload;
      const isWhole = Number.isInteger(id) && Number.isInteger(madeAt) && Array.isArray(hashes);
      return isWhole ? { id, madeAt, hashes: hashes.map((hash) => hash ?? undefined) } : undefined;
    } catch {
      // None, or one that a crash has torn: then it begins anew.
      return undefined;
    }
  }

  async write(upload: RememberedUpload): Promise<void> {
    await mkdir(join(this.#file, '..'), { recursive: true, mode: 0o700 });
    const draft = `${this.#file}.${process.pid}`;
    await writeFile(draft, JSON.stringify(upload), { mode: 0o600 });
    await rename(draft, this.#file);
  }

  async forget(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}
