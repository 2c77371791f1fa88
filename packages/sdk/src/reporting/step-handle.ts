import type { LogStream, StepStatus } from '@daybook/core';
import type { OnProblem } from './problem.ts';
import type { Reporter } from './reporter.ts';
import { asText, cleanObject, cleanPercent, cleanText } from './text.ts';

/** One step while it runs. Nothing here throws or waits. */
export class StepHandle {
  readonly tag: string;
  readonly #reporter: Reporter;
  readonly #onProblem: OnProblem;
  #ended = false;

  /** @internal Made by `JobHandle`. */
  constructor(reporter: Reporter, onProblem: OnProblem, tag: string) {
    this.#reporter = reporter;
    this.#onProblem = onProblem;
    this.tag = tag;
    reporter.report({ kind: 'step', step: tag, status: 'running' });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Percent of this step, 0–100. Call it as often as you like. */
  progress(percent: number, message?: string): void {
    const clean = cleanPercent(percent);
    if (clean === undefined) {
      this.#tellInput(`progress ${asText(percent)} is no number`);
      return;
    }
    const text = message === undefined ? {} : { message: cleanText(message) };
    this.#reporter.report({ kind: 'step', step: this.tag, percent: clean, ...text });
  }

  log(line: string, stream?: LogStream): void {
    const from = stream === undefined ? {} : { stream };
    this.#reporter.report({ kind: 'log', step: this.tag, message: cleanText(line), ...from });
  }

  /** Adds to the step's metadata. */
  metadata(properties: Readonly<Record<string, unknown>>): void {
    const metadata = cleanObject(properties);
    if (metadata === undefined) {
      this.#tellInput('metadata is not an object, or larger than Daybook keeps');
      return;
    }
    this.#reporter.report({ kind: 'step', step: this.tag, metadata });
  }

  succeed(message?: string): void {
    this.#end('succeeded', message);
  }

  fail(error?: unknown): void {
    this.#end('failed', error);
  }

  /** There was nothing to do; counts as done. */
  skip(message?: string): void {
    this.#end('skipped', message);
  }

  #end(status: StepStatus, message: unknown): void {
    this.#ended = true;
    const text = message === undefined ? {} : { message: cleanText(asText(message)) };
    this.#reporter.report({ kind: 'step', step: this.tag, status, ...text });
  }

  #tellInput(message: string): void {
    this.#onProblem({ kind: 'input', message });
  }
}
