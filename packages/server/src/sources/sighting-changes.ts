import {
  isEnded,
  type JobState,
  learnedFields,
  type PlannedEvent,
  type Sighting,
  sightingEvents,
} from '@daybook/core';
import type { Actor } from '../actor.ts';
import type { Batch, Entry } from '../jobs/batch.ts';
import type { Learned } from '../jobs/learn.ts';
import type { SourceKind } from './source.ts';

/** What a stored content meant; undefined if it would be refused today. */
export function sightingAsOf(kind: SourceKind, content: string): Sighting | undefined {
  return kind.sight(content).sighting;
}

/**
 * The events of a change, each with a key of its own: the count of changes, so that a job that goes back and forth is
 * believed, and the place among them.
 */
export function eventsFor(change: {
  before: Sighting | undefined;
  after: Sighting;
  /** The job was there before this source knew of it. */
  adopted: boolean;
  job: JobState;
  changes: number;
  cause: 'report' | 'source';
}): PlannedEvent[] {
  const { after, job, changes, cause } = change;
  const before = change.before ?? (change.adopted ? asSaidBefore(after, job) : undefined);
  return sightingEvents(before, after, job, cause).map(({ event, cause }, n) => ({
    event: { ...event, key: `source.${changes}.${n}` },
    cause,
  }));
}

/** Only where the job stands is told of one that was here before: how it ended has been said. */
function asSaidBefore(after: Sighting, job: JobState): Sighting {
  const { at: _at, ...rest } = after;
  return { ...rest, status: isEnded(job.status) && isEnded(after.status) ? after.status : job.status };
}

/** One after the other: why a status changes is said of a batch. */
export function batchesOf(actor: Actor, jobId: number, events: readonly PlannedEvent[]): Batch[] {
  const batches: { actor: Actor; cause: PlannedEvent['cause']; entries: Entry[] }[] = [];
  for (const { event, cause } of events) {
    const last = batches.at(-1);
    if (last?.cause === cause) last.entries.push({ jobId, event });
    else batches.push({ actor, cause, entries: [{ jobId, event }] });
  }
  return batches;
}

/** Longer values are not kept twice: the fact says how long they were. */
const SHORT = 1_000;

/** The machine columns that are not what they were; undefined if all are. */
export function changesOf(jobId: number, before: Sighting | undefined, after: Sighting): Learned | undefined {
  const changes: Record<string, unknown> = {};
  const fields: Record<string, string> = {};
  for (const field of learnedFields) {
    const [from, to] = [before?.[field], after[field]];
    if (to === undefined || from === to) continue;
    fields[field] = to;
    changes[field] = { from: from ?? null, to };
  }
  const context = contextChanges(before?.context ?? {}, after.context);
  for (const [name, change] of context) changes[`context.${name}`] = change;
  const papers = papersOf(before, after);
  for (const [field, to] of Object.entries(papers ?? {}))
    changes[field] = { from: null, to: shown(to, JSON.stringify(to)) };
  if (Object.keys(changes).length === 0) return undefined;
  return {
    jobId,
    fields,
    changes,
    ...(papers !== undefined && { papers }),
    ...(context.length > 0 && after.context !== undefined && { context: after.context }),
  };
}

/** What a source tells of a job where people write, too, once it has it: a README that came late. */
function papersOf(before: Sighting | undefined, after: Sighting): Learned['papers'] {
  const info = before?.info === undefined ? after.info : undefined;
  const baseRuns = before?.baseRuns === undefined ? after.baseRuns : undefined;
  if (before === undefined || (info === undefined && baseRuns === undefined)) return undefined;
  return { ...(info !== undefined && { info }), ...(baseRuns !== undefined && { baseRuns }) };
}

function contextChanges(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>> | undefined,
): [name: string, change: { from: unknown; to: unknown }][] {
  if (after === undefined) return [];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [from, to] = [JSON.stringify(before[name]), JSON.stringify(after[name])];
    return from === to
      ? []
      : [[name, { from: shown(before[name], from), to: shown(after[name], to) }] as const];
  }) as [string, { from: unknown; to: unknown }][];
}

function shown(value: unknown, text: string | undefined): unknown {
  if (text === undefined) return null;
  return text.length <= SHORT ? value : `… (${text.length} characters of JSON)`;
}
