import { randomUUID } from 'node:crypto';
import { DaybookError, endedStatuses } from '@daybook/core';
import { memberPages, removeMemberRows } from '../archive/member-rows.ts';
import { MissingObjectError, type ObjectWriter } from '../archive/object-store.ts';
import { tarIn } from '../archive/tar-object.ts';
import { type Checkpoint, membersEnded, OpenReception, type ReceptionRow } from './open-reception.ts';
import { openReceived } from './received.ts';
import type { ReceivedBundle, Reception, Receptions, Swept } from './reception.ts';
import { ABANDONED, RECEPTION_LEASE, type ReceptionParts, translated } from './reception-parts.ts';

interface StoredReception extends ReceptionRow {
  readonly checkpoint: Checkpoint | undefined;
}

/** Opens, resumes and removes receptions; their state is in the database, so any process may do so. */
export class ReceptionDesk implements Receptions {
  readonly #parts: ReceptionParts;

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
  }

  async open(jobId: number): Promise<Reception> {
    const { store, clock, owner, objects } = this.#parts;
    const now = clock.now();
    const folder = `${new Date(now).toISOString().slice(0, 7).replace('-', '/')}/${randomUUID()}`;
    // The row first: whoever sweeps takes a folder without one for nobody's.
    const { id } = await store.write(({ db }) =>
      db
        .insertInto('bundles')
        .values({
          job_id: jobId,
          folder,
          state: 'receiving',
          size: 0,
          members: 0,
          files: 0,
          unlisted: 0,
          owner,
          created_at: now,
          touched_at: now,
          expires_at: now + ABANDONED,
        })
        .returning('id')
        .executeTakeFirstOrThrow(),
    );
    const row = { bundleId: id, jobId, folder };
    try {
      return this.#reception(row, await objects.create(tarIn(folder)));
    } catch (error) {
      await this.#remove(row).catch(() => undefined);
      throw translated(error);
    }
  }

  async resume(bundleId: number): Promise<Reception> {
    const row = await this.#takeOver(bundleId);
    try {
      return await this.#opened(row);
    } catch (error) {
      await this.#letGo(row).catch(() => undefined);
      throw translated(error);
    }
  }

  async #opened(row: StoredReception): Promise<Reception> {
    const { objects, store } = this.#parts;
    const { bundleId, checkpoint, folder } = row;
    if (checkpoint === undefined) return await this.#fromTheBeginning(row);
    let writer: ObjectWriter;
    try {
      writer = await objects.resume(tarIn(folder), checkpoint.writer);
    } catch (error) {
      if (error instanceof MissingObjectError) return await this.#fromTheBeginning(row);
      throw error;
    }
    await removeMemberRows(store, bundleId, membersEnded(checkpoint.lane));
    const reception = this.#reception(row, writer, checkpoint);
    try {
      for await (const members of memberPages(store, bundleId))
        reception.remember(
          members.map(({ path }) => path),
          members.map(({ kind }) => (kind === 'directory' ? 'directory' : 'file')),
        );
      return reception;
    } catch (error) {
      await reception.pause();
      throw error;
    }
  }

  /** It could not be opened here: others need not wait until this process is taken for dead. */
  async #letGo({ bundleId }: ReceptionRow): Promise<void> {
    const { store, owner } = this.#parts;
    await store.write(({ db }) =>
      db
        .updateTable('bundles')
        .set({ owner: null })
        .where('id', '=', bundleId)
        .where('owner', '=', owner)
        .execute(),
    );
  }

  async received(bundleId: number): Promise<ReceivedBundle> {
    return await openReceived(this.#parts, bundleId, (row) => this.#remove(row));
  }

  async ofJob(jobId: number) {
    const row = await this.#parts.store.read
      .selectFrom('bundles')
      .select(['id', 'state'])
      .where('job_id', '=', jobId)
      .where('state', 'in', ['receiving', 'received'])
      .orderBy('id', 'desc')
      .executeTakeFirst();
    return row && { bundleId: row.id, state: row.state as 'receiving' | 'received' };
  }

  /** What this process left when it was killed is nobody's now. Only where no other process receives. */
  async release(): Promise<void> {
    await this.#parts.store.write(({ db }) =>
      db.updateTable('bundles').set({ owner: null }).where('state', '=', 'receiving').execute(),
    );
  }

  async sweep(quarantine: number): Promise<Swept> {
    const now = this.#parts.clock.now();
    const expired = await this.#parts.store.read
      .selectFrom('bundles')
      // Whose they are makes no difference: Daybook itself looks after them.
      .leftJoin('jobs', 'jobs.id', 'bundles.job_id')
      .select(['bundles.id as bundleId', 'bundles.job_id as jobId', 'bundles.folder'])
      .where('bundles.state', 'in', ['receiving', 'received'])
      .where('bundles.expires_at', '<', now)
      .where((eb) =>
        eb.or([
          eb('bundles.state', '=', 'receiving'),
          eb('jobs.id', 'is', null),
          // What came whole was acknowledged: it waits for its worker however long, and then for another try.
          eb.and([eb('jobs.status', 'in', endedStatuses), eb('jobs.ended_at', '<', now - quarantine)]),
        ]),
      )
      .execute();
    let removed = 0;
    for (const row of expired) if (await this.#remove(row, now)) removed += 1;
    const folders = await this.#sweepFolders();
    return { ...folders, removed: removed + folders.removed };
  }

  /**
   * Folders of no bundle: their rows were made before them, so a folder that is listed and has none lost it. A whole tar is
   * never removed for that: rather than the bundle, the database may be the wrong one (restored, new, another server's).
   */
  async #sweepFolders(): Promise<Swept> {
    const { objects, store } = this.#parts;
    const unknown: string[] = [];
    let removed = 0;
    for await (const folder of objects.folders()) {
      const row = await store.read
        .selectFrom('bundles')
        .select('id')
        .where('folder', '=', folder)
        .executeTakeFirst();
      if (row !== undefined) continue;
      if ((await objects.size(tarIn(folder))) !== undefined) {
        unknown.push(folder);
        continue;
      }
      await objects.removeFolder(folder);
      removed += 1;
    }
    return { removed, unknown };
  }

  #reception(row: ReceptionRow, writer: ObjectWriter, from?: Checkpoint): OpenReception {
    return new OpenReception(this.#parts, row, writer, {
      from,
      finished: (bundleId) => this.received(bundleId),
      remove: (each) => this.#remove(each),
    });
  }

  async #fromTheBeginning(row: ReceptionRow): Promise<Reception> {
    const { objects, store } = this.#parts;
    await objects.removeFolder(row.folder);
    await removeMemberRows(store, row.bundleId);
    return this.#reception(row, await objects.create(tarIn(row.folder)));
  }

  async #takeOver(bundleId: number): Promise<StoredReception> {
    const { store, clock, owner } = this.#parts;
    return await store.write(async ({ db }) => {
      const now = clock.now();
      const row = await db
        .updateTable('bundles')
        .set({ owner, touched_at: now, expires_at: now + ABANDONED })
        .where('id', '=', bundleId)
        .where('state', '=', 'receiving')
        .where((eb) => eb.or([eb('owner', 'is', null), eb('touched_at', '<', now - RECEPTION_LEASE)]))
        .returning(['job_id', 'folder', 'checkpoint'])
        .executeTakeFirst();
      if (row !== undefined)
        return { bundleId, jobId: row.job_id, folder: row.folder, checkpoint: checkpointOf(row.checkpoint) };
      const there = await db
        .selectFrom('bundles')
        .select('state')
        .where('id', '=', bundleId)
        .executeTakeFirst();
      if (there?.state === 'receiving')
        throw new DaybookError('conflict', 'This upload is being received already. Try again in a moment.');
      throw new DaybookError('not_found', `There is no unfinished upload of bundle ${bundleId}.`);
    });
  }

  /** Bytes first, the row last: what is interrupted is found again. False if it is another's, or published. */
  async #remove({ bundleId, folder }: ReceptionRow, expiredBy?: number): Promise<boolean> {
    const { objects, store } = this.#parts;
    if (!(await this.#claimRemoval(bundleId, expiredBy))) return false;
    await objects.removeFolder(folder);
    await removeMemberRows(store, bundleId);
    await store.write(({ db }) =>
      db.deleteFrom('bundles').where('id', '=', bundleId).where('state', '!=', 'published').execute(),
    );
    return true;
  }

  /** From here on nobody publishes it or goes on with it: bytes of what is published must never be removed. */
  async #claimRemoval(bundleId: number, expiredBy?: number): Promise<boolean> {
    const { store, clock, owner } = this.#parts;
    const now = clock.now();
    const claimed = await store.write(({ db }) => {
      const update = db
        .updateTable('bundles')
        .set({ state: 'receiving', owner, checkpoint: null, touched_at: now, expires_at: now })
        .where('id', '=', bundleId)
        .where('state', '!=', 'published')
        .where((eb) =>
          eb.or([
            eb('owner', 'is', null),
            eb('touched_at', '<', now - RECEPTION_LEASE),
            ...(expiredBy === undefined ? [eb('owner', '=', owner)] : []),
          ]),
        );
      return (
        expiredBy === undefined ? update : update.where('expires_at', '<', expiredBy)
      ).executeTakeFirst();
    });
    return claimed.numUpdatedRows > 0n;
  }
}

/** JSON is text on SQLite, and an object on PostgreSQL. */
function checkpointOf(stored: unknown): Checkpoint | undefined {
  if (stored === null || stored === undefined) return undefined;
  return (typeof stored === 'string' ? JSON.parse(stored) : stored) as Checkpoint;
}
