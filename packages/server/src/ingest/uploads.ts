import { DaybookError } from '@daybook/core';
import type { Selectable } from 'kysely';
import type { Actor } from '../actor.ts';
import type { Store, Transaction, UploadsTable } from '../storage/index.ts';

/** How bytes come: in one request, resumable, or from the server's own disk. */
export type Door = 'post' | 'tus' | 'move';
export type Upload = Selectable<UploadsTable> & { readonly door: Door };

/** What is known of an upload when it begins. */
export interface UploadOrder {
  readonly door: Door;
  /** What the job is called; its configuration's name when left out. */
  readonly name?: string | undefined;
  /** The user that policies are asked about. */
  readonly user: string;
  /** Whether files that the metadata does not list fail it: so in the native API, not in the old one. */
  readonly strictListing: boolean;
  /** Bytes to come, if that is known. */
  readonly length?: number | undefined;
  /** What its sender said of it, as text. */
  readonly said?: string | undefined;
}

/** Who an upload belongs to: nobody else goes on with it. */
export function ownerOf({ kind, id, label }: Actor): string {
  return kind === 'system' ? label : `${kind} ${id}`;
}

/** Keeps an upload; one that is sent anew for its job takes the place of the one before. */
export async function keepUpload(
  { db }: Transaction,
  jobId: number,
  actor: Actor,
  order: UploadOrder,
  { now, expiresAt }: { now: number; expiresAt: number },
): Promise<void> {
  const row = {
    job_id: jobId,
    door: order.door,
    owner: ownerOf(actor),
    label: actor.label,
    user_name: order.user,
    strict_listing: order.strictListing ? 1 : 0,
    length: order.length ?? null,
    said: order.said ?? '',
    first_file: null,
    created_at: now,
    touched_at: now,
    expires_at: expiresAt,
    received_at: null,
  };
  await db
    .insertInto('uploads')
    .values(row)
    .onConflict((conflict) => conflict.column('job_id').doUpdateSet(row))
    .execute();
}

/** The upload of a job, if it came by one. */
export async function findUpload(db: Store['read'], jobId: number): Promise<Upload | undefined> {
  const row = await db.selectFrom('uploads').selectAll().where('job_id', '=', jobId).executeTakeFirst();
  return row as Upload | undefined;
}

/** The upload that its owner goes on with. Throws `not_found` for anybody else's. */
export async function ownUpload(db: Store['read'], actor: Actor, jobId: number): Promise<Upload> {
  const upload = await findUpload(db, jobId);
  if (upload === undefined || upload.door !== 'tus' || upload.owner !== ownerOf(actor))
    throw new DaybookError('not_found', `There is no upload ${jobId} of yours.`);
  return upload;
}

/** It goes on: it lives until `expiresAt` again. */
export async function touchUpload(
  store: Store,
  jobId: number,
  now: number,
  expiresAt: number,
): Promise<void> {
  await store.write(({ db }) =>
    db
      .updateTable('uploads')
      .set({ touched_at: now, expires_at: expiresAt })
      .where('job_id', '=', jobId)
      .execute(),
  );
}

/** All of it has come. False if somebody has said so before. */
export async function markReceived({ db }: Transaction, jobId: number, now: number): Promise<boolean> {
  const marked = await db
    .updateTable('uploads')
    .set({ received_at: now, touched_at: now })
    .where('job_id', '=', jobId)
    .where('received_at', 'is', null)
    .executeTakeFirst();
  return marked.numUpdatedRows > 0n;
}
