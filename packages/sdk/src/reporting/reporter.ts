import {
  type EventBody,
  isEnded,
  type JobCreateBody,
  type JobStatus,
  type Problem,
  type ReportKind,
  toIso,
} from '@daybook/core';
import { type Clock, pause, unlessAborted, within } from '../clock.ts';
import type { HttpClient } from '../http/client.ts';
import { type DaybookApiError, verdictOn } from '../http/errors.ts';
import { type Pace, retryDelay } from '../http/retry.ts';
import { randomName } from '../random-name.ts';
import { createJobOf } from '../spool/delivery.ts';
import { Journal } from '../spool/journal.ts';
import { Courier } from './courier.ts';
import { atExit, noLongerAtExit } from './exit.ts';
import type { OnProblem } from './problem.ts';

/** What all reporters of one `Daybook` share. */
export interface ReporterContext {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly random: () => number;
  readonly onProblem: OnProblem;
  readonly spoolDirectory: string;
  /** Unsent bytes of one job from which on log lines are dropped. */
  readonly spoolBytes: number;
  /** Called when the server took something. */
  readonly onDelivered: () => void;
  /** Aborted: ends wait no longer than they must. */
  readonly hurry: AbortSignal | undefined;
}

/** An event as the handles make it: its texts are clean already. */
export type Report = Omit<EventBody, 'at' | 'key'>;

/** `delivered`: the server has everything. Otherwise `waiting` says where the rest waits, if the disk took it. */
export interface Flushed {
  readonly delivered: boolean;
  readonly waiting?: string;
}

/** A job that a worker holds. */
export interface HeldJob {
  readonly jobId: number;
  readonly name: string;
  readonly leaseToken: string;
}

/** Unsent bytes of a held job from which on its log lines are left out: they wait in memory. */
const HELD_BYTES = 4 * 1024 * 1024;
/** So many times the usual wait the last flush takes at most, while the server keeps taking. */
const PATIENCE = 30;
/** Events collected before they are written, at most. */
const BUFFERED_EVENTS = 500;
const BUFFERED_CHARACTERS = 128 * 1024;

/**
 * One job's reports on their way: log lines and progress are collected for a moment (progress of the same step becomes
 * one event), facts go to the journal at once, taking what was collected before them along, so that order is kept.
 */
export class Reporter {
  readonly journal: Journal;
  readonly #context: ReporterContext;
  readonly #held: boolean;
  readonly #courier: Courier;
  #buffer: EventBody[] = [];
  #bufferedCharacters = 0;
  /** Where in the buffer the progress of a step stands; '' is the job's own. */
  #progressAt = new Map<string, number>();
  #lastPercent = new Map<string, number>();
  #events = 0;
  #dropped = 0;
  #full = false;
  #ended = false;
  #closing: Promise<Flushed> | undefined;
  #cancelLinger: (() => void) | undefined;
  #cancelHeartbeat = () => {};

  private constructor(context: ReporterContext, journal: Journal) {
    this.#context = context;
    this.journal = journal;
    this.#held = journal.isInMemory;
    const { http, clock, pace, random, onProblem, onDelivered } = context;
    this.#courier = new Courier({ journal, http, clock, pace, random, onProblem, onDelivered });
  }

  /** For a job that this process is about to create: its record is on disk until it is delivered. */
  static forNewJob(context: ReporterContext, create: JobCreateBody): Reporter {
    const header = { spool: 1, id: newJournalId(context), url: context.http.url, create } as const;
    const reporter = new Reporter(context, Journal.create(context.spoolDirectory, header));
    reporter.#tellDisk();
    reporter.#scheduleHeartbeat();
    atExit(reporter);
    return reporter;
  }

  /** For a job that a worker holds: in memory, and without heartbeats, because its lease has its own. */
  static forHeldJob(context: ReporterContext, { jobId, name, leaseToken }: HeldJob): Reporter {
    const { http, spoolBytes } = context;
    const header = {
      spool: 1,
      id: newJournalId(context),
      url: http.url,
      create: { name },
      jobId,
      leaseToken,
    } as const;
    const narrower = { ...context, spoolBytes: Math.min(spoolBytes, HELD_BYTES) };
    return new Reporter(narrower, Journal.inMemory(header));
  }

  get jobId(): number | undefined {
    return this.journal.jobId;
  }

