import type { LaneState } from './lane.ts';
import { ReadMembers } from './read-members.ts';
import { TarFault } from './tar-fault.ts';
import type { LaneHandle, PackedFound, TarThreads } from './tar-threads.ts';

/** Bytes that go to the threads and to the store at once: waking them up takes as long as hashing a few hundred kB. */
export const PIECE = 2 * 1024 * 1024;
const PIECES = 4;
/** Where so many members ended in a piece, the next is half as long: what is told of them takes more memory than their bytes. */
const CROWD = 1_000;

/** One piece that has been read and, where there is a sink, stored; told in order. */
export interface ReadPiece {
  /** Bytes of the tar up to its end. */
  readonly end: number;
  /** Those that ended in it. */
  readonly members: ReadMembers;
  readonly metadata?: Uint8Array;
  /** Whence a reading may go on after it. */
  readonly state: LaneState;
}

export interface TarReadingParts {
  readonly threads: TarThreads;
  /** Goes on from there. */
  readonly from?: LaneState;
  /** Without it no second hash is guessed. */
  readonly guess: boolean;
  /** Takes the bytes besides; they may be written over when it resolves. */
  store?(bytes: Buffer): Promise<void>;
  /** Told of each piece, one after the other; its memory is free when this resolves. */
  onPiece(piece: ReadPiece): Promise<void> | void;
}

/**
 * Reads a tar in one pass: copies what it is given into a ring of shared memory, from which two threads parse and hash and a sink
 * stores, all at once. Takes no more memory however large the tar is, and nothing goes on once something failed.
 */
export class TarReading {
  readonly #parts: TarReadingParts;
  readonly #memory = new SharedArrayBuffer(PIECE * PIECES);
  readonly #bytes = Buffer.from(this.#memory);
  readonly #index: LaneHandle;
  readonly #guess: LaneHandle | undefined;
  /** Of the piece that is being filled. */
  #slot = 0;
  #filled = 0;
  /** What it is filled to. */
  #length = PIECE / 2;
  /** The last piece that was told was one of many members; until one was told, it is not known. */
  #crowded = true;
  #position: number;
  /** When the memory of each piece is free again. */
  readonly #busy: Promise<void>[] = [];
  #told: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  constructor(parts: TarReadingParts) {
    this.#parts = parts;
    const { threads, from } = parts;
    this.#position = from?.parser.position ?? 0;
    this.#index = threads.open('index', this.#memory, from);
    if (parts.guess) this.#guess = threads.open('guess', this.#memory, from);
  }

  /** Bytes of the tar that it has taken. */
  get position(): number {
    return this.#position + this.#filled;
  }

  /** Names of members before the state that it began with. */
  remember(paths: readonly string[], kinds: readonly ('file' | 'directory')[]): void {
    this.#index.remember(paths, kinds);
  }

  /** Copies the bytes; resolves when there is room for more. Throws TarFault, or what the sink threw. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      this.#refuseAfterFailure();
      if (this.#filled === 0) await this.#busy[this.#slot];
      const taken = Math.min(this.#length - this.#filled, bytes.length - at);
      this.#bytes.set(bytes.subarray(at, at + taken), this.#slot * PIECE + this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === this.#length) this.#send();
    }
    this.#refuseAfterFailure();
  }

  /** Resolves when everything that it was given has been read, stored and told. */
  async drain(): Promise<void> {
    if (this.#filled > 0) this.#send();
    await Promise.all(this.#busy);
    await this.#told;
    this.#refuseAfterFailure();
  }

  /** No more bytes come: the tar must be whole. Throws TarFault. */
  async end(): Promise<void> {
    await this.drain();
    const { fault } = await this.#index.end();
    if (fault !== undefined) throw new TarFault(fault.rule, fault.at, fault.detail);
  }

  /** Resolves when nobody uses its memory any more, whatever became of it. */
  async settled(): Promise<void> {
    await Promise.all(this.#busy);
  }

  close(): void {
    this.#failure ??= new Error('this reading was closed');
    this.#index.close();
    this.#guess?.close();
  }

  #send(): void {
    const from = this.#slot * PIECE;
    const to = from + this.#filled;
    this.#position += this.#filled;
    this.#filled = 0;
    this.#length = this.#crowded ? PIECE / 2 : PIECE;
    const end = this.#position;
    const read = this.#index.take(from, to);
    const guessed = this.#guess?.take(from, to);
    const stored = this.#parts.store?.(this.#bytes.subarray(from, to));
    const done = Promise.all([read, guessed, stored]);
    // It is looked at when those before it are done: until then a failure must not count as unheeded.
    done.catch(() => undefined);
    this.#told = this.#told.then(async () => {
      try {
        const [found, guess] = await done;
        if (this.#failure === undefined) await this.#tell(end, found, guess);
      } catch (error) {
        this.#failure ??= error as Error;
      }
    });
    // A failure of one must not free memory that the others still use.
    this.#busy[this.#slot] = Promise.allSettled([read, guessed, stored]).then(() => this.#told);
    this.#slot = (this.#slot + 1) % PIECES;
  }

  async #tell(end: number, found: PackedFound, guess: PackedFound | undefined): Promise<void> {
    const { fault, state, metadata } = found;
    if (fault !== undefined || state === undefined) {
      this.#failure = new TarFault(fault?.rule ?? 'truncated', fault?.at ?? end, fault?.detail);
      return;
    }
    const members = new ReadMembers(found, guess);
    this.#crowded = members.count > CROWD;
    await this.#parts.onPiece({ end, members, state, ...(metadata !== undefined && { metadata }) });
  }

  #refuseAfterFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
