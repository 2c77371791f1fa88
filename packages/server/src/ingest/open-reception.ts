import { DaybookError } from '@daybook/core';
import type { Updateable } from 'kysely';
import { insertMemberRows, ROWS_AT_ONCE } from '../archive/member-rows.ts';
import type { ObjectWriter, SavedWriter } from '../archive/object-store.ts';
import type { BundlesTable, Transaction } from '../storage/index.ts';
import type { LaneState } from '../tar/lane.ts';
import type { ReadMembers } from '../tar/read-members.ts';
import { type ReadPiece, TarReading } from '../tar/tar-reading.ts';
import { BundleFault } from './bundle-fault.ts';
import type { ReceivedBundle, Reception } from './reception.ts';
import { ABANDONED, type ReceptionParts, translated } from './reception-parts.ts';

/** Bytes between two checkpoints, and those that a sender may have to send again, at most. */
const CHECKPOINT = 32 * 1024 * 1024;
const UNSAFE = 48 * 1024 * 1024;
/** `metadata.txt` is read whole by those who check it, so it has a limit, bytes. */
const LARGEST_METADATA = 1024 * 1024 * 1024;
/** How often the process says that it still receives, milliseconds. */
const TOUCH = 10_000;

/** Where a reception goes on, as its row keeps it. */
export interface Checkpoint {
  readonly lane: LaneState;
  readonly writer: SavedWriter;
}

export interface ReceptionRow {
  readonly bundleId: number;
  readonly jobId: number;
  readonly folder: string;
}

/** Members that have ended by a state: the one that is open has no row yet. */
export function membersEnded({ parser, open }: LaneState): number {
  return parser.members - (open === null ? 0 : 1);
}

/** A reception in this process. What it has made safe is in its row, so that any process can go on from there. */
export class OpenReception implements Reception {
  readonly bundleId: number;
  readonly jobId: number;
  metadata: Uint8Array | undefined;
  readonly #parts: ReceptionParts;
  readonly #writer: ObjectWriter;
  readonly #reading: TarReading;
  readonly #finished: (bundleId: number) => Promise<ReceivedBundle>;
  readonly #remove: (row: ReceptionRow) => Promise<unknown>;
  readonly #row: ReceptionRow;
  readonly #touching: NodeJS.Timeout;
  /** Members that are not in their table yet, piece by piece. */
  #unwritten: ReadMembers[] = [];
  /** Of pieces that are stored but may not be safe. */
  #states: { readonly end: number; readonly state: LaneState }[] = [];
  /** After everything that was read. */
  #state: LaneState | undefined;
  #files = 0;
  #safe: number;
  #writing: Promise<void> = Promise.resolve();
  #checkpoint: Promise<void> | undefined;
  #failure: unknown;
  #closed = false;

