import { deserialize } from 'node:v8';
import { type Found, ROW } from './lane.ts';
import type { PackedFound } from './tar-threads.ts';

/** A member whose content has been read. */
export interface ReadMember {
  /** From 0, in the order of the tar. */
  readonly position: number;
  readonly path: string;
  readonly kind: 'file' | 'directory';
  readonly headerAt: number;
  readonly dataAt: number;
  readonly size: number;
  readonly modified: number | null;
  readonly mode: number;
  /** null for a folder, and for the member that was open where the reading went on. */
  readonly sha256: string | null;
  /** What it was hashed with besides; null if with nothing. */
  readonly hashType: string | null;
  readonly hash: string | null;
}

/**
 * Members of one piece, as the bytes that the threads made of them: objects of a million members, kept until their turn comes to
 * be written, would be what the garbage collector of the main thread mostly does.
 */
export class ReadMembers {
  readonly count: number;
  readonly files: number;
  readonly #rows: Uint8Array<ArrayBuffer>;
  readonly #guesses: Uint8Array<ArrayBuffer> | undefined;

  constructor({ rows, ended }: PackedFound, guessed: PackedFound | undefined) {
    this.count = ended?.members ?? 0;
    this.files = ended?.files ?? 0;
    this.#rows = rows;
    this.#guesses = guessed?.rows;
  }

  /** As objects. Once: gives the bytes back, which the garbage collector would only do when very many have gathered. */
  unpack(): ReadMember[] {
    const rows = unpacked(this.#rows);
    const guesses = this.#guesses && unpacked(this.#guesses);
    const members: ReadMember[] = [];
    for (let at = 0, n = 0; at < rows.length; at += ROW, n++)
      members.push({
        position: rows[at] as number,
        path: rows[at + 1] as string,
        kind: rows[at + 2] as ReadMember['kind'],
        headerAt: rows[at + 3] as number,
        dataAt: rows[at + 4] as number,
        size: rows[at + 5] as number,
        modified: rows[at + 6] as number | null,
        mode: rows[at + 7] as number,
        sha256: rows[at + 8] as string | null,
        hashType: (guesses?.[n * 2] ?? null) as string | null,
        hash: (guesses?.[n * 2 + 1] ?? null) as string | null,
      });
    return members;
  }
}

function unpacked(bytes: Uint8Array<ArrayBuffer>): Found['rows'] {
  const rows = deserialize(bytes) as Found['rows'];
  bytes.buffer.transfer(0);
  return rows;
}
