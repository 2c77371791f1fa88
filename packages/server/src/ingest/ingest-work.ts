import { hostname } from 'node:os';
import { type ClaimedJob, DaybookError } from '@daybook/core';
import type { Logger } from 'pino';
import { daybook } from '../actor.ts';
import type { Clock } from '../clock.ts';
import { ownWorkTags } from '../configurations/built-in.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Queue } from '../queue/queue.ts';
import { BundleFault, ingestTasks, moveTasks } from './bundle-fault.ts';
import { HeldJob } from './held-job.ts';
import { Move } from './move.ts';
import { bytesGone, Pipeline, type PipelineParts } from './pipeline.ts';
import { findUpload } from './uploads.ts';

export interface IngestWorkParts extends PipelineParts {
  readonly jobs: Jobs;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly log: Logger;
  /** Bundles that are worked on at once in this process. */
  readonly atOnce: number;
  readonly moveRoots: readonly string[];
}

/** Seconds of one long poll. */
const WAIT = 20;
/** How long to wait when the database does not answer, milliseconds. */
const AWAY = 1_000;
/** What went wrong on our side is tried again after so many seconds. */
const LATER = 30;

/** Daybook's own worker: claims the jobs of bundles from the same queue as everybody, and does them. */
export class IngestWork {
  readonly #parts: IngestWorkParts;
  readonly #pipeline: Pipeline;
  readonly #move: Move;
  readonly #stopping = new AbortController();
  readonly #name = `daybook ${hostname()}:${process.pid}`;
  #loops: Promise<void>[] = [];

  constructor(parts: IngestWorkParts) {
    this.#parts = parts;
    this.#pipeline = new Pipeline(parts);
    this.#move = new Move(parts);
  }

  start(): void {
    this.#loops = Array.from({ length: this.#parts.atOnce }, () => this.#loop());
  }

  /** Lets go of what it works on: others take it up. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
  }

  async #loop(): Promise<void> {
    const { queue, log } = this.#parts;
    const { signal } = this.#stopping;
    const claim = {
      worker: this.#name,
      configurations: [...ownWorkTags],
      operations: undefined,
      max: 1,
      wait: WAIT,
    };
    while (!signal.aborted)
      try {
        for (const claimed of await queue.claimOrWait(daybook, claim, signal)) await this.#work(claimed);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'bundles cannot be worked on just now');
        await new Promise((resolve) => setTimeout(resolve, AWAY).unref());
      }
  }

  async #work(claimed: ClaimedJob): Promise<void> {
    const lost = new AbortController();
    const stopRenewing = this.#keepLease(claimed, lost);
    const signal = AbortSignal.any([lost.signal, this.#stopping.signal]);
    const held = new HeldJob(claimed, this.#parts.jobs.appender, signal);
    try {
      await this.#do(held);
    } catch (error) {
      await this.#end(held, error, lost.signal.aborted);
    } finally {
      stopRenewing();
    }
  }

  async #do(held: HeldJob): Promise<void> {
    const { jobs, receptions } = this.#parts;
    const { job, signal } = held;
    const upload = await findUpload(jobs.store.read, job.id);
    if (await this.#isArchived(job.id)) {
      await held.done(...(upload?.door === 'move' ? moveTasks : ingestTasks));
      return await held.succeed(async () => {});
    }
    if (upload?.door === 'move') {
      await held.done('UPLOADING');
      return await this.#move.run(held, upload, this.#pipeline);
    }
    const bundle = await receptions.ofJob(job.id);
    if (upload === undefined || bundle?.state !== 'received') throw bytesGone();
    await held.done('UPLOADING', 'open tar');
    const received = await receptions.received(bundle.bundleId);
    await this.#pipeline.run(held, upload, {
      checking: 'ingest files',
      readMetadata: () => received.readMetadata(signal),
      metadataSize: received.metadataSize,
      receive: async () => received,
    });
  }

  /** Somebody retried what had succeeded. */
  async #isArchived(jobId: number): Promise<boolean> {
    const row = await this.#parts.jobs.store.read
      .selectFrom('bundles')
      .select('id')
      .where('job_id', '=', jobId)
      .where('state', '=', 'published')
      .executeTakeFirst();
    return row !== undefined;
  }

  /** What did not succeed: refused for good, given back, or nobody's business any more. */
  async #end(held: HeldJob, error: unknown, isLost: boolean): Promise<void> {
    const { queue, log } = this.#parts;
    const { job, leaseToken } = held;
    if (isLost || (error instanceof DaybookError && error.code === 'lease_lost')) return;
    if (error instanceof BundleFault) return await held.fail(error);
    const stops = this.#stopping.signal.aborted;
    if (!stops) log.error({ err: error, job: job.id }, 'a bundle could not be worked on');
    const message = stops ? 'Its worker stops.' : 'Something went wrong on our side. The log has more.';
    await queue.release(daybook, [{ jobId: job.id, leaseToken, message, delaySeconds: stops ? 0 : LATER }]);
  }

  /** Renews the lease until it is stopped; aborts when the job is held no longer. */
  #keepLease({ job, leaseToken }: ClaimedJob, lost: AbortController): () => void {
    const { queue } = this.#parts;
    const renew = async () => {
      try {
        const [state] = await queue.heartbeat(daybook, [{ jobId: job.id, leaseToken }]);
        if (state !== undefined && !state.held) lost.abort(new DaybookError('lease_lost'));
      } catch {
        // The database was away for a moment; the next one tries again.
      }
    };
    const timer = setInterval(() => void renew(), queue.leaseMs / 3);
    return () => clearInterval(timer);
  }
}
