import type { Problem } from '@daybook/core';
import { type Clock, pause } from '../clock.ts';
import type { HttpClient } from '../http/client.ts';
import { DaybookApiError, isHopeless, retryAfterOf, verdictOn } from '../http/errors.ts';
import { type Pace, retryDelay } from '../http/retry.ts';
import { deliver } from '../spool/delivery.ts';
import type { Journal } from '../spool/journal.ts';
import type { OnProblem } from './problem.ts';

export interface CourierOptions {
  readonly journal: Journal;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly random: () => number;
  readonly onProblem: OnProblem;
  /** The server answered: it is there. */
  readonly onDelivered: () => void;
}

/** Made once: an `AbortController` that is given none makes one with a stack, which costs more than all else of a short job's end. */
const ENOUGH = new Error('nothing more is waited for');

/** Carries the journal of a living reporter to the server: as it grows, again and again while the server is away. */
export class Courier {
  readonly #options: CourierOptions;
  readonly #stopped = new AbortController();
  #round: Promise<void> | undefined;
  #hurry = new AbortController();
  #failures = 0;
  /** Settled when somebody waits for the end and there is no point in it. */
  #hopeless: PromiseWithResolvers<void> | undefined;
  /** When something was sent last, milliseconds. */
  lastSent: number;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.lastSent = options.clock.now();
  }

  /** True if there is nothing that could still be delivered: all was, or the server refused the job. */
  get idle(): boolean {
    const { journal } = this.#options;
    return journal.refused !== undefined || (journal.unsentBytes === 0 && journal.jobId !== undefined);
  }

  /** Something waits to be sent. */
  wake(): void {
    if (this.#round !== undefined || this.#stopped.signal.aborted || this.idle) return;
    this.#round = this.#deliverUntilDone().finally(() => {
      this.#round = undefined;
      this.wake(); // for what came between the last look and now
    });
  }

  /**
   * Resolves when all has been delivered, or cannot be. Does not wait for the next try: tries now. Resolves early when
   * nobody listens at the server's address or it does not know our key, twice in a row: the end of a job must not wait for
   * that.
   */
  async drained(): Promise<void> {
    this.#hurry.abort(ENOUGH);
    this.#hopeless ??= Promise.withResolvers<void>();
    const { promise } = this.#hopeless;
    let over = false;
    void promise.then(() => {
      over = true;
    });
    while (!this.idle && !this.#stopped.signal.aborted && !over) {
      this.wake();
      await Promise.race([this.#round, promise]);
    }
    this.#hopeless = undefined;
  }

  /** Gives up what is on its way: it stays in the journal. */
  async stop(): Promise<void> {
    this.#stopped.abort(ENOUGH);
    this.#hurry.abort(ENOUGH);
    await this.#round;
  }

  async #deliverUntilDone(): Promise<void> {
    const { journal, http } = this.#options;
    while (!this.#stopped.signal.aborted) {
      try {
        await deliver(journal, http, this.#stopped.signal, {
          onDelivered: () => this.#delivered(),
          onRefused: (_line, problem) => this.#tellRefused(problem, 'an event'),
        });
        this.#delivered();
        return;
      } catch (error) {
        if (this.#stopped.signal.aborted) return;
        if (verdictOn(error) !== 'later') {
          this.#refuse(error as DaybookApiError);
          return;
        }
        await this.#waitAfter(error as Error);
      }
    }
  }

  #delivered(): void {
    this.#failures = 0;
    this.lastSent = this.#options.clock.now();
    this.#options.onDelivered();
  }

  #refuse(error: DaybookApiError): void {
    this.#options.journal.setRefused(error.problem);
    this.#tellRefused(error.problem, 'the job');
  }

  #tellRefused(problem: Problem, what: string): void {
    const error = new DaybookApiError(problem);
    this.#options.onProblem({ kind: 'refused', message: `Daybook refused ${what}: ${error.message}`, error });
  }

  async #waitAfter(error: Error): Promise<void> {
    const { journal, clock, pace, random, onProblem } = this.#options;
    this.#failures += 1;
    const message = `Daybook cannot be reported to just now (${error.message}); the record is kept and sent later`;
    onProblem({ kind: 'away', message, error });
    await journal.sync();
    if (this.#failures > 1 && isHopeless(error)) this.#hopeless?.resolve();
    if (this.#hurry.signal.aborted) this.#hurry = new AbortController();
    await pause(clock, retryDelay(pace, this.#failures, retryAfterOf(error), random), this.#hurry.signal);
  }
}
