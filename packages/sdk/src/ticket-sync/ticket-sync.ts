import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import {
  limits,
  parseTicket,
  type SourceSentence,
  type Ticket,
  type TicketAnswer,
  type TicketDeliveryBody,
  type TicketReceipt,
  type TicketWrite,
  ticketLimits,
  ticketsPerRequest,
} from '@daybook/core';
import type { SourcesApi } from '../api/sources.ts';
import { type Clock, pause } from '../clock.ts';
import { DaybookApiError, isHopeless, retryAfterOf, verdictOn } from '../http/errors.ts';
import { type Pace, retryDelay } from '../http/retry.ts';
import { TicketError } from '../tickets/errors.ts';
import { JobTracker } from '../tickets/job-tracker.ts';
import { scanTickets, type TicketSighting } from '../tickets/scan.ts';
import { contentHash, readTicketBytes } from '../tickets/ticket-bytes.ts';
import { compareAndReplace } from '../tickets/ticket-file.ts';

/** Failures in a row after which we give up: whoever calls it can call it again. */
const RETRIES = 3;
/** Characters of tickets that are sent at once; the server takes 8 MB. */
const TEXT_AT_ONCE = 1024 * 1024;
/** How often edits are asked for anew when files change under our hands. */
const ROUNDS = 5;

/** What became of a ticket, and at the end of them all. */
export type TicketSyncOutcome =
  | {
      readonly kind: 'imported';
      readonly file: string;
      readonly jobId: number;
      readonly created: boolean;
      readonly events: number;
    }
  /** It is no ticket, or holds what the server will not take; the rest goes on. */
  | { readonly kind: 'refused'; readonly file: string; readonly problem: SourceSentence }
  /** It is broken, and was written a moment ago: maybe somebody is still at it. Run it again. */
  | { readonly kind: 'unsettled'; readonly file: string; readonly detail: string }
  /** The server knows it from this directory and its job goes on, but the file is not here any more. */
  | { readonly kind: 'vanished'; readonly file: string; readonly jobId: number }
  /** An edit that was made on the server is in the file now. */
  | { readonly kind: 'written'; readonly file: string }
  /** An edit could not be written: the directory is read-only, or somebody holds the ticket. It waits on the server. */
  | { readonly kind: 'unwritten'; readonly file: string; readonly error: Error }
  | { readonly kind: 'done'; readonly seen: number };

export interface TicketSyncOptions {
  readonly directory: string;
  readonly sources: SourcesApi;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly random: () => number;
  /** Name of the source that they belong to; `tracker-files` when left out. */
  readonly source?: string;
  readonly signal?: AbortSignal;
}

type Item = TicketDeliveryBody['items'][number];

const TOO_LARGE: SourceSentence = { code: 'source.problem.too_large' };

/**
 * Brings the tickets of a directory to the server, and the edits that were made there into the files. Nothing is remembered
 * here: the server knows what each ticket was, and makes the events of what changed while it imports it. So this may be
 * killed at any moment, and be run again, on this machine or on another, and every change is told exactly once.
 *
 * @throws DaybookApiError, DaybookUnreachableError; TicketMissingError if the directory is not there
 */
export async function* syncTickets(options: TicketSyncOptions): AsyncGenerator<TicketSyncOutcome> {
  const delivery = new Delivery(options);
  const seen = new Set<string>();
  const unsettled: TicketSyncOutcome[] = [];
  const settled = async function* (): AsyncGenerator<readonly TicketSighting[]> {
    for await (const sightings of scanTickets(options.directory, new Map(), optional(options.signal))) {
      for (const sighting of sightings) {
        seen.add(sighting.file);
        if (sighting.kind !== 'unsettled') continue;
        unsettled.push({ kind: 'unsettled', file: sighting.file, detail: sighting.problem.message });
      }
      yield sightings.filter(({ kind }) => kind !== 'unsettled');
    }
  };
  for await (const batch of batches(settled())) yield* delivery.take(batch);
  yield* delivery.finish(seen);
  yield* unsettled;
  yield { kind: 'done', seen: seen.size };
}

class Delivery {
  readonly #options: TicketSyncOptions;
  readonly #place: string;

  constructor(options: TicketSyncOptions) {
    this.#options = options;
    this.#place = fitting(`${hostname()}:${resolve(options.directory)}`, limits.path);
  }

  /** Names and hashes first: most tickets are known already, and their texts stay here. */
  async *take(items: readonly Item[]): AsyncGenerator<TicketSyncOutcome> {
    const compared = await this.#send(items.map(({ text: _text, ...named }) => named));
    const wanted = new Set(compared.items.flatMap(({ file, state }) => (state === 'wanted' ? [file] : [])));
    yield* told(compared.items);
    yield* this.#write(compared.writes);
    for (const part of parts(items.filter(({ file }) => wanted.has(file)))) yield* this.#bring(part);
  }

