import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { tarEnd, tarHeader, tarPadding } from '../../packages/server/src/archive/tar-writer.ts';

export interface MadeBundle {
  readonly file: string;
  /** Bytes of the tar. */
  readonly size: number;
  readonly paths: readonly string[];
  /** Bytes of each file. */
  readonly bytes: number;
}

const MEBIBYTE = 1024 * 1024;

/** Writes a bundle of files of one size; `metadata.txt` is last and lists them all with their SHA-1. */
export function makeBundle(file: string, count: number, bytes: number): MadeBundle {
  const out = new GatheringFile(file);
  const pool = randomBytes(MEBIBYTE);
  const listed = [
    { destinationTable: 'Transactions.submitter', value: 10 },
    { destinationTable: 'Transactions.project', value: 'bench' },
    { destinationTable: 'Transactions.instrument', value: 54 },
  ].map((entry) => JSON.stringify(entry));
  const paths: string[] = [];
  for (let n = 0; n < count; n++) {
    const [subdir, name] = [`data/${Math.floor(n / 500)}`, `file-${n}.dat`];
    const hash = createHash('sha1');
    out.write(tarHeader(`${subdir}/${name}`, bytes, 0));
    pool.writeUInt32LE(n, 0);
    for (let left = bytes; left > 0; left -= pool.length) {
      const piece = pool.subarray(0, Math.min(left, pool.length));
      hash.update(piece);
      out.write(piece);
    }
    out.write(tarPadding(bytes));
    paths.push(`${subdir}/${name}`);
    listed.push(fileEntry(subdir, name, bytes, hash.digest('hex')));
  }
  const metadata = Buffer.from(`[${listed.join(',')}]`);
  out.write(tarHeader('metadata.txt', metadata.length, 0));
  out.write(metadata);
  out.write(tarPadding(metadata.length));
  out.write(tarEnd);
  return { file, size: out.close(), paths, bytes };
}

function fileEntry(subdir: string, name: string, size: number, hashsum: string): string {
  const file = { destinationTable: 'Files', name, subdir, size, hashtype: 'sha1', hashsum };
  return JSON.stringify({ ...file, mimetype: 'application/octet-stream' });
}

/** Writes a mebibyte at once: a million small pieces would take longer than all that is measured. */
class GatheringFile {
  readonly #file: number;
  readonly #bytes = Buffer.alloc(MEBIBYTE);
  #filled = 0;
  #size = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'w');
  }

  write(piece: Buffer): void {
    for (let at = 0; at < piece.length; ) {
      const taken = piece.copy(this.#bytes, this.#filled, at);
      at += taken;
      this.#filled += taken;
      if (this.#filled === MEBIBYTE) this.#flush();
    }
  }

  /** Answers how many bytes it has. */
  close(): number {
    this.#flush();
    closeSync(this.#file);
    return this.#size;
  }

  #flush(): void {
    for (let at = 0; at < this.#filled; ) at += writeSync(this.#file, this.#bytes, at, this.#filled - at);
    this.#size += this.#filled;
    this.#filled = 0;
  }
}
