import { isDeepStrictEqual } from 'node:util';
import { applyEvent, blankJob, type EventKind, type Fact, type JobState, pendingStep } from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import type { Database, EventsTable } from '../storage/index.ts';
import { parsed } from './job-rows.ts';
import { loadedJob, stepState } from './job-states.ts';

/*
 * The row of a job is the fold of its events (design.md §1): here they are folded again. What is stored must be the
 * same after a crash, an upgrade, or years.
 */

/** Where the stored row and what its events make of it differ; `what` is a column, a step (`steps[2]`) or `event 17`. */
export interface Difference {
  readonly jobId: number;
  readonly what: string;
  readonly stored: unknown;
  readonly replayed: unknown;
}

/**
 * Compares jobs with the replay of their events. Give it a moment's view (`Store.snapshot`): what is written meanwhile
 * would look like a difference. Metadata of the job is left out: what it was created with is no event.
 */
export async function findDifferences(
  db: Kysely<Database>,
  jobIds: readonly number[],
): Promise<Difference[]> {
  if (jobIds.length === 0) return [];
  const of = <T extends 'steps' | 'events'>(table: T) =>
    db
      .selectFrom(table as 'steps')
      .selectAll()
      .where('job_id', 'in', jobIds)
      .orderBy('job_id');
  const rows = await db.selectFrom('jobs').selectAll().where('id', 'in', jobIds).orderBy('id').execute();
  const steps = Map.groupBy(await of('steps').orderBy('position').execute(), (row) => row.job_id);
  const events = Map.groupBy(
    (await of('events')
      .orderBy('id' as never)
      .execute()) as unknown as Selectable<EventsTable>[],
    (row) => row.job_id,
  );
  return rows.flatMap((row) => {
    const stored = loadedJob(row).state;
    stored.steps = (steps.get(row.id) ?? []).map(stepState);
    return differencesOf(row.id, stored, events.get(row.id) ?? []);
  });
}

function differencesOf(
  jobId: number,
  stored: JobState,
  events: readonly Selectable<EventsTable>[],
): Difference[] {
  const { state, unlike } = replay(stored, events);
  const columns = [
    'status',
    'step',
    'progress',
    'percent',
    'error',
    'attempt',
    'startedAt',
    'endedAt',
  ] as const;
  const pairs: (readonly [string, unknown, unknown])[] = columns.map((what) => [
    what,
    stored[what],
    state[what],
  ]);
  const length = Math.max(stored.steps.length, state.steps.length);
  for (let i = 0; i < length; i++) pairs.push([`steps[${i}]`, stored.steps[i], state.steps[i]]);
  return [
    ...unlike.map((each) => ({ jobId, ...each })),
    ...pairs
      .filter(([, before, after]) => !isDeepStrictEqual(before, after))
      .map(([what, before, after]) => ({ jobId, what, stored: before, replayed: after })),
  ];
}

/**
 * Folds the events of a job from nothing. Of the job as it is stored only that is taken which events never change: the
 * names and points of the steps that it came with, and who runs it.
 */
export function replay(
  stored: Pick<JobState, 'claimed' | 'openSteps' | 'steps'>,
  events: readonly Selectable<EventsTable>[],
): { state: JobState; unlike: Omit<Difference, 'jobId'>[] } {
  const { claimed, openSteps } = stored;
  const steps = openSteps ? [] : stored.steps.map((step) => pendingStep(step.tag, step.name, step.points));
  const state = blankJob({ attempt: events[0]?.attempt ?? 0, claimed, openSteps, steps });
  const unlike: Omit<Difference, 'jobId'>[] = [];
  for (const event of events) {
    if (event.kind === 'metadata') continue;
    const unapplied = applyEvent(state, factOf(event));
    if (unapplied !== event.unapplied)
      unlike.push({ what: `event ${event.id}`, stored: event.unapplied, replayed: unapplied });
  }
  return { state, unlike };
}

function factOf(row: Selectable<EventsTable>): Fact {
  const { step, status, percent, message, at } = row;
  const kind = row.kind as EventKind;
  return {
    kind,
    step,
    status,
    percent,
    message,
    metadata: parsed(row.metadata),
    cause: row.cause as Fact['cause'],
    at,
  };
}
