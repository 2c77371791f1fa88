import { type JobFilter, type JobSummary, type Scope, sees } from '@daybook/core';
import { outsideOf } from '../jobs/customer-view.ts';
import type { Position, Store } from '../storage/index.ts';
import { matchesFilter } from './matches-filter.ts';
import { compare, formatPosition, type LiveFact, readFacts } from './read-facts.ts';
import { type Follower, jobsOf, type LiveBatch, type Tail } from './tail.ts';

export interface Interest {
  /** Only facts of these jobs; all visible ones when left out. */
  readonly jobs?: readonly number[];
  /** Jobs whose log lines are wanted too. */
  readonly logJobs: readonly number[];
  readonly filter: JobFilter;
}

/** Where the text goes; a socket. */
export interface Outlet {
  readonly writableLength: number;
  readonly writableNeedDrain: boolean;
  readonly destroyed: boolean;
  write(text: string): unknown;
  end(): unknown;
  destroy(): unknown;
  on(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
}

/** A reader that lets this much pile up (bytes) is dropped: it comes back and resumes where it was. */
const BACKLOG = 1_048_576;
/** Further behind than this many facts a watcher is told to load again. */
const CATCH_UP = 10_000;

/** One connected reader of the stream. */
export class Watcher implements Follower {
  readonly logJobs: readonly number[];
  scope: Scope;
  /** True for customers: rows as they see them, and no facts. */
  outside: boolean;
  readonly #interest: Interest;
  readonly #outlet: Outlet;
  readonly #tail: Tail;
  readonly #store: Store;
  readonly #onDrop: () => void;
  /** Undefined while it is not yet known; facts after it are still to be sent. */
  #position: Position | undefined;
  #live = false;

  constructor(parts: {
    scope: Scope;
    outside?: boolean;
    interest: Interest;
    outlet: Outlet;
    tail: Tail;
    store: Store;
    onDrop: () => void;
  }) {
    this.scope = parts.scope;
    this.outside = parts.outside ?? false;
    this.#interest = parts.interest;
    this.logJobs = parts.interest.logJobs;
    this.#outlet = parts.outlet;
    this.#tail = parts.tail;
    this.#store = parts.store;
    this.#onDrop = parts.onDrop;
  }

