import { isActive, isEnded, type SourceCheck, type SourceSentence } from '@daybook/core';
import type { Clock } from '../../clock.ts';
import { type Finding, type FoundContent, type KnownJob, type Look, PIECE, type Source } from '../source.ts';
import { ExtraCalls } from './extra-calls.ts';
import { Ledger, markOf, submittedOf } from './ledger.ts';
import { CALLS_PER_MINUTE } from './programs.ts';
import type { Scheduler } from './scheduler.ts';
import {
  contentOf,
  hashOf,
  merge,
  type Seen,
  seenOf,
  type Understood,
  type Unread,
  waitingOf,
} from './seen.ts';
import { RECORDS, UnreadRecords } from './unread-records.ts';

/** How long a job may be neither in the queue nor in the accounting before nobody knows it any more, milliseconds. */
export const GRACE = 15 * 60_000;
/** The accounting is asked for more than what should be new, milliseconds: it is written later than things happen. */
const OVERLAP = 10 * 60_000;
/** Jobs of which details are asked at once: their numbers have to fit into one command. */
const MOST_DETAILS = 1_000;
/** How far back the accounting is read when nothing is known yet, milliseconds. */
const FIRST_HISTORY = 7 * 24 * 60 * 60_000;

export interface SchedulerParts {
  readonly clock: Clock;
  /** Between two looks, seconds: what lists leave over of the calls of a minute is for details and history. */
  readonly interval: number;
  /** The project of a directory of submission. */
  readonly projectOf: (directory: string) => string | undefined;
}

interface OpenJob {
  readonly seen: Understood;
  /** Since when it is not in the list. */
  readonly missingSince: number | undefined;
  /** When it was submitted last: an end before that is that of another run. */
  readonly runSince: number;
}

interface Told {
  readonly item: string;
  readonly finding: Finding;
  readonly seen?: Understood;
}

/**
 * A scheduler as a source. One list per look tells everything that is active, and with most schedulers what ended a
 * moment ago; what has left the list without a word is looked up in the accounting. Between the two lies a dark window of
 * seconds to minutes, in which a job is *vanished*: it stays as it was, and only after {@link GRACE} is it unknown.
 */
export class SchedulerSource implements Source {
  readonly #scheduler: Scheduler;
  readonly #clock: Clock;
  readonly #projectOf: (directory: string) => string | undefined;
  readonly #extras: ExtraCalls;
  #ledger: Ledger | undefined;
  #records: UnreadRecords | undefined;
  readonly #open = new Map<string, OpenJob>();
  /** Jobs of the last list by item, with what it said. */
  #listed = new Map<string, Seen>();
  #listedAll = false;
  /** Ends that were read, and of which the list did not know yet. */
  #ends: Seen[] = [];
  #askedHistory: number | undefined;
  #wantsHistory = true;
  /** Jobs that were told without their details: there was no call left for them. */
  readonly #undetailed = new Set<string>();
  /** Items that have a problem: when they are fine again they are told, changed or not. */
  readonly #troubled = new Set<string>();

  constructor(scheduler: Scheduler, { clock, interval, projectOf }: SchedulerParts) {
    this.#scheduler = scheduler;
    this.#extras = new ExtraCalls(Math.max(1, CALLS_PER_MINUTE - Math.ceil(60 / interval)));
    this.#clock = clock;
    this.#projectOf = projectOf;
  }

  async test(signal: AbortSignal): Promise<SourceCheck[]> {
    return await this.#scheduler.test({ signal, now: this.#clock.now() });
  }

