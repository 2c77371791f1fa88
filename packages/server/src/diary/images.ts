import { createHash } from 'node:crypto';
import {
  DaybookError,
  type Image,
  type ImageUpload,
  imageLimits,
  imagePath,
  imageTypeOf,
  toIso,
} from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import { record } from '../access/audit.ts';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import { refuseUnseen } from '../jobs/visible-jobs.ts';
import type { Database, ImagesTable, Store } from '../storage/index.ts';

export interface ImageParts {
  readonly store: Store;
  readonly clock: Clock;
}

/** Everything but the bytes. */
const columns = [
  'images.id',
  'images.job_id',
  'images.name',
  'images.type',
  'images.size',
  'images.created_at',
  'images.created_by',
] as const;
type Row = Omit<Selectable<ImagesTable>, 'content' | 'hash'>;

/**
 * Keeps an image for the notes of a job; the same one once more is answered as it is.
 *
 * @throws DaybookError `not_found`, `invalid_request` for what is no image or too large, `conflict` for too many
 */
export async function keepImage(
  { store, clock }: ImageParts,
  actor: Actor,
  jobId: number,
  upload: ImageUpload,
): Promise<{ image: Image; isNew: boolean }> {
  const content = Buffer.from(upload.content, 'base64');
  const type = imageTypeOf(content);
  if (type === undefined) throw unfit('is no PNG, JPEG, GIF or WebP');
  if (content.length > imageLimits.bytes) throw unfit(`must be at most ${imageLimits.bytes} bytes`);
  const hash = createHash('sha256').update(content).digest('base64url');
  return await store.write(async ({ db }) => {
    // Whoever else adds one to this job waits here, so that the limit holds.
    await store.profile.oneAtATime(db, `images of ${jobId}`);
    await refuseUnseen(db, actor.scope, jobId);
    const known = await db
      .selectFrom('images')
      .select(columns)
      .where('job_id', '=', jobId)
      .where('hash', '=', hash)
      .executeTakeFirst();
    if (known !== undefined) return { image: imageOf(known), isNew: false };
    await refuseTooMany(db, jobId);
    const row = await db
      .insertInto('images')
      .values({
        job_id: jobId,
        name: upload.name,
        type,
        size: content.length,
        hash,
        content,
        created_at: clock.now(),
        created_by: actor.label,
      })
      .returning(columns)
      .executeTakeFirstOrThrow();
    return { image: imageOf(row), isNew: true };
  });
}

/** The images of a job, the oldest first. Throws `not_found`. */
export async function listImages(db: Kysely<Database>, actor: Actor, jobId: number): Promise<Image[]> {
  await refuseUnseen(db, actor.scope, jobId);
  const rows = await db
    .selectFrom('images')
    .select(columns)
    .where('job_id', '=', jobId)
    .orderBy('id')
    .execute();
  return rows.map(imageOf);
}

/** An image with its bytes. Throws `not_found`, also for one of a job that the actor does not see. */
export async function readImage(
  db: Kysely<Database>,
  actor: Actor,
  jobId: number,
  id: number,
): Promise<{ image: Image; content: Uint8Array }> {
  await refuseUnseen(db, actor.scope, jobId);
  const row = await db
    .selectFrom('images')
    .select([...columns, 'content'])
    .where('id', '=', id)
    .where('job_id', '=', jobId)
    .executeTakeFirst();
  if (row === undefined) throw missing(id);
  return { image: imageOf(row), content: row.content };
}

/** Takes an image away; notes that show it show its name instead. Throws `not_found`. */
export async function dropImage(
  { store, clock }: ImageParts,
  actor: Actor,
  jobId: number,
  id: number,
): Promise<void> {
  await store.write(async (transaction) => {
    await refuseUnseen(transaction.db, actor.scope, jobId);
    const { numDeletedRows } = await transaction.db
      .deleteFrom('images')
      .where('id', '=', id)
      .where('job_id', '=', jobId)
      .executeTakeFirstOrThrow();
    if (numDeletedRows === 0n) throw missing(id);
    await record(transaction, {
      at: clock.now(),
      actor: actor.label,
      action: 'image.delete',
      subject: `job:${jobId}`,
      detail: { id },
    });
  });
}

async function refuseTooMany(db: Kysely<Database>, jobId: number): Promise<void> {
  const { count } = await db
    .selectFrom('images')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('job_id', '=', jobId)
    .executeTakeFirstOrThrow();
  if (Number(count) >= imageLimits.perJob)
    throw new DaybookError(
      'conflict',
      `This job has ${imageLimits.perJob} images already. Delete one first.`,
    );
}

function unfit(message: string): DaybookError {
  return new DaybookError('invalid_request', undefined, { faults: [{ path: 'content', message }] });
}

function missing(id: number): DaybookError {
  return new DaybookError('not_found', `There is no image ${id} of this job.`);
}

function imageOf(row: Row): Image {
  return {
    id: row.id,
    jobId: row.job_id,
    name: row.name,
    type: row.type as Image['type'],
    size: row.size,
    path: imagePath(row.job_id, row.id),
    createdAt: toIso(row.created_at),
    createdBy: row.created_by,
  };
}
