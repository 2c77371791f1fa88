import { appendFileSync } from 'node:fs';
import { type Job, type JobCreateBody, limits, type Problem } from '@daybook/core';
import type { HttpClient } from '../http/client.ts';
import { DaybookApiError, verdictOn } from '../http/errors.ts';
import { JOURNAL_SUFFIX, REFUSED_SUFFIX } from './directory.ts';
import type { Journal } from './journal.ts';

/**
 * Delivery of a journal: creates its job, then sends its events, each batch after the answer to the one before. Creation
 * has an Idempotency-Key and every event a key, so that whatever is repeated (no answer, a kill, two deliveries at once)
 * is stored once; since every delivery sends in order, what arrives first is in order too. The server remembers the keys of
 * events for as long as their job, and that of a creation for seven days and for the API key that it came with: only a
 * creation whose answer was lost, sent again later than that or with another key, could make a second job.
 */

const EVENTS_AT_ONCE = Math.min(500, limits.eventsPerRequest);

export interface DeliveryHooks {
  /** An answer came: the server is there, and this many events more are stored. */
  readonly onDelivered?: (events: number) => void;
  /** The server will never take this event; it was put aside in a file beside the journal. */
  readonly onRefused?: (line: string, problem: Problem) => void;
}

/**
 * Makes the server know the job.
 *
 * @throws DaybookApiError | DaybookUnreachableError as `HttpClient`
 */
export async function createJobOf(
  journal: Journal,
  http: HttpClient,
  signal?: AbortSignal,
  timeout?: number,
): Promise<Job> {
  const { id, create } = journal.header;
  return await post(http, id, create, journal, signal, timeout);
}

/**
 * Delivers everything in the journal, or throws the first failure; what was delivered until then stays delivered.
 *
 * @throws DaybookApiError | DaybookUnreachableError as `HttpClient`
 */
export async function deliver(
  journal: Journal,
  http: HttpClient,
  signal?: AbortSignal,
  hooks: DeliveryHooks = {},
): Promise<void> {
  if (journal.jobId === undefined) await createAfterTheFact(journal, http, signal);
  for (;;) {
    const lines = await journal.peek(EVENTS_AT_ONCE);
    if (lines.length === 0) return;
    await sendBatch({ journal, http, signal, hooks }, lines);
    journal.advance();
  }
}

/** The work has begun without asking: a target that somebody else holds now cannot undo that, so it is only noted. */
async function createAfterTheFact(
  journal: Journal,
  http: HttpClient,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await createJobOf(journal, http, signal);
  } catch (error) {
    if (!(error instanceof DaybookApiError) || error.code !== 'target_busy') throw error;
    const { id, create } = journal.header;
    await post(http, `${id}-untargeted`, withoutTarget(create, error.problem), journal, signal);
  }
}

function withoutTarget(create: JobCreateBody, problem: Problem): JobCreateBody {
  const { target, ...rest } = create;
  const note = {
    target: target ?? null,
    targetHeldBy: typeof problem['jobId'] === 'number' ? problem['jobId'] : null,
  };
  return { ...rest, metadata: { ...rest.metadata, ...note } };
}

async function post(
  http: HttpClient,
  key: string,
  body: JobCreateBody,
  journal: Journal,
  signal: AbortSignal | undefined,
  timeout?: number,
): Promise<Job> {
  const { body: job } = await http.request<Job>('POST', '/jobs', {
    body,
    headers: { 'idempotency-key': key },
    signal,
    ...(timeout !== undefined && { timeout }),
  });
  journal.setJobId(job.id);
  return job;
}

interface Sending {
  readonly journal: Journal;
  readonly http: HttpClient;
  readonly signal: AbortSignal | undefined;
  readonly hooks: DeliveryHooks;
}

/** A batch with something in it that will never pass is halved until that stands alone, and is put aside. */
async function sendBatch(sending: Sending, lines: readonly string[]): Promise<void> {
  const { journal, http, signal, hooks } = sending;
  try {
    const { leaseToken } = journal.header;
    const body = `{"events":[${lines.join(',')}]}`;
    const headers: Record<string, string> = leaseToken === undefined ? {} : { 'lease-token': leaseToken };
    await http.request('POST', `/jobs/${journal.jobId}/events`, { body, headers, signal });
    hooks.onDelivered?.(lines.length);
  } catch (error) {
    if (!(error instanceof DaybookApiError) || verdictOn(error) !== 'poison') throw error;
    if (lines.length === 1) return putAside(sending, lines[0] as string, error.problem);
    const half = Math.ceil(lines.length / 2);
    await sendBatch(sending, lines.slice(0, half));
    await sendBatch(sending, lines.slice(half));
  }
}

function putAside({ journal, hooks }: Sending, line: string, problem: Problem): void {
  try {
    if (journal.isInMemory) return;
    const path = journal.path.slice(0, -JOURNAL_SUFFIX.length) + REFUSED_SUFFIX;
    appendFileSync(path, `{"problem":${JSON.stringify(problem)},"event":${line}}\n`, { mode: 0o600 });
  } catch {
    // It is told all the same.
  } finally {
    hooks.onRefused?.(line, problem);
  }
}
