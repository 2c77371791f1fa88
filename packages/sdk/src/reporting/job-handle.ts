import { isEnded, type JobStatus } from '@daybook/core';
import { JobReports } from './job-reports.ts';
import type { OnProblem } from './problem.ts';
import type { Flushed, Reporter } from './reporter.ts';
import { asText, cleanText } from './text.ts';

/**
 * What a script holds while it reports on one job. Nothing here throws or waits for the network, except the endings and
 * `flush`, which wait a short while and never reject; what was not delivered by then is on disk.
 *
 * With `await using` the job ends with its block; since that cannot see whether an error left the block, a job of which
 * nothing was said becomes `finished` (ended, nobody has said how). Use `daybook.track` to have that decided.
 */
export class JobHandle extends JobReports {
  readonly #reporter: Reporter;
  readonly #onProblem: OnProblem;

  /** @internal Made by `Daybook`. */
  constructor(reporter: Reporter, onProblem: OnProblem) {
    super(reporter, onProblem);
    this.#reporter = reporter;
    this.#onProblem = onProblem;
  }

  /** The job's number; undefined until the server has been reached. */
  get id(): number | undefined {
    return this.#reporter.jobId;
  }

  /** True once the job was said to have ended. */
  get ended(): boolean {
    return this.#reporter.ended;
  }

  /** Ends the job: it did what it should. */
  succeed(message?: string): Promise<Flushed> {
    return this.#end('succeeded', message);
  }

  /** Ends the job: it did not. */
  fail(error?: unknown): Promise<Flushed> {
    return this.#end('failed', error);
  }

  /** Ends the job: somebody stopped it. */
  cancel(message?: string): Promise<Flushed> {
    return this.#end('canceled', message);
  }

  /** Ends the job without saying how. */
  finish(message?: string): Promise<Flushed> {
    return this.#end('finished', message);
  }

  /** Sets a status that ends nothing, such as `queued` for a job that waits for something else. */
  status(status: JobStatus, message?: string): void {
    if (isEnded(status)) {
      this.#tellInput(`use succeed, fail, cancel or finish to end a job, not status('${status}')`);
      return;
    }
    this.#reporter.report({
      kind: 'status',
      status,
      ...(message !== undefined && { message: cleanText(message) }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.ended ? this.#reporter.close() : this.finish());
  }

  #end(status: JobStatus, message: unknown): Promise<Flushed> {
    if (!this.ended) {
      const text = message === undefined ? {} : { message: cleanText(asText(message)) };
      this.#reporter.report({ kind: 'status', status, ...text });
    }
    return this.#reporter.close();
  }

  #tellInput(message: string): void {
    this.#onProblem({ kind: 'input', message });
  }
}
