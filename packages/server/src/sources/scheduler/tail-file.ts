import { type FileHandle, open } from 'node:fs/promises';

/** Of a file that has grown for years, this much is read at the start: the latest ends of some 150,000 jobs. */
const FIRST_BYTES = 64 * 1024 * 1024;
/** Read at once; what is left follows with the next look. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Reads on where it stopped: the accounting of a scheduler, which is appended to, and rotated now and then. Whole lines
 * alone: the last one may be in the middle of being written. After a rotation the new file is read from its beginning.
 */
export class TailFile {
  readonly path: string;
  #offset: number | undefined;
  #file: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** The lines that were added, as one text. @throws NodeJS.ErrnoException if it cannot be read */
  async read(): Promise<string> {
    const file = await open(this.path, 'r');
    try {
      return await this.#readOn(file);
    } finally {
      await file.close();
    }
  }

  async #readOn(file: FileHandle): Promise<string> {
    const { size, ino } = await file.stat();
    const first = this.#offset === undefined;
    if (this.#file !== undefined && (this.#file !== ino || size < (this.#offset ?? 0))) this.#offset = 0;
    this.#file = ino;
    const from = this.#offset ?? Math.max(0, size - FIRST_BYTES);
    const length = Math.min(MOST_BYTES, size - from);
    if (length <= 0) {
      this.#offset = from;
      return '';
    }
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, from);
    const end = buffer.lastIndexOf(10, bytesRead - 1) + 1;
    // The first piece may begin in the middle of a line.
    const begin = first && from > 0 ? buffer.indexOf(10) + 1 : 0;
    this.#offset = from + end;
    return buffer.toString('utf8', begin, Math.max(begin, end));
  }
}
