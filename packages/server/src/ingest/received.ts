import { createHash } from 'node:crypto';
import { DaybookError, toIso } from '@daybook/core';
import type { Selectable } from 'kysely';
import { manifestText } from '../archive/manifest.ts';
import { makeReceipt, type ReceiptFacts } from '../archive/receipt.ts';
import { tarIn } from '../archive/tar-object.ts';
import type { BundlesTable, Transaction } from '../storage/index.ts';
import { checkFiles, hashDeferred } from './check-files.ts';
import type { ReceptionRow } from './open-reception.ts';
import type { BundleFacts, CheckOptions, ListedFile, ReceivedBundle } from './reception.ts';
import { type ReceptionParts, translated } from './reception-parts.ts';

/** A bundle that has come whole. Throws `not_found`. */
export async function openReceived(
  parts: ReceptionParts,
  bundleId: number,
  remove: (row: ReceptionRow) => Promise<unknown>,
): Promise<ReceivedBundle> {
  const row = await parts.store.read
    .selectFrom('bundles')
    .selectAll()
    .where('id', '=', bundleId)
    .where('state', '=', 'received')
    .executeTakeFirst();
  if (row === undefined) throw new DaybookError('not_found', `No bundle ${bundleId} waits to be published.`);
  return new Received(parts, row, remove);
}

class Received implements ReceivedBundle {
  readonly #parts: ReceptionParts;
  readonly #row: Selectable<BundlesTable>;
  readonly #remove: (row: ReceptionRow) => Promise<unknown>;
  #isHashed = false;

  constructor(
    parts: ReceptionParts,
    row: Selectable<BundlesTable>,
    remove: (row: ReceptionRow) => Promise<unknown>,
  ) {
    this.#parts = parts;
    this.#row = row;
    this.#remove = remove;
  }

  get bundleId() {
    return this.#row.id;
  }
  get jobId() {
    return this.#row.job_id;
  }
  get size() {
    return this.#row.size;
  }
  get members() {
    return this.#row.members;
  }
  get files() {
    return this.#row.files;
  }
  get metadataSize() {
    return this.#row.metadata_size ?? 0;
  }

  readMetadata(signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const from = this.#row.metadata_offset ?? 0;
    return this.#parts.objects.read(tarIn(this.#row.folder), from, from + this.metadataSize, signal);
  }

  async checkFiles(
    listed: Iterable<readonly ListedFile[]> | AsyncIterable<readonly ListedFile[]>,
    options: CheckOptions,
  ) {
    try {
      await this.#hashDeferred(options.signal);
      const checked = await checkFiles(this.#parts, this.#row, listed, options);
      await this.#parts.store.write(({ db }) =>
        db
          .updateTable('bundles')
          .set({ unlisted: checked.unlisted })
          .where('id', '=', this.#row.id)
          .execute(),
      );
      return checked;
    } catch (error) {
      throw translated(error);
    }
  }

  async seal(facts: BundleFacts, signal?: AbortSignal): Promise<void> {
    try {
      await this.#hashDeferred(signal);
      const { sha256, size } = await this.#writeManifest(facts);
      await this.#writeReceipt(sha256, facts);
      await this.#parts.store.write(({ db }) =>
        db
          .updateTable('bundles')
          .set({ manifest_sha256: sha256, manifest_size: size })
          .where('id', '=', this.#row.id)
          .execute(),
      );
    } catch (error) {
      throw translated(error);
    }
  }

  async publishWithin({ db }: Transaction): Promise<void> {
    const updated = await db
      .updateTable('bundles')
      .set({ state: 'published', published_at: this.#parts.clock.now(), expires_at: null })
      .where('id', '=', this.#row.id)
      .where('state', '=', 'received')
      .where('manifest_sha256', 'is not', null)
      .executeTakeFirst();
    if (updated.numUpdatedRows === 0n)
      throw new DaybookError('conflict', `Bundle ${this.#row.id} is published already, or is not sealed.`);
  }

  async discard(): Promise<void> {
    await this.#remove({ bundleId: this.#row.id, jobId: this.#row.job_id, folder: this.#row.folder });
  }

  /** Once: finding that there is nothing to do is a look at every member. */
  async #hashDeferred(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#isHashed) await hashDeferred(this.#parts, this.#row, signal);
    this.#isHashed = true;
  }

  async #writeManifest(facts: BundleFacts): Promise<{ sha256: string; size: number }> {
    const { objects, store } = this.#parts;
    const hash = createHash('sha256');
    let size = 0;
    const { metadata } = facts;
    const text = manifestText(store, this.#row, { ...this.#receiptFacts(facts), metadata });
    const pieces = async function* () {
      for await (const piece of text) {
        const bytes = Buffer.from(piece);
        hash.update(bytes);
        size += bytes.length;
        yield bytes;
      }
    };
    await objects.put({ folder: this.#row.folder, name: 'manifest.json' }, pieces());
    return { sha256: hash.digest('hex'), size };
  }

  async #writeReceipt(manifestSha256: string, facts: BundleFacts): Promise<void> {
    const text = makeReceipt(this.#parts.key(), manifestSha256, this.#receiptFacts(facts));
    await this.#parts.objects.put({ folder: this.#row.folder, name: 'receipt.json' }, [Buffer.from(text)]);
  }

  #receiptFacts({ project, submitter, instrument, receivedFrom }: BundleFacts): ReceiptFacts {
    const { id, job_id, size, members, files, touched_at } = this.#row;
    const receivedAt = toIso(touched_at);
    return {
      bundle: id,
      job: job_id,
      size,
      members,
      files,
      project,
      submitter,
      instrument,
      receivedFrom,
      receivedAt,
    };
  }
}
