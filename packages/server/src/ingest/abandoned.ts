import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Duty } from '../duties/duties.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { BundleFault } from './bundle-fault.ts';
import { removeSources } from './move-sources.ts';
import type { Receptions } from './reception.ts';
import { handOver, tellRefused } from './upload-facts.ts';
import { markReceived, type Upload } from './uploads.ts';

export interface AbandonedParts {
  readonly jobs: Jobs;
  readonly receptions: Receptions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly moveRoots: readonly string[];
}

/** A request that brings a bundle tells of it at least so often while it lives, milliseconds; see `UploadTelling`. */
const SILENT = 90_000;
/** Whoever cancels a bundle by mistake may retry it for so long, milliseconds; then its bytes go. */
const SECOND_THOUGHT = 60_000;
/** Uploads that one look takes care of at most. */
const MOST = 100;

type Row = Upload & { readonly status: string; readonly seen_at: number };

/**
 * Ends what nobody goes on with: uploads whose time is over, requests whose process is gone, bytes of canceled jobs. What
 * had come whole when its process died goes on to the queue, and sources of a move whose bundle is in the archive are removed.
 */
export function abandonedUploads(parts: AbandonedParts): Duty {
  const { log } = parts;
  return {
    name: 'abandoned-uploads',
    every: 15_000,
    isDue: async () => (await openUploads(parts)).length > 0 || (await canceledBundles(parts)).length > 0,
    async run(signal) {
      const over = [
        ...(await openUploads(parts)).map((upload) => ({
          job: upload.job_id,
          end: () => settle(parts, upload, signal),
        })),
        ...(await canceledBundles(parts)).map((job) => ({ job, end: () => drop(parts, job) })),
      ];
      for (const { job, end } of over) {
        if (signal.aborted) return;
        try {
          await end();
        } catch (error) {
          log.warn({ err: error, job }, 'an upload could not be ended');
        }
      }
    },
  };
}

/** Those of which somebody should have heard more. */
async function openUploads({ jobs, clock }: AbandonedParts): Promise<Row[]> {
  const now = clock.now();
  return (await jobs.store.read
    .selectFrom('uploads')
    // Whose they are makes no difference: Daybook itself looks after them.
    .innerJoin('jobs', 'jobs.id', 'uploads.job_id')
    .selectAll('uploads')
    .select(['jobs.status', 'jobs.seen_at'])
    .where('uploads.received_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb.and([eb('uploads.door', '=', 'tus'), eb('uploads.expires_at', '<=', now)]),
        eb.and([eb('uploads.door', '=', 'post'), eb('jobs.seen_at', '<=', now - SILENT)]),
        eb.and([eb('uploads.door', '=', 'move'), eb('jobs.status', '=', 'succeeded')]),
      ]),
    )
    .orderBy('uploads.job_id')
    .limit(MOST)
    .execute()) as Row[];
}

/** Jobs that were canceled, and whose bytes are still here. */
async function canceledBundles({ jobs, clock }: AbandonedParts): Promise<number[]> {
  const rows = await jobs.store.read
    .selectFrom('bundles')
    // Whose they are makes no difference: Daybook itself looks after them.
    .innerJoin('jobs', 'jobs.id', 'bundles.job_id')
    .select('bundles.job_id')
    .where('bundles.state', 'in', ['receiving', 'received'])
    .where('jobs.status', '=', 'canceled')
    .where('jobs.ended_at', '<=', clock.now() - SECOND_THOUGHT)
    .limit(MOST)
    .execute();
  return rows.map(({ job_id }) => job_id);
}

/** Removes what has come of a bundle that is not in the archive. Throws `conflict` while somebody still sends it. */
async function drop({ receptions }: AbandonedParts, jobId: number): Promise<void> {
  const bundle = await receptions.ofJob(jobId);
  if (bundle?.state === 'receiving') await (await receptions.resume(bundle.bundleId)).discard();
  else if (bundle !== undefined) await (await receptions.received(bundle.bundleId)).discard();
}

async function settle(parts: AbandonedParts, upload: Row, signal: AbortSignal): Promise<void> {
  const { receptions } = parts;
  const { job_id: jobId, status, door } = upload;
  if (door === 'move') return settleMove(parts, upload, signal);
  const bundle = await receptions.ofJob(jobId);
  if (status === 'running' && bundle?.state === 'received')
    return handOver(parts.jobs.appender, jobId, parts.clock.now());
  if (bundle?.state === 'receiving') await drop(parts, jobId);
  if (status === 'running') {
    const why =
      door === 'tus'
        ? 'Its sender did not go on with it in time.'
        : 'The connection or the server broke off.';
    const fault = new BundleFault('UPLOADING', 'abandoned', `${why} Send the bundle again.`);
    await tellRefused(parts.jobs.appender, jobId, fault, { whole: false });
  }
  await over(parts, jobId);
}

/** A worker that was stopped between publishing and removing has left some. */
async function settleMove(
  { moveRoots: roots, log, ...parts }: AbandonedParts,
  { status, said, job_id: jobId }: Row,
  signal: AbortSignal,
): Promise<void> {
  if (status !== 'succeeded') return;
  const { read } = parts.jobs.store;
  const document = new TextEncoder().encode(said);
  if (await removeSources({ read, roots, log }, jobId, document, signal)) await over(parts, jobId);
}

/** Nothing is to be done for it any more. */
async function over({ jobs, clock }: Pick<AbandonedParts, 'jobs' | 'clock'>, jobId: number): Promise<void> {
  await jobs.store.write((transaction) => markReceived(transaction, jobId, clock.now()));
}
