import { DaybookError, isoInstant, limits, toIso } from '@daybook/core';
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';
import type { Arrival } from './arrival.ts';
import { BundleFault } from './bundle-fault.ts';
import { correctState, stateBody } from './correct-state.ts';
import { Incoming, type Pace } from './incoming.ts';
import type { Intake } from './intake.ts';
import type { ProjectSchemas } from './project-schemas.ts';
import {
  bytesHeader,
  checkedChunk,
  checksumAlgorithms,
  checksumHeader,
  expectTus,
  tusExtensions,
  tusHeaders,
  tusVersion,
  uploadMetadata,
} from './tus.ts';
import { JobEndedError } from './upload-facts.ts';
import { ownUpload, type Upload } from './uploads.ts';

export interface UploadRoutesParts {
  readonly jobs: Jobs;
  readonly intake: Intake;
  readonly schemas: ProjectSchemas;
  readonly pace: Pace;
  /** Bytes of the largest bundle. */
  readonly largest: number;
}

const group = 'Bundles';
const params = z.strictObject({ id: z.coerce.number().int().min(1) });
const uploadSchema = z
  .object({
    jobId: z.int().meta({ description: 'The job that takes the bundle in; also the number of the upload' }),
    offset: z.int().meta({ description: 'Bytes that are safe: where to go on' }),
    length: z.int().meta({ description: 'Bytes of the whole tar' }),
    expiresAt: isoInstant.meta({ description: 'When it is given up if nothing more comes' }),
  })
  .meta({ id: 'Upload' });
const state = { description: 'How far it is', schema: uploadSchema };

