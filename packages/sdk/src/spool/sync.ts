import type { Problem } from '@daybook/core';
import { type Clock, pause } from '../clock.ts';
import type { HttpClient } from '../http/client.ts';
import { type DaybookApiError, isHopeless, retryAfterOf, verdictOn } from '../http/errors.ts';
import { type Pace, retryDelay } from '../http/retry.ts';
import { deliver } from './delivery.ts';
import { listJournals, refusedFolder } from './directory.ts';
import { lockHolder } from './file-lock.ts';
import { Journal, lockPath } from './journal.ts';
import type { JournalHeader } from './journal-lines.ts';

const RETRIES = 3;

/** What became of one journal. */
export type SyncOutcome =
  | {
      readonly kind: 'delivered';
      readonly path: string;
      readonly name: string;
      readonly jobId: number;
      readonly events: number;
    }
  /** Its own process, or another sync, is at it. */
  | { readonly kind: 'busy'; readonly path: string; readonly holder: string }
  /** It is meant for another server. */
  | { readonly kind: 'elsewhere'; readonly path: string; readonly name: string; readonly url: string }
  /** The server will not take it as it is; it is set aside; see `refusedFolder`. */
  | { readonly kind: 'refused'; readonly path: string; readonly name: string; readonly problem: Problem }
  /** The server is away or does not let us in; the rest was not tried. */
  | { readonly kind: 'waiting'; readonly path: string; readonly name: string; readonly error: Error };

export interface SyncOptions {
  readonly directory: string;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly random: () => number;
  readonly signal?: AbortSignal;
  /** Also deliver what was meant for another address. */
  readonly anyServer?: boolean;
  /** Also try again what was refused and set aside. */
  readonly refused?: boolean;
  /** Single events that the server refused and that were put aside. */
  readonly onRefused?: (path: string, line: string, problem: Problem) => void;
}

/**
 * Delivers what earlier processes left in the spool, oldest first, one outcome per journal as it happens. Any number of
 * these may run at once, on several machines: each journal is taken by one of them.
 */
export async function* syncSpool(options: SyncOptions): AsyncGenerator<SyncOutcome> {
  const { directory, refused = false } = options;
  const setAside = refused ? listJournals(refusedFolder(directory)) : [];
  for (const path of [...listJournals(directory), ...setAside]) {
    if (options.signal?.aborted) return;
    const outcome = await syncJournal(path, options);
    if (outcome === undefined) continue;
    yield outcome;
    if (outcome.kind === 'waiting') return;
  }
}

async function syncJournal(path: string, options: SyncOptions): Promise<SyncOutcome | undefined> {
  const journal = Journal.takeOver(path);
  if (journal === undefined) {
    const holder = lockHolder(lockPath(path));
    return holder === undefined ? undefined : { kind: 'busy', path, holder };
  }
  let outcome: SyncOutcome;
  try {
    outcome = await deliverTaken(journal, options);
  } finally {
    journal.close();
  }
  return outcome.kind === 'refused' ? { ...outcome, path: journal.path } : outcome;
}

async function deliverTaken(journal: Journal, options: SyncOptions): Promise<SyncOutcome> {
  const { path, header } = journal;
  const name = recordName(header);
  const { url } = header;
  if (url !== options.http.url && options.anyServer !== true) return { kind: 'elsewhere', path, name, url };
  try {
    const events = await deliverPatiently(journal, options);
    return { kind: 'delivered', path, name, jobId: journal.jobId as number, events };
  } catch (error) {
    if (verdictOn(error) === 'later') return { kind: 'waiting', path, name, error: error as Error };
    const { problem } = error as DaybookApiError;
    if (journal.refused?.code !== problem.code) journal.setRefused(problem);
    return { kind: 'refused', path, name, problem };
  }
}

/** Gives up after a few failures in a row: whoever calls it can call it again. Answers how many events were delivered. */
async function deliverPatiently(journal: Journal, options: SyncOptions): Promise<number> {
  const { http, clock, pace, random, signal } = options;
  let events = 0;
  for (let failures = 0; ; ) {
    try {
      await deliver(journal, http, signal, {
        onDelivered: (more) => {
          events += more;
          failures = 0;
        },
        onRefused: (line, problem) => options.onRefused?.(journal.path, line, problem),
      });
      journal.refused = undefined;
      return events;
    } catch (error) {
      failures += 1;
      const over = failures > RETRIES || signal?.aborted || isHopeless(error) || verdictOn(error) !== 'later';
      if (over) throw error;
      await pause(clock, retryDelay(pace, failures, retryAfterOf(error), random), signal, true);
    }
  }
}

/** What people call the job of a journal. */
export function recordName({ create: { name, configuration } }: JournalHeader): string {
  if (name !== undefined) return name;
  if (typeof configuration === 'string') return configuration;
  return typeof configuration === 'object' && configuration !== null && 'tag' in configuration
    ? String(configuration.tag)
    : '?';
}
