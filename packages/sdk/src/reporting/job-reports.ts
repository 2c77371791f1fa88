import { type LogStream, limits } from '@daybook/core';
import type { OnProblem } from './problem.ts';
import type { Flushed, Reporter } from './reporter.ts';
import { StepHandle } from './step-handle.ts';
import { asText, cleanLabel, cleanObject, cleanPercent, cleanText } from './text.ts';

/** What can be reported of a job while it runs. Nothing here throws or waits for the network, except `flush`. */
export class JobReports {
  readonly #reporter: Reporter;
  readonly #onProblem: OnProblem;

  /** @internal Made by `Daybook`. */
  constructor(reporter: Reporter, onProblem: OnProblem) {
    this.#reporter = reporter;
    this.#onProblem = onProblem;
  }

  /**
   * Runs `work` as a step: it is running from now, succeeded when `work` is through, failed when it throws. The error
   * goes on to the caller.
   */
  async step<T>(tag: string, work: (step: StepHandle) => T | Promise<T>): Promise<T> {
    const step = this.startStep(tag);
    try {
      const result = await work(step);
      if (!step.ended) step.succeed();
      return result;
    } catch (error) {
      if (!step.ended) step.fail(error);
      throw error;
    }
  }

  /** Starts a step that the caller ends. */
  startStep(tag: string): StepHandle {
    const clean = cleanLabel(tag, limits.tag);
    if (clean !== tag)
      this.#tellInput(`the tag of step ${JSON.stringify(tag)} was changed to ${JSON.stringify(clean)}`);
    return new StepHandle(this.#reporter, this.#onProblem, clean);
  }

  /** Percent of the whole, 0–100; for jobs without steps. Call it as often as you like. */
  progress(percent: number, message?: string): void {
    const clean = cleanPercent(percent);
    if (clean === undefined) {
      this.#tellInput(`progress ${asText(percent)} is no number`);
      return;
    }
    this.#reporter.report({
      kind: 'progress',
      percent: clean,
      ...(message !== undefined && { message: cleanText(message) }),
    });
  }

  /** One line (or several) of what the job prints. */
  log(line: string, stream?: LogStream): void {
    this.#reporter.report({ kind: 'log', message: cleanText(line), ...(stream !== undefined && { stream }) });
  }

  /** Adds to the job's metadata; a property set to null is removed. */
  metadata(properties: Readonly<Record<string, unknown>>): void {
    const metadata = cleanObject(properties);
    if (metadata === undefined) {
      this.#tellInput('metadata is not an object, or larger than Daybook keeps');
      return;
    }
    this.#reporter.report({ kind: 'metadata', metadata });
  }

  /** Something went wrong, and the job goes on. */
  error(error: unknown): void {
    this.#reporter.report({ kind: 'error', message: cleanText(asText(error)) });
  }

  /** A file that belongs to the job: where it lies and what is known of it. */
  file(properties: Readonly<Record<string, unknown>>): void {
    const metadata = cleanObject(properties);
    if (metadata === undefined) {
      this.#tellInput('a file needs an object that describes it');
      return;
    }
    this.#reporter.report({ kind: 'file', metadata });
  }

  /** An address that belongs to the job. */
  link(url: string): void {
    this.#reporter.report({ kind: 'link', message: cleanText(url, limits.path) });
  }

  /** Waits until all that was reported is delivered, at most `deadline` milliseconds (2,000); the rest is sent later. */
  flush(deadline?: number): Promise<Flushed> {
    return this.#reporter.flush(deadline);
  }

  #tellInput(message: string): void {
    this.#onProblem({ kind: 'input', message });
  }
}