  constructor(
    parts: ReceptionParts,
    row: ReceptionRow,
    writer: ObjectWriter,
    ends: {
      readonly from?: Checkpoint | undefined;
      finished(bundleId: number): Promise<ReceivedBundle>;
      remove(row: ReceptionRow): Promise<unknown>;
    },
  ) {
    this.bundleId = row.bundleId;
    this.jobId = row.jobId;
    this.#row = row;
    this.#parts = parts;
    this.#writer = writer;
    this.#finished = ends.finished;
    this.#remove = ends.remove;
    this.#safe = ends.from?.writer.size ?? 0;
    this.#state = ends.from?.lane;
    this.#reading = new TarReading({
      threads: parts.threads,
      guess: true,
      ...(ends.from !== undefined && { from: ends.from.lane }),
      store: (bytes) => writer.write(bytes),
      onPiece: (piece) => this.#take(piece),
    });
    this.#touching = setInterval(() => void this.#touch(), TOUCH).unref();
  }

  get received(): number {
    return this.#reading.position;
  }

  get safe(): number {
    return this.#safe;
  }

  /** Names of members that came before its checkpoint. */
  remember(paths: readonly string[], kinds: readonly ('file' | 'directory')[]): void {
    this.#reading.remember(paths, kinds);
    this.#files += kinds.filter((kind) => kind === 'file').length;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#guarded(() => this.#reading.write(bytes));
  }

  async pause(): Promise<number> {
    try {
      await this.#reading.drain();
      await this.#checkpoint;
      await this.#makeCheckpoint();
    } catch {
      // What could not be made safe is sent again; a fault of the tar is found again then.
    }
    await this.#close();
    await this.#update({ owner: null }).catch(() => undefined);
    return this.#safe;
  }

  async finish(): Promise<ReceivedBundle> {
    await this.#guarded(async () => {
      await this.#reading.end();
      await this.#checkpoint;
      await this.#writeRows();
      const found = await this.#findMetadata();
      await this.#writer.finish();
      await this.#update({
        state: 'received',
        size: this.#reading.position,
        skeleton: (this.#state?.skeleton ?? 0).toString(16).padStart(8, '0'),
        members: this.#state?.parser.members ?? 0,
        files: this.#files - 1,
        ...found,
        checkpoint: null,
        owner: null,
      });
    });
    await this.#close();
    return await this.#finished(this.bundleId);
  }

  async discard(): Promise<void> {
    await this.#close();
    await this.#remove(this.#row);
  }

  async #take({ end, members, state, metadata }: ReadPiece): Promise<void> {
    this.#files += members.files;
    if (members.count > 0) this.#unwritten.push(members);
    this.#states.push({ end, state });
    this.#state = state;
    if (metadata !== undefined) this.metadata = metadata;
    if (countOf(this.#unwritten) >= ROWS_AT_ONCE) {
      // One batch is written while the next one gathers.
      await this.#writing;
      this.#writeRows().catch((error: unknown) => {
        this.#failure ??= error;
      });
    }
    const unsafe = end - this.#safe;
    if (unsafe >= CHECKPOINT && this.#checkpoint === undefined)
      this.#checkpoint = this.#makeCheckpoint()
        .catch((error: unknown) => {
          this.#failure ??= error;
        })
        .finally(() => {
          this.#checkpoint = undefined;
        });
    if (unsafe >= UNSAFE) await this.#checkpoint;
  }

  /** Resolves when all members that have ended are in their table. */
  #writeRows(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const pieces = this.#unwritten;
      this.#unwritten = [];
      while (pieces.length > 0) {
        const batch = [pieces.shift() as ReadMembers];
        while (pieces[0] !== undefined && countOf(batch) + pieces[0].count <= ROWS_AT_ONCE)
          batch.push(pieces.shift() as ReadMembers);
        // Before the transaction, which may be tried twice.
        const lots = batch.map((piece) => piece.unpack());
        await this.#parts.store.write(async (transaction) => {
          // Whoever took over has removed what was written after the checkpoint: nothing may follow.
          await this.#updateWithin(transaction, {});
          for (const members of lots) await insertMemberRows(transaction, this.bundleId, members);
        });
      }
    });
    return this.#writing;
  }

  /** Rows first, then where to go on: a state that is safe has all its members. */
  async #makeCheckpoint(): Promise<void> {
    const last = this.#states.at(-1);
    if (last === undefined || last.end === this.#safe) return;
    const saved = await this.#writer.makeSafe(last.end);
    const at = this.#states.find(({ end }) => end === saved.size);
    if (at === undefined) return;
    // Those of later members, too: whoever goes on removes them first.
    await this.#writeRows();
    const checkpoint: Checkpoint = { lane: at.state, writer: saved };
    await this.#update({ checkpoint: JSON.stringify(checkpoint), size: saved.size });
    this.#states = this.#states.filter(({ end }) => end > saved.size || end === last.end);
    this.#safe = saved.size;
  }

  async #findMetadata() {
    const { read } = this.#parts.store;
    const found = await read
      .selectFrom('bundle_members')
      .select(['data_at', 'size'])
      .where('bundle_id', '=', this.bundleId)
      .where('path', '=', 'metadata.txt')
      .where('kind', '=', 'file')
      .executeTakeFirst();
    if (found === undefined)
      throw new BundleFault('load metadata', 'no-metadata', 'There is no metadata.txt in the tar.');
    if (found.size > LARGEST_METADATA)
      throw new BundleFault('load metadata', 'metadata-too-large', 'metadata.txt is larger than 1 GiB.');
    return { metadata_offset: found.data_at, metadata_size: found.size };
  }

  async #update(values: Updateable<BundlesTable>): Promise<void> {
    await this.#parts.store.write((transaction) => this.#updateWithin(transaction, values));
  }

  /** Only for the process that receives it: one that was taken for dead learns here that it must stop. */
  async #updateWithin({ db }: Transaction, values: Updateable<BundlesTable>): Promise<void> {
    const now = this.#parts.clock.now();
    const updated = await db
      .updateTable('bundles')
      .set({ ...values, touched_at: now, expires_at: now + ABANDONED })
      .where('id', '=', this.bundleId)
      .where('owner', '=', this.#parts.owner)
      .where('state', '=', 'receiving')
      .executeTakeFirst();
    if (updated.numUpdatedRows === 0n)
      throw new DaybookError('conflict', 'Another process goes on with this upload.');
  }

  async #touch(): Promise<void> {
    try {
      await this.#update({});
    } catch (error) {
      // A database that is away for a moment is no reason to give up; whoever writes next finds out.
      if (error instanceof DaybookError && error.code === 'conflict') this.#failure ??= error;
    }
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      await work();
      if (this.#failure !== undefined) throw this.#failure;
    } catch (error) {
      throw translated(error);
    }
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#touching);
    this.#reading.close();
    await this.#checkpoint;
    await this.#reading.settled();
    await this.#writing.catch(() => undefined);
    await this.#writer.leave();
  }
}

function countOf(pieces: readonly ReadMembers[]): number {
  return pieces.reduce((sum, { count }) => sum + count, 0);
}
