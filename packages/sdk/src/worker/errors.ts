/** Throw it in a handler when trying again is of no use: the job fails for good, whatever tries it has left. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';
}

/**
 * Throw it in a handler when the job cannot be done just now and that is not its fault (a disk is full, a licence is
 * taken): it goes back to the queue, and no try is counted.
 */
export class TryLaterError extends Error {
  override readonly name: string = 'TryLaterError';
  /** Milliseconds for which nobody shall claim it. */
  readonly delay: number;

  constructor(message: string, options: { delay?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.delay = options.delay ?? 30_000;
  }
}

/** Why the `signal` of a job was aborted: somebody canceled it. What the handler does now is not reported any more. */
export class JobCanceledError extends Error {
  override readonly name = 'JobCanceledError';
  readonly jobId: number;

  constructor(jobId: number) {
    super(`job ${jobId} was canceled`);
    this.jobId = jobId;
  }
}

/**
 * Why the `signal` of a job was aborted: the server heard nothing of this worker for too long, or somebody put the job
 * back. Another worker may be at it already; what this one says of it is refused.
 */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  readonly jobId: number;

  constructor(jobId: number) {
    super(`job ${jobId} is no longer held by this worker`);
    this.jobId = jobId;
  }
}

/** Why the `signal` of a job was aborted: the worker stops and its time of grace is over. The job goes back to the queue. */
export class WorkerStoppingError extends Error {
  override readonly name = 'WorkerStoppingError';

  constructor() {
    super('the worker is stopping');
  }
}
