import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Duty } from '../duties/duties.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { BundleFault } from './bundle-fault.ts';
import { removeSources } from './move-sources.ts';
import type { Receptions } from './reception.ts';
import { tellReceived, tellRefused } from './upload-facts.ts';
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
/** Uploads that one look takes care of at most. */
const MOST = 100;

type Row = Upload & { readonly status: string; readonly seen_at: number };

/**
 * Ends what nobody goes on with: uploads whose time is over, requests whose process is gone. What had come whole when its
 * process died goes on to the queue, and sources of a move whose bundle is in the archive are removed.
 */
export function abandonedUploads(parts: AbandonedParts): Duty {
  const { log } = parts;
  return {
    name: 'abandoned-uploads',
    every: 15_000,
    isDue: async () => (await openUploads(parts)).length > 0,
    async run(signal) {
      for (const upload of await openUploads(parts)) {
        if (signal.aborted) return;
        try {
          await settle(parts, upload, signal);
        } catch (error) {
          log.warn({ err: error, job: upload.job_id }, 'an upload could not be ended');
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

async function settle(parts: AbandonedParts, upload: Row, signal: AbortSignal): Promise<void> {
  const { receptions } = parts;
  const { job_id: jobId, status, door } = upload;
  if (door === 'move') return settleMove(parts, upload, signal);
  const bundle = await receptions.ofJob(jobId);
  if (status === 'running' && bundle?.state === 'received') return toQueue(parts, jobId);
  if (bundle?.state === 'receiving') await (await receptions.resume(bundle.bundleId)).discard();
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

async function toQueue({ jobs, clock }: AbandonedParts, jobId: number): Promise<void> {
  await jobs.appender.write(async (transaction) => {
    await markReceived(transaction, jobId, clock.now());
    await tellReceived(jobs.appender, transaction, jobId);
  });
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
function over({ jobs, clock }: Pick<AbandonedParts, 'jobs' | 'clock'>, jobId: number): Promise<void> {
  return jobs.store.write((transaction) => markReceived(transaction, jobId, clock.now()));
}