  /** True once an ending status was reported. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Asks the server to create the job before any work begins. Answers the problem if it will not have it; no answer in
   * time means that it is created later.
   */
  async firstContact(): Promise<Problem | undefined> {
    const { http, pace, clock, onDelivered } = this.#context;
    try {
      await within(clock, pace.firstContact, createJobOf(this.journal, http, undefined, pace.firstContact));
      if (this.jobId !== undefined) onDelivered();
    } catch (error) {
      if (verdictOn(error) !== 'later') return (error as DaybookApiError).problem;
    }
    this.#courier.wake();
    return undefined;
  }

  /** Lets the server be asked in the background, once the caller has begun its work: a first request loads a lot. */
  begin(): void {
    this.#context.clock.after(0, () => this.#courier.wake(), true);
  }

  /** Reports; returns at once and never throws. */
  report(report: Report): void {
    if (this.#closing !== undefined) {
      this.#context.onProblem({
        kind: 'input',
        message: `a ${report.kind} came after the end of its job; it is not reported`,
      });
      return;
    }
    const event = { ...report, at: toIso(this.#context.clock.now()) };
    if (report.kind === 'log') this.#collect(event);
    else if (isProgress(report)) this.#collectProgress(event);
    else this.#writeFact(event);
    this.#schedule();
  }

  /**
   * Delivers what was reported so far, waiting at most `deadline` milliseconds; the rest is then safe on disk.
   * Never rejects.
   */
  async flush(deadline: number = this.#context.pace.lastFlush): Promise<Flushed> {
    this.#writeBuffer();
    await within(this.#context.clock, deadline, this.#courier.drained());
    if (this.#courier.idle && this.journal.refused === undefined) return { delivered: true };
    await this.journal.sync();
    this.#tellDisk();
    const onDisk = !this.#held && this.journal.diskError === undefined;
    return { delivered: false, ...(onDisk && { waiting: this.journal.path }) };
  }

  /** Waits, however long it takes, until all was delivered or refused, or `signal` is aborted. Never rejects. */
  async settle(signal: AbortSignal): Promise<void> {
    const { clock, pace, random } = this.#context;
    this.#noteDropped();
    this.#writeBuffer();
    for (let tries = 1; !this.#courier.idle && !signal.aborted; tries++) {
      await unlessAborted(signal, this.#courier.drained());
      if (!this.#courier.idle) await pause(clock, retryDelay(pace, tries, undefined, random), signal, true);
    }
  }

  /** The last flush; then nothing more is reported. Calling it again answers the same. */
  close(): Promise<Flushed> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The job never began, or is no longer ours: nothing of it is kept. */
  async discard(): Promise<void> {
    this.#closing ??= Promise.resolve({ delivered: true });
    await this.#release();
    this.journal.discard();
  }

  /** For the end of the process: writes what is in memory, without waiting for anything. */
  writeNow(): void {
    this.#noteDropped();
    this.#writeBuffer();
    this.journal.close();
  }

  async #close(): Promise<Flushed> {
    this.#noteDropped();
    const flushed = await this.#lastFlush();
    await this.#release();
    const lostBefore = this.journal.lost;
    this.journal.close();
    const lost = this.journal.lost - lostBefore;
    if (lost > 0) {
      const message = `${lost} log lines and events were neither delivered nor written to the spool, and are lost`;
      this.#context.onProblem({ kind: 'lost', message });
    }
    // One that was refused has been set aside.
    return flushed.waiting === undefined ? flushed : { ...flushed, waiting: this.journal.path };
  }

  /** Goes on while the server keeps taking: a job whose end it does not know looks as if it still ran. */
  async #lastFlush(): Promise<Flushed> {
    const { clock, pace, hurry } = this.#context;
    const until = clock.now() + pace.lastFlush * PATIENCE;
    this.#writeBuffer();
    for (;;) {
      const before = this.journal.unsentBytes;
      const flushed = await this.flush();
      const goesOn = !flushed.delivered && this.journal.unsentBytes < before;
      if (!goesOn || hurry?.aborted === true || clock.now() >= until) return flushed;
    }
  }

  async #release(): Promise<void> {
    this.#cancelLinger?.();
    this.#cancelHeartbeat();
    noLongerAtExit(this);
    await this.#courier.stop();
  }

  #collect(event: EventBody): void {
    this.#buffer.push(event);
    this.#bufferedCharacters += event.message?.length ?? 0;
    const full = this.#buffer.length >= BUFFERED_EVENTS || this.#bufferedCharacters >= BUFFERED_CHARACTERS;
    if (full) this.#writeBuffer();
  }

  #collectProgress(event: EventBody): void {
    const of = event.step ?? '';
    if (event.message === undefined && this.#lastPercent.get(of) === event.percent) return;
    this.#lastPercent.set(of, event.percent as number);
    const at = this.#progressAt.get(of);
    if (at === undefined) {
      this.#progressAt.set(of, this.#buffer.length);
      this.#collect(event);
    } else {
      this.#buffer[at] = { ...this.#buffer[at], ...event };
    }
  }

  #writeFact(event: EventBody): void {
    if (event.kind === 'status' && isEnded(event.status as JobStatus)) this.#ended = true;
    if (event.kind === 'step') this.#lastPercent.delete(event.step as string);
    this.#writeBuffer();
    this.journal.append([this.#lineOf(event)]);
    this.#tellDisk();
  }

  #writeBuffer(): void {
    const events = this.#buffer;
    if (events.length === 0) return;
    this.#buffer = [];
    this.#bufferedCharacters = 0;
    this.#progressAt.clear();
    if (!this.#hasRoom()) {
      this.#dropped += events.filter((event) => event.kind === 'log').length;
      return;
    }
    if (this.#dropped > 0) this.#noteDropped();
    this.journal.append(events.map((event) => this.#lineOf(event)));
    this.#tellDisk();
  }

  /** Once full it has to empty by a quarter, or every few lines would have a notice. */
  #hasRoom(): boolean {
    const { spoolBytes, onProblem } = this.#context;
    const unsent = this.journal.unsentBytes;
    if (!this.#full && unsent > spoolBytes) {
      this.#full = true;
      onProblem({
        kind: 'dropped',
        message: `more than ${spoolBytes} bytes wait for Daybook; log lines are left out`,
      });
    } else if (this.#full && unsent < spoolBytes * 0.75) {
      this.#full = false;
    }
    return !this.#full;
  }

  #noteDropped(): void {
    if (this.#dropped === 0) return;
    const message = `[daybook: ${this.#dropped} log lines were left out here: the server was away and the spool full]`;
    this.#dropped = 0;
    this.journal.append([
      this.#lineOf({ kind: 'log', message, stream: 'stderr', at: toIso(this.#context.clock.now()) }),
    ]);
  }

  #lineOf(event: EventBody): string {
    this.#events += 1;
    return JSON.stringify({ ...event, key: `${this.journal.header.id}-${this.#events}` });
  }

  #tellDisk(): void {
    const { diskError, lost } = this.journal;
    if (this.#held && lost > 0)
      this.#context.onProblem({ kind: 'dropped', message: `${lost} events found no place in memory` });
    if (diskError === undefined) return;
    const rest =
      lost > 0 ? `; ${lost} events found no place in memory either` : '; the record is kept in memory';
    this.#context.onProblem({
      kind: 'disk',
      message: `the spool cannot be written (${diskError.message})${rest}`,
      error: diskError,
    });
  }

  #schedule(): void {
    if (this.#cancelLinger !== undefined) return;
    this.#cancelLinger = this.#context.clock.after(this.#context.pace.linger, () => {
      this.#cancelLinger = undefined;
      this.#writeBuffer();
      this.#courier.wake();
    });
  }

  #scheduleHeartbeat(): void {
    const { clock, pace } = this.#context;
    this.#cancelHeartbeat = clock.after(pace.heartbeat, () => {
      this.journal.refreshLock();
      void this.#heartbeat();
      this.#scheduleHeartbeat();
    });
  }

  async #heartbeat(): Promise<void> {
    const { clock, pace, http } = this.#context;
    if (this.jobId === undefined || this.#ended || this.journal.refused !== undefined) return;
    if (clock.now() - this.#courier.lastSent < pace.heartbeat) return;
    try {
      await http.request('POST', `/jobs/${this.jobId}/heartbeat`);
      this.#courier.lastSent = clock.now();
    } catch {
      // The next event, or the next heartbeat, tells the same.
    }
  }
}

function newJournalId({ clock }: ReporterContext): string {
  return `${toIso(clock.now()).replace(/[-:.]/g, '')}-${randomName()}`;
}

function isProgress(report: { kind: ReportKind; status?: unknown; metadata?: unknown }): boolean {
  if (report.kind === 'progress') return true;
  return report.kind === 'step' && report.status === undefined && report.metadata === undefined;
}