  async *discover(look: Look): AsyncIterable<readonly Finding[]> {
    const marks = this.#ledger === undefined ? await look.marks() : new Map<string, string>();
    const ledger = (this.#ledger ??= new Ledger(marks));
    const records = (this.#records ??= new UnreadRecords(marks));
    // Ends are read before the list: a job that ended and runs again is in the list, and its old end is no end.
    const ends = await this.#scheduler.ended?.(look);
    // Not `push(...)`: as arguments of one call, the ends of years do not fit on the stack.
    if (ends !== undefined) {
      this.#ends = this.#ends.concat(ends.seen);
      records.files(ends);
    }
    this.#listedAll = false;
    if (this.#scheduler.left(look.now) === 0) return;
    const listing = await this.#scheduler.list(look);
    look.saw(listing.seen.length + listing.unread.length);
    const jobs = await this.#detailed(ledger, listing.seen, look);
    const listed = new Map<string, Seen>();
    const told: Told[] = problemsOf(ledger, listing.unread);
    const news = records.news(listing.unread.filter((each) => itemOfUnread(ledger, each) === undefined));
    if (news !== undefined) told.push({ item: RECORDS, finding: news });
    for (const seen of jobs) {
      const item = ledger.itemOf(seen, this.#scheduler.needsDate);
      if (item === undefined) continue;
      listed.set(item, seen);
      told.push(...this.#tellListed(ledger, item, seen, look.now));
    }
    this.#listed = listed;
    // What could not be read may be a job of which we would think that it is gone.
    this.#listedAll = listing.unread.length === 0;
    yield* this.#tell(ledger, told);
  }

  async *refresh(active: () => Promise<readonly KnownJob[]>, look: Look): AsyncIterable<readonly Finding[]> {
    const ledger = this.#ledger;
    if (ledger === undefined || !this.#listedAll) return;
    if (this.#askedHistory === undefined) await this.#recall(active);
    const missing = this.#noteMissing(look.now);
    await this.#askHistory(ledger, missing, look);
    const told: Told[] = [];
    const kept: Seen[] = [];
    for (const end of this.#ends) {
      const verdict = this.#judge(ledger, end, look.now);
      if (verdict === 'later') kept.push(end);
      else if (verdict !== undefined) told.push(verdict);
    }
    this.#ends = kept;
    const ended = new Set(told.map(({ item }) => item));
    for (const [item, { seen, missingSince }] of missing)
      if (!ended.has(item) && look.now - (missingSince ?? look.now) >= GRACE)
        told.push(this.#found(item, { ...seen, status: 'unknown', error: undefined }, false));
    yield* this.#tell(ledger, told);
  }

  explain({ item, content }: KnownJob): SourceSentence | undefined {
    const open = this.#open.get(item);
    return open?.missingSince === undefined ? waitingOf(content) : { code: 'source.waiting.vanished' };
  }

  /** What the list does not tell is asked once per new job, all new ones in one call. */
  async #detailed(ledger: Ledger, seen: readonly Seen[], look: Look): Promise<readonly Seen[]> {
    const { detail, needsDate } = this.#scheduler;
    if (detail === undefined) return seen;
    const fresh = seen.filter((each) => this.#isFresh(ledger, each));
    const mayAsk = fresh.length > 0 && this.#mayCall('detail', look.now);
    const asked = new Set(mayAsk ? fresh.slice(0, MOST_DETAILS) : []);
    const apply = asked.size > 0 ? await detail.call(this.#scheduler, look, [...asked]) : undefined;
    this.#undetailed.clear();
    for (const each of fresh) {
      const item = asked.has(each) ? undefined : ledger.itemOf(each, needsDate);
      if (!asked.has(each)) this.#undetailed.add(item ?? each.id);
    }
    return seen.map((each) => (asked.has(each) && apply !== undefined ? apply(each) : each));
  }

  #isFresh(ledger: Ledger, seen: Seen): boolean {
    const item = ledger.itemOf(seen, this.#scheduler.needsDate);
    if (item === undefined) return true;
    if (seen.status === undefined || !isActive(seen.status)) return false;
    if (ledger.entry(item) === undefined || this.#undetailed.has(item)) return true;
    return isAnotherRun(this.#open.get(item), seen);
  }

  #tellListed(ledger: Ledger, item: string, seen: Seen, now: number): Told[] {
    const { status } = seen;
    if (status === undefined) {
      const problem = { code: 'source.problem.unknownState', detail: seen.word.slice(0, 200) };
      return [{ item, finding: { item, mark: '', problem } }];
    }
    const known = this.#open.get(item);
    const merged = sameJob(known?.seen, { ...seen, status }, isAnotherRun(known, seen));
    if (isEnded(status)) {
      // The accounting knows more of an end than the list, and nothing may be taken back.
      const before = ledger.entry(item);
      if (before?.stage === 'settled' && isSameMoment(before.endedAt, seen.endedAt ?? 0)) return [];
      if (status === 'failed' && merged.metadata?.['exitCode'] === undefined) this.#wantsHistory = true;
    } else {
      const runSince = Math.max(seen.submittedAt ?? 0, known?.runSince ?? 0);
      this.#open.set(item, { seen: merged, missingSince: undefined, runSince: runSince || now });
    }
    return [this.#found(item, merged, false)];
  }

  /** After a start, what the diary holds active: it may have ended meanwhile. */
  async #recall(active: () => Promise<readonly KnownJob[]>): Promise<void> {
    for (const { item, content, status } of await active()) {
      const seen = seenOf(content);
      if (seen === undefined || status === 'unknown' || this.#open.has(item) || !isActive(seen.status))
        continue;
      this.#open.set(item, { seen, missingSince: undefined, runSince: seen.submittedAt ?? 0 });
    }
  }

  /** Neither keeps the other from its turn, and both leave the list its own. */
  #mayCall(what: 'detail' | 'history', now: number): boolean {
    const isOwed = what === 'detail' && this.#wantsHistory && this.#scheduler.history !== undefined;
    if (this.#scheduler.left(now) === 0 || (isOwed && this.#extras.last === 'detail')) return false;
    return this.#extras.take(what, now);
  }

  #noteMissing(now: number): Map<string, OpenJob> {
    const missing = new Map<string, OpenJob>();
    for (const [item, open] of this.#open) {
      if (this.#listed.has(item)) continue;
      const since = { ...open, missingSince: open.missingSince ?? now };
      this.#open.set(item, since);
      missing.set(item, since);
    }
    return missing;
  }

  async #askHistory(ledger: Ledger, missing: ReadonlyMap<string, OpenJob>, look: Look): Promise<void> {
    const { history } = this.#scheduler;
    const first = this.#askedHistory === undefined;
    this.#wantsHistory = history !== undefined && (this.#wantsHistory || first || missing.size > 0);
    if (history === undefined) this.#askedHistory = look.now;
    if (history === undefined || !this.#wantsHistory || !this.#mayCall('history', look.now)) return;
    const since = [...missing.values()].map(({ missingSince }) => missingSince ?? look.now);
    const last = this.#askedHistory ?? ledger.lastSubmit ?? look.now - FIRST_HISTORY;
    const found = await history.call(
      this.#scheduler,
      look,
      Math.min(last, look.now, ...since.slice(0, 1_000)) - OVERLAP,
    );
    this.#askedHistory = look.now;
    this.#wantsHistory = false;
    if (found === undefined) return;
    this.#ends = this.#ends.concat(found.seen);
    this.#records?.history(found.unread);
  }

  /** What an end means for its job; `later` if the list has not heard of it, undefined if it is old or no end. */
  #judge(ledger: Ledger, end: Seen, now: number): Told | 'later' | undefined {
    const item = ledger.itemOf(end, this.#scheduler.needsDate);
    if (item === undefined) return undefined;
    const open = this.#open.get(item);
    if (end.deleting === true && open !== undefined)
      this.#open.set(item, { ...open, seen: { ...open.seen, deleting: true } });
    const { status } = end;
    if (status === undefined || !isEnded(status)) return undefined;
    const before = ledger.entry(item);
    const at = end.endedAt ?? now;
    // Of an end that was told the accounting may know more, once; what ended before it was another run.
    if (before !== undefined && before.endedAt > 0 && isOld(at, before)) return undefined;
    if (open !== undefined && at < Math.max(open.runSince, open.seen.startedAt ?? 0) - 1_000)
      return undefined;
    const listed = this.#listed.get(item)?.status;
    if (listed !== undefined && isActive(listed)) return now - at < GRACE ? 'later' : undefined;
    const known = open?.seen ?? this.#understood(item);
    const merged = sameJob(known, { ...end, status }, false);
    return this.#found(item, this.#scheduler.settle?.(merged, open?.seen) ?? merged, true);
  }

  #understood(item: string): Understood | undefined {
    const seen = this.#listed.get(item);
    return seen?.status === undefined ? undefined : { ...seen, status: seen.status };
  }

  #found(item: string, found: Understood, settled: boolean): Told {
    const { submitDirectory, project = submitDirectory && this.#projectOf(submitDirectory) } = found;
    const seen = { ...found, submittedAt: submittedOf(item) ?? found.submittedAt, project };
    const content = contentOf(seen);
    const finding: FoundContent = {
      item,
      mark: markOf(seen, content, settled),
      hash: hashOf(content),
      content,
    };
    return { item, finding, seen };
  }

  /** In pieces; what was taken is remembered, what was not is told again. */
  async *#tell(ledger: Ledger, told: readonly Told[]): AsyncIterable<readonly Finding[]> {
    const news = told.filter(({ item, finding }) => {
      if (!('content' in finding)) return true;
      return ledger.entry(item)?.hash !== finding.hash || this.#troubled.has(item);
    });
    for (let from = 0; from < news.length; from += PIECE) {
      const piece = news.slice(from, from + PIECE);
      yield piece.map(({ finding }) => finding);
      for (const each of piece) this.#taken(ledger, each);
    }
  }

  #taken(ledger: Ledger, { item, finding, seen }: Told): void {
    if (item === RECORDS) this.#records?.told(finding);
    else if ('problem' in finding) this.#troubled.add(item);
    else this.#troubled.delete(item);
    if (!('content' in finding)) return;
    ledger.note(item, finding.mark);
    if (seen !== undefined && !isActive(seen.status)) this.#open.delete(item);
  }
}

/** What it was submitted as stays, however often it is requeued. */
function sameJob(known: Understood | undefined, told: Understood, again: boolean): Understood {
  const merged = merge(known, told);
  return again && told.tries === undefined ? { ...merged, tries: (known?.tries ?? 0) + 1 } : merged;
}

/** Clocks of accounting and queue differ by a second. */
function isSameMoment(a: number, b: number): boolean {
  return Math.abs(a - b) <= 2_000;
}

function isOld(at: number, { stage, endedAt }: { stage: string; endedAt: number }): boolean {
  return isSameMoment(at, endedAt) ? stage === 'settled' : at < endedAt;
}

function isAnotherRun(open: OpenJob | undefined, { submittedAt }: Seen): boolean {
  return open !== undefined && submittedAt !== undefined && submittedAt > open.runSince;
}

/** What cannot be read is told of the job that it is about, if that is known. */
function problemsOf(ledger: Ledger, unread: readonly Unread[]): Told[] {
  return unread.flatMap((each) => {
    const item = itemOfUnread(ledger, each);
    return item === undefined ? [] : [{ item, finding: { item, mark: '', problem: each.problem } }];
  });
}

function itemOfUnread(ledger: Ledger, { id }: Unread): string | undefined {
  return id === undefined ? undefined : ledger.itemOf({ id, status: undefined, word: '' }, true);
}
