import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClaimAnswer, ClaimedJob, Job, JobStatus, SettledItem } from '@daybook/core';
import type { CompleteItem, QueueApi, ReleaseItem } from '../api/queue.ts';
import { type Clock, pause } from '../clock.ts';
import { DaybookApiError, retryAfterOf } from '../http/errors.ts';
import { type Pace, retryDelay } from '../http/retry.ts';
import { Reporter, type ReporterContext } from '../reporting/reporter.ts';
import { Attempt, type Verdict, type WorkHandler } from './attempt.ts';
import { listenForLeaks } from './leaks.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { Outbox } from './outbox.ts';
import { checkedOptions, type WorkerOptions } from './worker-options.ts';

/** How a worker's try of a job ended. */
export interface TryEnd {
  /**
   * - `succeeded`, `failed`: the job has ended so
   * - `requeued`: it failed and will be tried again, `runAfter` at the earliest
   * - `released`: it went back to the queue, and no try was counted
   * - `canceled`: somebody canceled it meanwhile
   * - `lost`: another worker may have it; what this one did was not recorded
   * - `untold`: the worker stopped before the server could be told; its lease will run out
   */
  readonly outcome: 'succeeded' | 'failed' | 'requeued' | 'released' | 'canceled' | 'lost' | 'untold';
  /** What the handler threw, if it did. */
  readonly error?: unknown;
  /** ISO 8601. */
  readonly runAfter?: string;
}

/** The events of a worker, with what their listeners are given. */
export interface WorkerEvents {
  /** A job was claimed, and its handler begins. */
  start: [job: Job, attempt: number];
  end: [job: Job, end: TryEnd];
  /** The server does not answer; the worker goes on asking. Told once, until `back`. */
  away: [error: Error];
  back: [];
  /** A handler left a promise behind that was rejected; nothing else came of it. */
  leak: [job: Job, error: unknown];
}

/** @internal */
export interface WorkerParts {
  readonly queue: QueueApi;
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly reporting: ReporterContext;
}

/** Seconds for which a claim waits at the server. */
const WAIT = 30;
/** An answer without jobs that comes sooner than this means that the server does not wait just now. */
const SOON = 1_000;
/** How long handlers may take to end once they were asked to, and how long their last words may take after that. */
const UNWIND = 5_000;

/**
 * A worker at work: claims jobs, runs its handler on each, says how they ended. It holds the process until it is stopped.
 * Made by `daybook.worker`.
 */
export class WorkerHandle extends EventEmitter<WorkerEvents> {
  readonly name: string;
  /**
   * Settled when the worker has stopped and all of its jobs are done or given back. Rejects if it could not go on: the
   * key may not claim (DaybookApiError), the heartbeat thread cannot be started.
   */
  readonly closed: Promise<void>;
  readonly #parts: WorkerParts;
  readonly #options: ReturnType<typeof checkedOptions>;
  readonly #handler: WorkHandler;
  readonly #keeper: LeaseKeeper;
  readonly #completions: Outbox<CompleteItem, SettledItem>;
  readonly #releases: Outbox<ReleaseItem, SettledItem>;
  readonly #stopping = new AbortController();
  /** Handlers that run, by their leases' tokens. */
  readonly #running = new Map<string, Attempt>();
  /** What has to be through before the worker has stopped. */
  readonly #pending = new Set<Promise<void>>();
  #slotFreed = Promise.withResolvers<void>();
  #cancelTimer = () => {};
  #failures = 0;
  #broken: Error | undefined;

