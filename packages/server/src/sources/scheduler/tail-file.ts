import { type FileHandle, open } from 'node:fs/promises';

/** Of a file that has grown for years, this much is read at the start: the latest ends of some 150,000 jobs. */
const FIRST_BYTES = 64 * 1024 * 1024;
/** Read at once; what is left follows with the next look. A line that is longer is none. */
const MOST_BYTES = 64 * 1024 * 1024;

/** What was read of a file since it was read last. */
export interface Tail {
  /** Whole lines. */
  readonly text: string;
  /** It was read from its beginning: for the first time, or because it is another one now. */
  readonly anew: boolean;
  /** A line longer than 64 MB begins here: it is left out. */
  readonly tooLong: boolean;
}

/**
 * Reads on where it stopped: the accounting of a scheduler, which is appended to, and rotated now and then. Whole lines
 * alone: the last one may be in the middle of being written. After a rotation the new file is read from its beginning.
 * A line that does not fit into one reading is passed over, so that it holds up nothing.
 */
export class TailFile {
  readonly path: string;
  #offset: number | undefined;
  #file: number | undefined;
  /** Bytes up to the next end of line belong to one that is passed over, or that begins before what is read. */
  #skips = false;
  readonly #mostBytes: number;

  /** `mostBytes`: read at once. */
  constructor(path: string, { mostBytes = MOST_BYTES }: { readonly mostBytes?: number } = {}) {
    this.path = path;
    this.#mostBytes = mostBytes;
  }

  /** The lines that were added. @throws NodeJS.ErrnoException if it cannot be read */
  async read(): Promise<Tail> {
    const file = await open(this.path, 'r');
    try {
      return await this.#readOn(file);
    } finally {
      await file.close();
    }
  }

  async #readOn(file: FileHandle): Promise<Tail> {
    const { size, ino } = await file.stat();
    const isOther = this.#file !== undefined && (this.#file !== ino || size < (this.#offset ?? 0));
    const anew = this.#offset === undefined || isOther;
    if (isOther) this.#begin(0);
    else if (this.#offset === undefined) this.#begin(Math.max(0, size - FIRST_BYTES));
    this.#file = ino;
    const from = this.#offset as number;
    const length = Math.min(this.#mostBytes, size - from);
    if (length <= 0) return { text: '', anew, tooLong: false };
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, from);
    const begin = this.#skips ? buffer.subarray(0, bytesRead).indexOf(10) + 1 : 0;
    const end = bytesRead === 0 ? 0 : buffer.lastIndexOf(10, bytesRead - 1) + 1;
    if (end > 0) {
      this.#begin(from + end, false);
      return { text: buffer.toString('utf8', begin, Math.max(begin, end)), anew, tooLong: false };
    }
    // No line ends here: it is being written, or longer than any record can be.
    if (bytesRead < this.#mostBytes && !this.#skips) return { text: '', anew, tooLong: false };
    const tooLong = !this.#skips;
    this.#begin(from + bytesRead, true);
    return { text: '', anew, tooLong };
  }

  #begin(offset: number, skips = offset > 0): void {
    this.#offset = offset;
    this.#skips = skips;
  }
}