  /** Begins at `after`, or now. Everything after that is sent once, in order. */
  async start(after: Position | undefined): Promise<void> {
    await this.#tail.follow(this);
    this.#position = after ?? this.#tail.position;
    if (this.#position === undefined) return;
    this.#send('hello', { position: formatPosition(this.#position) }, this.#position);
    if (after !== undefined && (await this.#isAhead(after))) return;
    await this.#catchUp();
  }

  /**
   * A position that does not exist yet: of another database, or of this one before it was restored from a backup. The
   * reader is told to load again, and goes on from here.
   */
  async #isAhead(after: Position): Promise<boolean> {
    const tail = this.#tail.position;
    if (tail === undefined || compare(after, tail) <= 0) return false;
    // Another process may just have told more than our tail has read.
    const horizon = await this.#store.profile.horizon(this.#store.read);
    if (compare(after, horizon) <= 0) return false;
    this.#position = this.#tail.position ?? tail;
    this.#send('reset', { position: formatPosition(this.#position) }, this.#position);
    await this.#catchUp();
    return true;
  }

  deliver(batch: LiveBatch): void {
    // While it catches up it reads by itself.
    if (!this.#live) return;
    if (this.logJobs.every((id) => batch.logJobs.has(id))) {
      this.#sendBatch(batch.facts, batch.jobs, batch.upTo);
      return;
    }
    // The tail was already reading when this one came, so the batch lacks its log lines.
    this.#live = false;
    this.#catchUp().catch(() => this.#outlet.end());
  }

  beat(): void {
    this.#write(': beat\n\n');
  }

  stop(): void {
    this.#tail.leave(this);
  }

  async #catchUp(): Promise<void> {
    let sent = 0;
    while (!this.#outlet.destroyed) {
      const target = this.#tail.position;
      const position = this.#position;
      if (target === undefined || position === undefined) return;
      if (compare(position, target) >= 0) {
        // In the same turn as the look at the tail's position, so that no batch falls between.
        this.#live = true;
        return;
      }
      const { facts, upTo } = await readFacts(this.#store.read, position, target, this.logJobs);
      sent += facts.length;
      if (sent > CATCH_UP) {
        this.#position = target;
        this.#send('reset', { position: formatPosition(target) }, target);
      } else {
        this.#sendBatch(facts, await jobsOf(this.#store, facts), upTo);
        await this.#drained();
      }
    }
  }

  /** Rows come before their facts: a reader whose connection ends in between resumes after the last fact it got. */
  #sendBatch(facts: readonly LiveFact[], jobs: LiveBatch['jobs'], upTo: Position): void {
    const from = this.#position;
    const rows = new Map(jobs.map((job) => [job.summary.id, job.summary]));
    const told = new Set<JobSummary>();
    let text = '';
    for (const fact of facts) {
      // Whoever resumes here may be ahead of our tail: another process has told it more.
      if (from !== undefined && compare(fact.position, from) <= 0) continue;
      const row = rows.get(fact.event.jobId);
      if (!this.#wants(fact, row)) continue;
      // Where it is resumed: a message without data, which readers remember and do not show.
      text = this.outside ? `id: ${formatPosition(fact.position)}\n\n` : text + factText(fact);
      if (row !== undefined) told.add(row);
    }
    if (from === undefined || compare(upTo, from) > 0) this.#position = upTo;
    if (text !== '') this.#write(Array.from(told, this.outside ? outsideText : rowText).join('') + text);
  }

  /** Resolves when the reader has taken what was written: a page of the past may be larger than what may pile up. */
  async #drained(): Promise<void> {
    const outlet = this.#outlet;
    if (outlet.destroyed || !outlet.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        outlet.off('drain', done);
        outlet.off('close', done);
        resolve();
      };
      outlet.on('drain', done);
      outlet.on('close', done);
    });
  }

  #wants({ event, visibility }: LiveFact, row: JobSummary | undefined): boolean {
    if (!sees(this.scope, visibility)) return false;
    if (event.kind === 'log') return !this.outside && this.logJobs.includes(event.jobId);
    const { jobs, filter } = this.#interest;
    if (jobs !== undefined && !jobs.includes(event.jobId)) return false;
    return row !== undefined && matchesFilter(row, filter);
  }

  #send(name: string, data: unknown, position: Position): void {
    this.#write(`event: ${name}\nid: ${formatPosition(position)}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #write(text: string): void {
    if (this.#outlet.destroyed) return;
    if (this.#outlet.writableLength > BACKLOG) {
      this.#onDrop();
      this.stop();
      this.#outlet.destroy();
      return;
    }
    this.#outlet.write(text);
  }
}

/** The same text goes to all watchers: made once per fact and row. */
const factTexts = new WeakMap<LiveFact, string>();
const rowTexts = new WeakMap<JobSummary, string>();
const outsideTexts = new WeakMap<JobSummary, string>();

function factText(fact: LiveFact): string {
  let text = factTexts.get(fact);
  if (text === undefined) {
    const name = fact.event.kind === 'log' ? 'log' : 'event';
    text = `event: ${name}\nid: ${formatPosition(fact.position)}\ndata: ${JSON.stringify(fact.event)}\n\n`;
    factTexts.set(fact, text);
  }
  return text;
}

function rowText(row: JobSummary): string {
  return textOf(row, rowTexts, (row) => row);
}

function outsideText(row: JobSummary): string {
  return textOf(row, outsideTexts, outsideOf);
}

function textOf(
  row: JobSummary,
  texts: WeakMap<JobSummary, string>,
  view: (row: JobSummary) => JobSummary,
): string {
  let text = texts.get(row);
  if (text === undefined) {
    text = `event: job\ndata: ${JSON.stringify(view(row))}\n\n`;
    texts.set(row, text);
  }
  return text;
}
