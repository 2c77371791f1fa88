import { createHash, type Hash, hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { platformHash } from './algorithms.ts';
import { NameTable } from './name-table.ts';
import { type ParserState, type TarMember, TarParser, type TarVisitor } from './parser.ts';
import { TarFault, type TarRule } from './tar-fault.ts';

/** A `metadata.txt` that ends further into the tar is not looked at before everything has come, bytes: it would only be held. */
const EARLY_METADATA = 16 * 1024 * 1024;

/** Where a lane stands after a piece; another goes on from it, but has no hash of the member that was open. */
export interface LaneState {
  readonly parser: ParserState;
  readonly open: TarMember | null;
  /** CRC-32 of everything that is no content. */
  readonly skeleton: number;
}

/** How much of it says what it most probably declares, bytes. */
const TELLING = 256 * 1024;

/** What a lane has found in a piece. */
export interface Found {
  /** Members that ended, {@link ROW} values each: position, path, kind, headerAt, dataAt, size, modified, mode, hash. */
  readonly rows: (string | number | null)[];
  /** How many ended, and how many of them are files; the lane that guesses does not say. */
  readonly ended?: { readonly members: number; readonly files: number };
  /** `metadata.txt`, in the piece in which it ended, if it stands at the beginning. */
  readonly metadata?: Uint8Array<ArrayBuffer>;
  readonly state?: LaneState;
  readonly fault?: { readonly rule: TarRule; readonly at: number; readonly detail: string };
}

export const ROW = 9;

/** Reads the tar to its end and hashes every file: what one of the threads does. */
export interface Lane {
  take(bytes: Buffer): Found;
  end(): Found;
}

/** Hashes content in one call where a file lies in one piece, which small ones do. */
class ContentHash {
  #open: Hash | undefined;
  #digest: string | null = null;

  /** `null` hashes nothing. */
  take(algorithm: string | null, bytes: Buffer, whole: boolean): void {
    if (algorithm === null) return;
    if (whole) this.#digest = hash(algorithm, bytes, 'hex');
    else {
      this.#open ??= createHash(algorithm);
      this.#open.update(bytes);
    }
  }

  /** The hash of what was taken since the last time; null if nothing was hashed. */
  end(): string | null {
    const digest = this.#open?.digest('hex') ?? this.#digest;
    this.#open = undefined;
    this.#digest = null;
    return digest;
  }
}

const emptySha256 = hash('sha256', '', 'hex');

/** The lane that knows: checks every name, hashes with SHA-256, tells of every member. */
export class IndexLane implements Lane, TarVisitor {
  readonly #parser: TarParser;
  readonly #names = new NameTable();
  readonly #hash = new ContentHash();
  #rows: (string | number | null)[] = [];
  #files = 0;
  #open: TarMember | null;
  /** The content of a member that was open when another lane stopped has no hash. */
  #resumed: boolean;
  #skeleton: number;
  /** The metadata that comes just now, and how much of it there is. */
  #metadata: Uint8Array<ArrayBuffer> | undefined;
  #metadataFilled = 0;
  #metadataFound: Uint8Array<ArrayBuffer> | undefined;

  constructor(from?: LaneState) {
    this.#parser = new TarParser(this, from?.parser);
    this.#open = from?.open ?? null;
    this.#resumed = this.#open !== null;
    if (this.#open !== null) this.#names.add(this.#open.path, this.#open.kind, this.#open.headerAt);
    this.#skeleton = from?.skeleton ?? 0;
  }

  /** Names of members before the state that it began with. */
  remember(paths: readonly string[], kinds: readonly ('file' | 'directory')[]): void {
    for (const [i, path] of paths.entries()) this.#names.add(path, kinds[i] ?? 'file', 0);
  }

  /** Gives the memory of the names back. */
  close(): void {
    this.#names.close();
  }

  take(bytes: Buffer): Found {
    return this.#found(() => this.#parser.push(bytes));
  }

  end(): Found {
    return this.#found(() => this.#parser.end());
  }

  member(member: TarMember): void {
    if (member.path !== '.') this.#names.add(member.path, member.kind, member.headerAt);
    this.#open = member;
    this.#resumed = false;
    if (member.path !== 'metadata.txt' || member.kind !== 'file') return;
    if (member.dataAt + member.size > EARLY_METADATA) return;
    this.#metadata = new Uint8Array(member.size);
    this.#metadataFilled = 0;
  }

  content(bytes: Buffer): void {
    const open = this.#open as TarMember;
    if (!this.#resumed) this.#hash.take('sha256', bytes, bytes.length === open.size);
    if (this.#metadata === undefined) return;
    // A copy: the piece is written over when this call has ended.
    this.#metadata.set(bytes, this.#metadataFilled);
    this.#metadataFilled += bytes.length;
  }

  memberEnd(): void {
    const { path, kind, headerAt, dataAt, size, modified, mode } = this.#open as TarMember;
    const digest = this.#hash.end() ?? (size === 0 && kind === 'file' ? emptySha256 : null);
    if (kind === 'file') this.#files++;
    this.#rows.push(this.#parser.members - 1, path, kind, headerAt, dataAt, size, modified, mode, digest);
    this.#metadataFound = this.#metadata ?? this.#metadataFound;
    this.#metadata = undefined;
    this.#open = null;
    this.#resumed = false;
  }

  skeleton(bytes: Buffer): void {
    this.#skeleton = crc32(bytes, this.#skeleton);
  }

  #found(work: () => void): Found {
    const fault = faultOf(work);
    const rows = this.#rows;
    this.#rows = [];
    const ended = { members: rows.length / ROW, files: this.#files };
    this.#files = 0;
    const metadata = this.#metadataFound;
    this.#metadataFound = undefined;
    const state = { parser: this.#parser.state(), open: this.#open, skeleton: this.#skeleton };
    return {
      rows,
      ended,
      ...(metadata !== undefined && { metadata }),
      ...(fault === undefined ? { state } : { fault }),
    };
  }
}

/**
 * The lane that guesses: hashes with what the metadata most probably declares, SHA-1 as long as it has not come. Its rows are
 * pairs of algorithm and hash, both null where it guessed nothing, in the order of the members.
 */
export class GuessLane implements Lane, TarVisitor {
  readonly #parser: TarParser;
  readonly #hash = new ContentHash();
  #rows: (string | null)[] = [];
  #open: TarMember | null;
  #algorithm: string | null = 'sha1';
  /** Of the open member; null if it was begun by another lane. */
  #using: string | null;
  /** The beginning of the metadata that comes just now. */
  #metadata: string | undefined;

  constructor(from?: LaneState) {
    this.#parser = new TarParser(this, from?.parser);
    this.#open = from?.open ?? null;
    this.#using = null;
  }

  take(bytes: Buffer): Found {
    return this.#found(() => this.#parser.push(bytes));
  }

  end(): Found {
    return this.#found(() => this.#parser.end());
  }

  member(member: TarMember): void {
    this.#open = member;
    const isMetadata = member.path === 'metadata.txt';
    if (isMetadata) this.#metadata = '';
    this.#using = isMetadata || member.kind === 'directory' ? null : this.#algorithm;
  }

  content(bytes: Buffer): void {
    this.#hash.take(this.#using, bytes, bytes.length === this.#open?.size);
    if (this.#metadata !== undefined && this.#metadata.length < TELLING)
      this.#metadata += bytes.toString('latin1', 0, TELLING);
  }

  memberEnd(): void {
    const digest = this.#hash.end();
    this.#rows.push(digest === null ? null : this.#using, digest);
    if (this.#metadata !== undefined) this.#algorithm = mostDeclared(this.#metadata);
    this.#metadata = undefined;
    this.#open = null;
  }

  #found(work: () => void): Found {
    const fault = faultOf(work);
    const rows = this.#rows;
    this.#rows = [];
    return { rows, ...(fault !== undefined && { fault }) };
  }
}

/** A look at the text is enough for a guess; null if it is SHA-256, which every file has anyway. */
function mostDeclared(text: string): string | null {
  const counts = new Map<string, number>();
  for (const [, name = ''] of text.matchAll(/"hashtype"\s*:\s*"([^"\\]{1,40})"/g))
    counts.set(name, (counts.get(name) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  const algorithm = most === undefined ? undefined : platformHash(most[0]);
  if (algorithm === undefined) return 'sha1';
  return algorithm === 'sha256' ? null : algorithm;
}

function faultOf(work: () => void): Found['fault'] {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof TarFault)) throw error;
    return { rule: error.rule, at: error.at, detail: error.detail };
  }
}