  async *#bring(part: readonly Item[]): AsyncGenerator<TicketSyncOutcome> {
    try {
      const imported = await this.#send(part);
      yield* told(imported.items);
      yield* this.#write(imported.writes);
    } catch (error) {
      if (!(error instanceof DaybookApiError) || error.code !== 'payload_too_large') throw error;
      if (part.length > 1) for (const item of part) yield* this.#bring([item]);
      else yield* part.map(({ file }) => ({ kind: 'refused', file, problem: TOO_LARGE }) as const);
    }
  }

  /** Says that this was all (`seen`: every file), and writes what the server has made of it, until nothing is left. */
  async *finish(seen: ReadonlySet<string>): AsyncGenerator<TicketSyncOutcome> {
    for (let round = 0; round < ROUNDS; round++) {
      const { writes, active = [] } = await this.#send([], true);
      if (round === 0)
        for (const { file, jobId } of active) if (!seen.has(file)) yield { kind: 'vanished', file, jobId };
      let wrote = false;
      for await (const outcome of this.#write(writes)) {
        wrote ||= outcome.kind !== 'unwritten';
        yield outcome;
      }
      if (!wrote) return;
    }
  }

  /** Edits go into files that still are what the server knows; what each is then is sent. Others are not ours. */
  async *#write(writes: readonly TicketWrite[]): AsyncGenerator<TicketSyncOutcome> {
    const changed = new Set<string>();
    for (const { file, hash, text } of writes) {
      const path = join(this.#options.directory, file);
      const { ticket } = parseTicket(text, 'exact');
      const here = await readItem(path, file);
      if (ticket === undefined || here === undefined) continue;
      try {
        const { replaced } = await compareAndReplace(path, hash, ticket);
        changed.add(file);
        if (!replaced) continue;
        const parent = await this.#touchParent(ticket);
        if (parent !== undefined) changed.add(parent);
        yield { kind: 'written', file };
      } catch (error) {
        if (!(error instanceof TicketError) && (error as NodeJS.ErrnoException).code === undefined)
          throw error;
        yield { kind: 'unwritten', file, error: error as Error };
      }
    }
    const now: Item[] = [];
    for (const file of changed) {
      const item = await readItem(join(this.#options.directory, file), file);
      if (item !== undefined) now.push(item);
    }
    for (const part of parts(now)) yield* told((await this.#send(part)).items);
  }

  /** A change to a child touches its parents; one that is gone or broken must not make the change look failed. */
  async #touchParent({ parent_job_ticket_id: parent }: Ticket): Promise<string | undefined> {
    if (parent == null) return undefined;
    const tracker = new JobTracker(this.#options.directory, { onProblem: () => undefined });
    await tracker.updateTimestamp(parent).catch(() => undefined);
    return `${parent}.json`;
  }

  async #send(items: readonly Item[], last = false): Promise<TicketAnswer> {
    const { sources, source, signal, clock, pace, random } = this.#options;
    const body = { items: [...items], place: this.#place, last, ...(source !== undefined && { source }) };
    for (let failures = 1; ; failures++) {
      try {
        return await sources.deliver(body, signal);
      } catch (error) {
        const over =
          failures > RETRIES || signal?.aborted || isHopeless(error) || verdictOn(error) !== 'later';
        if (over) throw error;
        await pause(clock, retryDelay(pace, failures, retryAfterOf(error), random), signal, true);
      }
    }
  }
}

function* told(receipts: readonly TicketReceipt[]): Generator<TicketSyncOutcome> {
  for (const { file, state, jobId, created = false, events = 0, problem } of receipts) {
    if (state === 'imported' && jobId !== null) yield { kind: 'imported', file, jobId, created, events };
    if (problem !== undefined) yield { kind: 'refused', file, problem };
  }
}

/** As many as one request takes, and no more text in memory than a few of them are long. */
async function* batches(scan: AsyncIterable<readonly TicketSighting[]>): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  let length = 0;
  for await (const sightings of scan) {
    for (const sighting of sightings) {
      const item = itemOf(sighting);
      batch.push(item);
      length += item.text?.length ?? 0;
      if (batch.length < ticketsPerRequest && length < 4 * TEXT_AT_ONCE) continue;
      yield batch;
      batch = [];
      length = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

function itemOf(sighting: TicketSighting): Item {
  // A name that no ticket has may hold anything; its file is told all the same, and the rest goes on.
  const file = fitting(sighting.file, ticketLimits.id + 50);
  if (sighting.kind === 'ticket') return { file, hash: sighting.hash, text: sighting.text };
  const problem = sighting.kind === 'problem' ? sighting.problem : undefined;
  return {
    file,
    hash: 'none',
    problem: {
      code: problem?.reason ?? 'unreadable',
      ...(problem && { detail: fitting(problem.message, 2_000) }),
    },
  };
}

/** As one line that a request can hold. */
function fitting(text: string, max: number): string {
  return text
    .slice(0, max)
    .toWellFormed()
    .replaceAll(/[\u0000-\u001f\u007f]/g, '\uFFFD');
}

/** The file as it is now; undefined if it is not here, or no ticket. */
async function readItem(path: string, file: string): Promise<Item | undefined> {
  try {
    const bytes = await readFile(path);
    const { text } = readTicketBytes(file, bytes);
    return text === undefined ? undefined : { file, hash: contentHash(bytes), text };
  } catch {
    return undefined;
  }
}

function* parts(items: readonly Item[]): Generator<Item[]> {
  let part: Item[] = [];
  let length = 0;
  for (const item of items) {
    const size = item.text?.length ?? 0;
    if (part.length > 0 && length + size > TEXT_AT_ONCE) {
      yield part;
      part = [];
      length = 0;
    }
    part.push(item);
    length += size;
  }
  if (part.length > 0) yield part;
}

function optional(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
