import type { JobEvent, JobSummary } from '@daybook/core';

/**
 * What a tab says to the hub. It joins once it knows that somebody is signed in; `beat` keeps it among the living. What it
 * loads is not older than `after`, where the stream stood then.
 */
export type TabMessage =
  | { readonly type: 'join'; readonly logs: readonly number[]; readonly after?: string }
  | { readonly type: 'beat'; readonly logs: readonly number[] }
  | { readonly type: 'follow'; readonly logs: readonly number[] }
  | { readonly type: 'signed-out' }
  | { readonly type: 'leave' };

/**
 * - `connecting`: the stream is being opened for the first time.
 * - `live`: what is shown is as it is.
 * - `away`: the server does not answer; it is tried again by itself, and nothing that happens meanwhile is lost.
 * - `signed-out`: the session is over; nothing is tried until somebody signs in.
 */
export type LiveState = 'connecting' | 'live' | 'away' | 'signed-out';

/** What the hub says to every tab. */
export type HubMessage =
  | { readonly type: 'state'; readonly state: LiveState; readonly logs: readonly number[] }
  | { readonly type: 'event'; readonly event: JobEvent }
  | { readonly type: 'log'; readonly event: JobEvent }
  | { readonly type: 'job'; readonly job: JobSummary }
  /** So much was missed that everything has to be loaded again. */
  | { readonly type: 'reset' };

/** How often a tab says that it lives, ms. */
export const beatEvery = 20_000;
/** Browsers let the timers of a hidden tab run once a minute, so a tab is given up only after several of those, ms. */
export const deadAfter = 200_000;