  /** @internal */
  constructor(parts: WorkerParts, options: WorkerOptions, handler: WorkHandler) {
    super();
    this.#parts = parts;
    this.#options = checkedOptions(options);
    this.#handler = handler;
    this.name = this.#options.name;
    const { queue, url, apiKey } = parts;
    const { clock, pace, random } = parts.reporting;
    this.#completions = new Outbox({ send: (...all) => queue.complete(...all), clock, pace, random });
    this.#releases = new Outbox({ send: (...all) => queue.release(...all), clock, pace, random });
    this.#keeper = new LeaseKeeper({
      url,
      apiKey,
      clock,
      onLost: ({ leaseToken, reason }) => this.#running.get(leaseToken)?.lose(reason),
      onBroken: (error) => this.#break(error),
    });
    this.closed = this.#work();
  }

  get #clock(): Clock {
    return this.#parts.reporting.clock;
  }

  get #pace(): Pace {
    return this.#parts.reporting.pace;
  }

  /** Jobs that are being worked on. */
  get jobs(): readonly Job[] {
    return [...this.#running.values()].map(({ job }) => job);
  }

  /**
   * Claims nothing more and waits for what runs. After `grace` milliseconds (30,000) the signals of what still runs are
   * aborted, and those jobs go back to the queue. Calling it again with less makes it hurry. Answers `closed`.
   */
  stop({ grace = 30_000 }: { grace?: number } = {}): Promise<void> {
    this.#stopping.abort();
    this.#slotFreed.resolve();
    this.#after(grace, () => {
      for (const attempt of this.#running.values()) attempt.stop();
      this.#after(UNWIND, () => this.#abandonAll());
    });
    return this.closed;
  }

  #abandonAll(): void {
    for (const attempt of this.#running.values()) attempt.abandon();
    this.#after(UNWIND, () => {
      this.#completions.giveUp();
      this.#releases.giveUp();
    });
  }

  /** One timer at a time: the steps of stopping follow each other. */
  #after(ms: number, act: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(ms, act, true);
  }

  #break(error: Error): void {
    this.#broken ??= error;
    void this.stop().catch(() => {});
  }

  async #work(): Promise<void> {
    const stopListening = listenForLeaks();
    try {
      await this.#claimUntilStopped();
    } catch (error) {
      this.#break(error as Error);
    }
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    this.#cancelTimer();
    await this.#keeper.close();
    stopListening();
    if (this.#broken !== undefined) throw this.#broken;
  }

  async #claimUntilStopped(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const free = this.#options.concurrency - this.#running.size;
      if (free > 0) {
        await this.#claim(free);
      } else {
        await this.#slotFreed.promise;
        await nextTurn(); // jobs that end together are replaced together
      }
    }
  }

  /** @throws DaybookApiError that will not go away by itself */
  async #claim(max: number): Promise<void> {
    const { configurations, operations, name } = this.#options;
    const { signal } = this.#stopping;
    const asked = this.#clock.now();
    try {
      const claim = { worker: name, configurations, operations, max, wait: WAIT };
      const answer = await this.#parts.queue.claim(claim, signal);
      this.#begin(answer);
      if (answer.items.length === 0 && this.#clock.now() - asked < SOON)
        await pause(this.#clock, SOON * this.#parts.reporting.random(), signal, true);
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) throw error;
      this.#failures += 1;
      if (this.#failures === 1) this.#tell('away', error as Error);
      const delay = retryDelay(this.#pace, this.#failures, retryAfterOf(error), this.#parts.reporting.random);
      await pause(this.#clock, delay, signal, true);
    }
  }

  #begin({ items, leaseSeconds }: ClaimAnswer): void {
    if (this.#failures > 0) this.#tell('back');
    this.#failures = 0;
    if (items.length === 0) return;
    this.#keeper.hold(
      items.map(({ job, leaseToken }) => ({ jobId: job.id, leaseToken })),
      leaseSeconds,
    );
    for (const claimed of items) {
      const done = this.#do(claimed).finally(() => this.#pending.delete(done));
      this.#pending.add(done);
    }
  }

  /** Never rejects. */
  async #do(claimed: ClaimedJob): Promise<void> {
    const { job, leaseToken } = claimed;
    const held = { jobId: job.id, name: job.name, leaseToken };
    const reporter = Reporter.forHeldJob(this.#reporting(), held);
    const attempt = new Attempt(claimed, reporter, this.#parts.reporting.onProblem);
    this.#running.set(leaseToken, attempt);
    this.#tell('start', job, claimed.attempt);
    const verdict = await attempt.run(this.#handler, (error) => this.#tell('leak', job, error));
    this.#running.delete(leaseToken);
    this.#freeSlot();
    const end = await this.#settle(verdict);
    this.#keeper.letGo(attempt.lease);
    this.#tell('end', job, attempt.error === undefined ? end : { ...end, error: attempt.error });
  }

  /** That a report was refused for its lease is no problem of reporting: the heartbeat will say what became of the job. */
  #reporting(): ReporterContext {
    const { reporting } = this.#parts;
    return {
      ...reporting,
      onProblem: (problem) => {
        const { error } = problem;
        if (error instanceof DaybookApiError && error.code === 'lease_lost') this.#keeper.ask();
        else reporting.onProblem(problem);
      },
    };
  }

  async #settle(verdict: Verdict): Promise<TryEnd> {
    if (verdict.kind === 'none') return { outcome: verdict.because };
    try {
      const settled =
        verdict.kind === 'release'
          ? await this.#releases.put(verdict.item)
          : await this.#completions.put(verdict.item);
      return endOf(settled, verdict.kind);
    } catch (error) {
      const message = `Daybook could not be told how job ${verdict.item.jobId} ended: ${(error as Error).message}`;
      this.#parts.reporting.onProblem({ kind: 'refused', message, error: error as Error });
      return { outcome: 'untold' };
    }
  }

  #freeSlot(): void {
    this.#slotFreed.resolve();
    if (!this.#stopping.signal.aborted) this.#slotFreed = Promise.withResolvers();
  }

  /** A listener that throws must not end the worker. */
  #tell<E extends keyof WorkerEvents>(event: E, ...words: WorkerEvents[E]): void {
    try {
      (this as EventEmitter).emit(event, ...words);
    } catch (error) {
      process.emitWarning(`a listener for '${event}' of a Daybook worker threw: ${error}`, 'DaybookWarning');
    }
  }
}

function endOf(settled: SettledItem, kind: 'complete' | 'release'): TryEnd {
  if (!settled.ok) return { outcome: 'lost' };
  if (kind === 'release') return { outcome: 'released' };
  return {
    outcome: outcomeOf(settled.status),
    ...(settled.runAfter !== undefined && { runAfter: settled.runAfter }),
  };
}

function outcomeOf(status: JobStatus): TryEnd['outcome'] {
  if (status === 'queued') return 'requeued';
  return status === 'succeeded' ? 'succeeded' : 'failed';
}

/** No waiting changes that the server will not have this claim: a wrong key, no permission, a wrong configuration. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof DaybookApiError)) return false;
  return error.status >= 400 && error.status < 500 && ![408, 409, 425, 429].includes(error.status);
}
