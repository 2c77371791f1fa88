/** When to try again: exponential backoff with full jitter, and never before the server asked us to. */

/** How eagerly a reporter sends; all values in milliseconds. */
export interface Pace {
  /** How long events are collected before they are written and sent together. */
  readonly linger: number;
  /** Upper bound of the first wait after a failure; doubles with each further one. */
  readonly firstRetry: number;
  readonly longestRetry: number;
  /** How long one request may take; so long a process that ends without a word may wait for a server that hangs. */
  readonly requestTimeout: number;
  /** How long `createJob` waits for an answer before it goes on without one. */
  readonly firstContact: number;
  /**
   * How long the end of a job, or of the process, waits for the last events to be delivered; that of a job waits on, up to 30
   * times as long, while the server takes some of them each time.
   */
  readonly lastFlush: number;
  /** A running job that sent nothing for this long sends a heartbeat. */
  readonly heartbeat: number;
}

export const defaultPace: Pace = {
  linger: 100,
  firstRetry: 500,
  longestRetry: 30_000,
  requestTimeout: 10_000,
  firstContact: 2_000,
  lastFlush: 2_000,
  heartbeat: 30_000,
};

const LONGEST_RETRY_AFTER = 10 * 60_000;

/**
 * How long to wait after `failures` failures in a row (1 or more). The jitter is full (0 to the bound): a fleet that lost
 * its server together must not come back in step.
 */
export function retryDelay(
  pace: Pace,
  failures: number,
  retryAfter: number | undefined,
  random: () => number,
): number {
  const bound = Math.min(pace.longestRetry, pace.firstRetry * 2 ** Math.min(failures - 1, 30));
  return Math.max(random() * bound, retryAfter ?? 0);
}

/** `Retry-After` of RFC 9110, seconds or a date, in milliseconds; at most ten minutes. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER) : undefined;
}
