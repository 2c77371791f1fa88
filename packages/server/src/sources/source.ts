import type { JobStatus, Sighting, SourceCheck, SourceSentence } from '@daybook/core';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Store } from '../storage/index.ts';

/**
 * The contract of all sources: tracker files, log directories, schedulers, programs. A source looks and tells; it writes
 * nothing into the diary. The importer makes jobs and events of what it tells, so that every kind is exactly once, never
 * overwrites people and survives a kill in the same way. `testing/source-conformance.ts` is what each kind must pass.
 */
export interface Source {
  /**
   * What it can, and cannot do, permission by permission. It never throws: what goes wrong is told.
   */
  test(signal: AbortSignal): Promise<SourceCheck[]>;
  /**
   * What is new, or has changed since this source looked last, in pieces of at most {@link PIECE}. Telling something twice
   * is harmless. One that fails says so by throwing a {@link SourceError}: then nothing is concluded from what it left out.
   */
  discover(look: Look): AsyncIterable<readonly Finding[]>;
  /**
   * Asks again for jobs that the diary holds active, and of which `discover` said nothing: what left the queue of a
   * scheduler may have come to its end. Kinds that see every change have nothing to ask.
   */
  refresh(active: () => Promise<readonly KnownJob[]>, look: Look): AsyncIterable<readonly Finding[]>;
  /** Why a job waits, as far as it knows; undefined if it does not. */
  explain(job: KnownJob): SourceSentence | undefined;
  /**
   * Puts content where `hash` says that nothing has changed since it was read; for kinds whose jobs can be edited from
   * here. `changed`: somebody was faster, nothing was written.
   */
  replace?(item: string, hash: string, content: string): Promise<Replaced>;
  /** Lets go of what it holds. */
  close?(): void;
}

/** Findings in a piece: one transaction takes them, and everybody else's write waits meanwhile. */
export const PIECE = 200;

/** What a source needs to know of the diary while it looks. */
export interface Look {
  /** Marks of everything that was told before, by item: after a start, what has not changed need not be read again. */
  marks(): Promise<ReadonlyMap<string, string>>;
  /** Says how many jobs or files were there to be seen, changed or not. */
  saw(count: number): void;
  /** Aborted when the look takes too long, or Daybook stops. */
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly now: number;
}

/** Something that was seen. `item` names it within its source for good, whatever happens to it. */
export type Finding = FoundContent | FoundProblem | { readonly item: string; readonly gone: true };

export interface FoundContent {
  readonly item: string;
  /** Changes whenever the content may have changed. Empty: look again next time. */
  readonly mark: string;
  /** Of the content. */
  readonly hash: string;
  /** As it was read; `SourceKind.sight` says what it means. */
  readonly content: string;
  /** Where it is, for people: the path of a file. */
  readonly place?: string;
}

/** What cannot be read is told by name; what is known of its job stays. */
export interface FoundProblem {
  readonly item: string;
  readonly mark: string;
  readonly problem: SourceSentence;
  readonly place?: string;
}

/** A job that the source told of, as the diary has it. */
export interface KnownJob {
  readonly item: string;
  readonly status: JobStatus;
  readonly content: string;
  /** When it last changed, milliseconds. */
  readonly changedAt: number;
}

export type Replaced =
  | { readonly kind: 'replaced'; readonly hash: string }
  | { readonly kind: 'changed' }
  | { readonly kind: 'failed'; readonly problem: SourceSentence };

/** What a content means: a job as it was seen, or why it cannot be one. `notice`: what of it found no place. */
export type Sight =
  | { readonly sighting: Sighting; readonly notice?: SourceSentence }
  | { readonly problem: SourceSentence; readonly sighting?: undefined };

/** Settings that every kind has, with `sourceSettingsShape` of core. */
export interface CommonSettings {
  readonly interval: number;
  readonly patience: number;
  readonly timeZone?: string | undefined;
  readonly project?: string | undefined;
}

export interface SourceKind<Settings extends CommonSettings = CommonSettings> {
  readonly kind: string;
  readonly settings: z.ZodType<Settings>;
  /** `reported`: whoever runs the jobs tells us, through a file; `watched`: it does not know of us (design.md §1). */
  readonly execution: 'reported' | 'watched';
  /** True if it is looked at on a cycle; others are brought to us. */
  polls(settings: Settings): boolean;
  open(settings: Settings): Source;
  /** Pure: the same content means the same, always. */
  sight(content: string): Sight;
  /** What is to be noted of its jobs before a look changes them; of `items` alone, if they are given. */
  prepare?(about: Care<Settings>, items?: readonly string[]): Promise<void>;
  /** What else is to be done for its jobs when a look came to a good end. */
  care?(about: Care<Settings>): Promise<void>;
}

/** What a kind needs to look after its jobs, before and after a look. */
export interface Care<Settings extends CommonSettings = CommonSettings> {
  readonly store: Store;
  readonly clock: Clock;
  readonly sourceId: number;
  readonly settings: Settings;
  /** When the look before came to its end, milliseconds; 0 if there was none. */
  readonly lookedUntil: number;
  /** Imports what it found besides. */
  take(findings: readonly Finding[]): Promise<unknown>;
  /** What can be written to; undefined where jobs are brought to us. */
  readonly source: Source | undefined;
  readonly signal: AbortSignal;
}

/** A look that came to nothing: the source is stale, and no job changes. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly sentence: SourceSentence;

  constructor(sentence: SourceSentence, options?: { cause?: unknown }) {
    super(`${sentence.code}${sentence.detail === undefined ? '' : `: ${sentence.detail}`}`, options);
    this.sentence = sentence;
  }
}
