import { type ClaimedJob, type Job, limits } from '@daybook/core';
import type { CompleteItem, Lease, ReleaseItem } from '../api/queue.ts';
import type { OnProblem } from '../reporting/problem.ts';
import type { Reporter } from '../reporting/reporter.ts';
import { asText, cleanObject, cleanText } from '../reporting/text.ts';
import {
  JobCanceledError,
  LeaseLostError,
  PermanentError,
  TryLaterError,
  WorkerStoppingError,
} from './errors.ts';
import { catchingLeaks } from './leaks.ts';
import { WorkContext } from './work-context.ts';

/** What a handler may answer when a job succeeded. */
export interface WorkResult {
  /** One sentence about it, for people. */
  readonly message?: string;
  /** Added to the job's metadata. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Does one job. Returning means that it succeeded; throwing, that it did not. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is the usual one.
export type WorkHandler = (job: Job, context: WorkContext) => Promise<WorkResult | void> | WorkResult | void;

/** How a worker's try of a job should end. */
export type Verdict =
  | { readonly kind: 'complete'; readonly item: CompleteItem }
  | { readonly kind: 'release'; readonly item: ReleaseItem }
  /** It is not ours to end any more. */
  | { readonly kind: 'none'; readonly because: 'canceled' | 'lost' };

/** One try of one job: its handler, its signal and its reports. */
export class Attempt {
  readonly job: Job;
  readonly lease: Lease;
  readonly attempt: number;
  /** What the handler threw, if it did. */
  error: unknown;
  readonly #reporter: Reporter;
  /** The handler's signal. */
  readonly #asked = new AbortController();
  readonly #lost = new AbortController();
  readonly #abandoned = new AbortController();
  #lostBecause: 'canceled' | 'lost' | undefined;
  readonly #onProblem: OnProblem;

  constructor(claimed: ClaimedJob, reporter: Reporter, onProblem: OnProblem) {
    this.job = claimed.job;
    this.attempt = claimed.attempt;
    this.lease = { jobId: claimed.job.id, leaseToken: claimed.leaseToken };
    this.#reporter = reporter;
    this.#onProblem = onProblem;
  }

  /** Somebody canceled the job, or the lease is gone. */
  lose(because: 'canceled' | 'lost'): void {
    const { jobId } = this.lease;
    this.#lostBecause = because;
    this.#lost.abort();
    this.#asked.abort(because === 'canceled' ? new JobCanceledError(jobId) : new LeaseLostError(jobId));
  }

  /** The worker's time of grace is over: asks the handler to end. */
  stop(): void {
    this.#asked.abort(new WorkerStoppingError());
  }

  /** Waits for nothing any longer, neither for the handler nor for the server. */
  abandon(): void {
    this.#abandoned.abort();
  }

  /**
   * Runs the handler and delivers its reports. Never rejects. Reports come before the verdict: with it the lease ends, and
   * they would be refused.
   */
  async run(handler: WorkHandler, onLeak: (error: unknown) => void): Promise<Verdict> {
    const verdict = await this.#runHandler(handler, onLeak);
    if (this.#lostBecause === undefined) await this.#deliverReports(verdict);
    await this.#reporter.discard();
    return this.#lostBecause === undefined ? verdict : { kind: 'none', because: this.#lostBecause };
  }

  async #runHandler(handler: WorkHandler, onLeak: (error: unknown) => void): Promise<Verdict> {
    const { attempt, lease } = this;
    const holding = { attempt, leaseToken: lease.leaseToken, signal: this.#asked.signal };
    const context = new WorkContext(this.#reporter, this.#onProblem, holding);
    const leak = (error: unknown) => {
      context.error(error);
      onLeak(error);
    };
    try {
      const work = catchingLeaks(leak, async () => await handler(this.job, context));
      return this.#succeeded((await Promise.race([work, this.#whenAbandoned()])) ?? {});
    } catch (error) {
      this.error = error;
      return this.#failed(error);
    }
  }

  #whenAbandoned(): Promise<never> {
    const { signal } = this.#abandoned;
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new WorkerStoppingError()));
    });
  }

  #succeeded({ message, metadata }: WorkResult): Verdict {
    const clean = metadata === undefined ? undefined : cleanObject(metadata);
    if (metadata !== undefined && clean === undefined)
      this.#onProblem({ kind: 'input', message: 'the metadata of a result is not an object, or too large' });
    const item: CompleteItem = {
      ...this.lease,
      status: 'succeeded',
      ...(message !== undefined && { message: cleanText(message) }),
      ...(clean !== undefined && { metadata: clean }),
    };
    return { kind: 'complete', item };
  }

  #failed(error: unknown): Verdict {
    const message = cleanText(asText(error), limits.message);
    if (this.#asked.signal.reason instanceof WorkerStoppingError)
      return { kind: 'release', item: { ...this.lease, message: 'The worker stopped before it was done' } };
    if (error instanceof TryLaterError)
      return { kind: 'release', item: { ...this.lease, message, delaySeconds: error.delay / 1_000 } };
    const forGood = error instanceof PermanentError && { retry: false };
    return { kind: 'complete', item: { ...this.lease, status: 'failed', message, ...forGood } };
  }

  /** A job that goes back tells what it can in a moment; one that ended, all, however long the server is away. */
  async #deliverReports({ kind }: Verdict): Promise<void> {
    if (kind === 'release') await this.#reporter.flush();
    else await this.#reporter.settle(AbortSignal.any([this.#abandoned.signal, this.#lost.signal]));
  }
}
