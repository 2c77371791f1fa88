import { DaybookError } from '@daybook/core';
import { z } from 'zod';
import { Incoming, type Pace } from '../../ingest/incoming.ts';
import type { Intake } from '../../ingest/intake.ts';
import { type Call, type Route, route } from '../../route.ts';
import type { Store } from '../../storage/index.ts';
import { type AccessParts, admission } from './access.ts';
import { pacifica } from './dialect.ts';
import { receiveWhole } from './receive.ts';
import { findState } from './state.ts';

export interface PacificaParts {
  readonly store: Store;
  readonly intake: Intake;
  readonly access: AccessParts;
  readonly pace: Pace;
}

/** Bytes of a document of moves. */
const LARGEST_DOCUMENT = 32 * 1024 * 1024;
const anyQuery = z.looseObject({});
const stateQuery = z.looseObject({ job_id: z.union([z.string(), z.array(z.string())]).optional() });
const answers = { 200: { description: 'The state of the job, as Pacifica Ingest answered' } };
type Bytes = Pick<Call, 'actor' | 'headers' | 'bytes' | 'gone'>;

/** The HTTP surface of Pacifica Ingest (contracts/pacifica.md). `GET /` is answered with the pages. */
export function pacificaRoutes(parts: PacificaParts): Route[] {
  const common = {
    group: 'pacifica',
    dialect: pacifica,
    admit: admission(parts.access),
    answers,
  } as const;
  const receiving = ['/ingest', '/upload'].map((path) =>
    route({
      ...common,
      method: 'POST',
      path,
      access: 'bundles.create',
      summary: 'Take in a bundle, the tar as body',
      query: anyQuery,
      bytes: 'application/octet-stream',
      handle: (call) => receive(parts, call),
    }),
  );
  return [
    ...receiving,
    route({
      ...common,
      method: 'POST',
      path: '/move',
      access: 'bundles.create',
      summary: 'Move files of the server into the archive',
      query: anyQuery,
      bytes: 'application/json',
      handle: (call) => move(parts, call),
    }),
    route({
      ...common,
      method: 'GET',
      path: '/get_state',
      access: 'bundles.create',
      summary: 'How far an ingest is',
      query: stateQuery,
      handle: async ({ actor, query }) => {
        const number = jobNumber(query.job_id);
        return { body: await findState(parts.store.read, actor.scope, number) };
      },
    }),
  ];
}

async function receive({ store, intake, pace }: PacificaParts, { actor, headers, bytes, gone }: Bytes) {
  const length = headers['content-length'];
  const arrival = await intake.begin(
    actor,
    {
      door: 'post',
      user: actor.name,
      strictListing: false,
      length: length === undefined ? undefined : Number(length),
    },
    gone,
  );
  const { heard } = await receiveWhole(arrival, new Incoming(bytes, pace));
  return {
    ...(heard ? {} : { headers: { connection: 'close' } }),
    body: await findState(store.read, everything, await wireNumber(store, arrival.jobId)),
  };
}

async function move({ store, intake, pace }: PacificaParts, { actor, headers, bytes, gone }: Bytes) {
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? ''))
    throw new DaybookError('unsupported_media_type', 'Send the document as application/json.');
  const said = await documentOf(new Incoming(bytes, pace));
  const jobId = await intake.beginMove(
    actor,
    { door: 'move', user: actor.name, strictListing: true, said },
    gone,
  );
  return { body: await findState(store.read, everything, await wireNumber(store, jobId)) };
}

/** Its text, if it is JSON; of which form it is, the job finds out. */
async function documentOf(incoming: Incoming): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > LARGEST_DOCUMENT)
      throw new DaybookError('payload_too_large', 'A document of moves has at most 32 MiB.');
    // Each is good until the next comes.
    chunks.push(Buffer.from(chunk));
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    JSON.parse(text);
    return text.replaceAll('\0', '');
  } catch (error) {
    throw new DaybookError('malformed_json', 'The body is not JSON.', { cause: error });
  }
}

/** Whoever made a job sees its state. */
const everything = { all: true, projects: [], providerId: 0, customers: [] };

/** The number by which its clients know a job. */
async function wireNumber({ read }: Store, jobId: number): Promise<number> {
  const row = await read
    .selectFrom('uploads')
    .innerJoin('jobs', 'jobs.id', 'uploads.job_id')
    .select('jobs.external_id')
    .where('uploads.job_id', '=', jobId)
    .executeTakeFirst();
  return Number(row?.external_id ?? jobId);
}

function jobNumber(text: string | string[] | undefined): number {
  if (typeof text === 'string' && /^\d{1,15}$/.test(text)) return Number(text);
  throw new DaybookError('invalid_request', 'job_id must be the number of a job.');
}