/** Resumable uploads of bundles, by tus 1.0.0 (design.md §6). */
export function uploadRoutes(parts: UploadRoutesParts): Route[] {
  return [
    route({
      method: 'OPTIONS',
      path: '/api/v1/uploads',
      access: 'public',
      group,
      summary: 'What of tus is spoken here',
      answers: { 204: { description: 'Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm' } },
      handle: () => ({ status: 204, headers: spoken(parts.largest) }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/uploads',
      access: 'bundles.create',
      group,
      summary: 'Begin the resumable upload of a bundle (tus 1.0.0)',
      description:
        'Send Tus-Resumable, Upload-Length and, if you like, Upload-Metadata with `filename`. The answer has the address in Location; send the bytes there with PATCH, and ask it with HEAD where to go on. `job` in Upload-Metadata sends the bytes of a failed job once more.',
      answers: { 201: { ...state, description: 'The new upload, and its job' } },
      handle: (call) => create(parts, call),
    }),
    route({
      method: 'GET',
      path: '/api/v1/uploads/:id',
      access: 'bundles.create',
      group,
      summary: 'How far an upload is (HEAD, with tus headers alone)',
      params,
      answers: { 200: state },
      handle: async ({ actor, params: { id } }) => {
        const upload = await ownUpload(parts.jobs.store.read, actor, id);
        return answerState(upload, await offsetOf(parts, upload), 200);
      },
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/uploads/:id',
      access: 'bundles.create',
      group,
      summary: 'Go on with an upload',
      description:
        'The body is the bytes from Upload-Offset on, as many as you like. Upload-Checksum is checked before any of up to 32 MiB counts. The last byte answers when the whole tar is safely stored.',
      params,
      bytes: 'application/offset+octet-stream',
      answers: { 204: { description: 'Taken; Upload-Offset says where to go on' } },
      handle: (call) => goOn(parts, call.params.id, call),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/uploads/:id',
      access: 'bundles.create',
      group,
      summary: 'Give an upload up',
      params,
      answers: { 204: { description: 'Nothing is left of it, and its job is canceled' } },
      handle: async ({ actor, params: { id }, headers }) => {
        expectTus(headers);
        const upload = await ownUpload(parts.jobs.store.read, actor, id);
        const arrival = await parts.intake.resume(upload);
        await arrival.cancel(actor);
        return { status: 204, headers: tusHeaders };
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/uploads/:id/state',
      access: 'bundles.correct',
      group,
      summary: 'Say how an ingest stands, for one that neither fails nor goes on',
      params,
      body: stateBody,
      answers: { 204: { description: 'Said' } },
      handle: async ({ actor, params: { id }, body }) => {
        await correctState(parts.jobs, actor, id, body);
        return { status: 204 };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/ingest-schema',
      access: 'bundles.create',
      group,
      summary: 'What a project asks of the metadata of its bundles',
      description:
        'A JSON Schema (2020-12) of the key-values as an object; `null` if the project asks for nothing.',
      query: z.strictObject({ project: z.string().min(1).max(limits.tag) }),
      answers: {
        200: {
          description: 'The schema',
          schema: z.object({ schema: z.record(z.string(), z.unknown()).nullable() }),
        },
      },
      handle: async ({ query: { project } }) => ({
        body: { schema: (await parts.schemas.of(project)) ?? null },
      }),
    }),
  ];
}

function spoken(largest: number): Record<string, string> {
  return {
    ...tusHeaders,
    'tus-version': tusVersion,
    'tus-extension': tusExtensions,
    'tus-max-size': String(largest),
    'tus-checksum-algorithm': checksumAlgorithms.join(','),
  };
}

async function create(
  { intake, largest, jobs }: UploadRoutesParts,
  { actor, headers, gone }: Pick<Call, 'actor' | 'headers' | 'gone'>,
): Promise<Answer> {
  expectTus(headers);
  const length = bytesHeader(headers, 'Upload-Length');
  if (length > largest) throw new DaybookError('payload_too_large', `A bundle has at most ${largest} bytes.`);
  const said = uploadMetadata(headers['upload-metadata']);
  const order = {
    door: 'tus',
    name:
      said['filename']
        ?.replaceAll(/\p{Cc}/gu, ' ')
        .trim()
        .slice(0, limits.name) || undefined,
    user: actor.name,
    strictListing: true,
    length,
    said: JSON.stringify(said),
  } as const;
  const arrival =
    said['job'] === undefined
      ? await intake.begin(actor, order, gone)
      : await intake.beginAgain(actor, jobNumber(said['job']), order);
  await arrival.pause();
  const upload = await ownUpload(jobs.store.read, actor, arrival.jobId);
  const { headers: known, ...answer } = answerState(upload, 0, 201);
  return { ...answer, headers: { ...known, location: `/api/v1/uploads/${arrival.jobId}` } };
}

function jobNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new DaybookError('invalid_request', 'job in Upload-Metadata is the number of a job.');
}

function answerState(upload: Upload, offset: number, status: number): Answer {
  const expiresAt = upload.expires_at;
  return {
    status,
    headers: stateHeaders(upload, offset),
    body: { jobId: upload.job_id, offset, length: upload.length ?? 0, expiresAt: toIso(expiresAt) },
  };
}

function stateHeaders({ length, expires_at }: Upload, offset: number): Record<string, string> {
  return {
    ...tusHeaders,
    'upload-offset': String(offset),
    'upload-length': String(length ?? 0),
    'upload-expires': new Date(expires_at).toUTCString(),
  };
}

/** Opened to look: only what can be opened again is safe. */
async function offsetOf({ intake }: UploadRoutesParts, upload: Upload): Promise<number> {
  if (await intake.isWhole(upload)) return upload.length ?? 0;
  const arrival = await intake.resume(upload);
  return arrival.pause();
}

async function goOn(
  parts: UploadRoutesParts,
  id: number,
  { actor, headers, bytes }: Pick<Call, 'headers' | 'bytes'> & { actor: Actor },
): Promise<Answer> {
  expectTus(headers);
  if (headers['content-type'] !== 'application/offset+octet-stream')
    throw new DaybookError('unsupported_media_type', 'Send the bytes as application/offset+octet-stream.');
  const offset = bytesHeader(headers, 'Upload-Offset');
  const checksum = checksumHeader(headers);
  const upload = await ownUpload(parts.jobs.store.read, actor, id);
  if (await parts.intake.isWhole(upload)) return whole(upload, offset);
  const incoming = new Incoming(bytes, parts.pace);
  // Before it is opened: nobody else has to wait for these.
  const source = checksum === undefined ? incoming : await checkedChunk(incoming, checksum);
  const arrival = await parts.intake.resume(upload);
  if (arrival.received !== offset) {
    const safe = await arrival.pause();
    throw new DaybookError('conflict', `Upload ${id} goes on at ${safe}, not at ${offset}.`, {
      extra: { offset: safe },
    });
  }
  return { status: 204, headers: stateHeaders(upload, await takeAll(arrival, upload, source)) };
}

/** The last answer was lost on its way: it is given again. */
function whole(upload: Upload, offset: number): Answer {
  if (offset !== upload.length)
    throw new DaybookError('conflict', `Upload ${upload.job_id} is whole.`, {
      extra: { offset: upload.length },
    });
  return { status: 204, headers: stateHeaders(upload, offset) };
}

/** Takes what comes; answers how far it is then. */
async function takeAll(
  arrival: Arrival,
  { length }: Upload,
  source: Incoming | readonly Uint8Array[],
): Promise<number> {
  let isWhole = false;
  try {
    await arrival.take(source, length ?? undefined);
    if (arrival.received !== length) return await arrival.pause();
    isWhole = true;
    await arrival.finish();
    return length;
  } catch (error) {
    throw await leftBehind(arrival, error, isWhole);
  }
}

/** What becomes of an upload that cannot go on now, and what its sender is told. */
async function leftBehind(arrival: Arrival, error: unknown, isWhole: boolean): Promise<unknown> {
  if (error instanceof BundleFault) {
    await arrival.refuse(error, { whole: isWhole });
    return refusedBundle(error, arrival.jobId);
  }
  if (error instanceof JobEndedError) {
    await arrival.discard();
    return new DaybookError('not_found', `${error.message} Nothing of the upload was kept.`);
  }
  await arrival.pause().catch(() => undefined);
  return error;
}

/** A refusal, for whoever still sends: the job says the same. */
export function refusedBundle({ task, rule, message }: BundleFault, jobId: number): DaybookError {
  return new DaybookError('bundle_refused', message, { extra: { jobId, task, rule } });
}
