import type { JobEvent, JobSummary } from '@daybook/core';
import { type Clock, pause } from '../clock.ts';
import type { HttpClient, Query } from '../http/client.ts';
import { DaybookUnreachableError, verdictOn } from '../http/errors.ts';
import { readEventStream, type StreamMessage } from '../http/event-stream.ts';
import { type Pace, retryDelay } from '../http/retry.ts';

/**
 * What `GET /stream` tells, as it happens: `hello` once, `event` and `log` in order, `job` the row as it is after a
 * change, `reset` when too much was missed (load again), and `away` and `back` when the connection is lost and found.
 */
export type StreamItem =
  | { readonly kind: 'hello' | 'reset' | 'back' }
  | { readonly kind: 'away'; readonly error: Error }
  | { readonly kind: 'event' | 'log'; readonly event: JobEvent }
  | { readonly kind: 'job'; readonly job: JobSummary };

export interface StreamOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly random: () => number;
  readonly query: Query;
  readonly signal: AbortSignal;
}

/** Beats come every 15 s; a connection that is silent for three of them is dead, whatever TCP believes. */
const SILENCE = 45_000;

/**
 * Follows the stream until `signal` is aborted, over lost connections, resuming where it was.
 *
 * @throws DaybookApiError when the server refuses (no key, no such filter)
 * @throws DaybookUnreachableError when the first connection fails
 */
export async function* followStream(options: StreamOptions): AsyncGenerator<StreamItem> {
  let position: string | undefined;
  let failures = 0;
  while (!options.signal.aborted) {
    try {
      for await (const message of connect(options, position)) {
        position = message.id ?? position;
        if (failures > 0) yield { kind: 'back' };
        failures = 0;
        const item = readItem(message);
        if (item !== undefined) yield item;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      if (verdictOn(error) !== 'later' || (position === undefined && failures === 0)) throw error;
      if (failures === 0) yield { kind: 'away', error: error as Error };
    }
    if (options.signal.aborted) return;
    failures += 1;
    await pause(
      options.clock,
      retryDelay(options.pace, failures, undefined, options.random),
      options.signal,
      true,
    );
  }
}

async function* connect(options: StreamOptions, position: string | undefined): AsyncGenerator<StreamMessage> {
  const { http, query, clock, signal } = options;
  const silent = new AbortController();
  let cancel = () => {};
  const listen = () => {
    cancel();
    cancel = clock.after(SILENCE, () => silent.abort(), true);
  };
  listen();
  try {
    const response = await http.open('/stream', {
      query,
      headers: { accept: 'text/event-stream', ...(position !== undefined && { 'last-event-id': position }) },
      signal: AbortSignal.any([signal, silent.signal]),
    });
    if (response.body === null)
      throw new DaybookUnreachableError(http.url, 'broken', 'the stream has no body');
    yield* readEventStream(response.body, listen);
  } finally {
    cancel();
  }
}

function readItem({ event, data }: StreamMessage): StreamItem | undefined {
  switch (event) {
    case 'hello':
    case 'reset':
      return { kind: event };
    case 'event':
    case 'log':
      return { kind: event, event: JSON.parse(data) as JobEvent };
    case 'job':
      return { kind: 'job', job: JSON.parse(data) as JobSummary };
    default:
      return undefined;
  }
}
