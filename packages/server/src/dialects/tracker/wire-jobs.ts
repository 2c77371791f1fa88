import { type Scope, type StepStatus, toIso } from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import type { Actor } from '../../actor.ts';
import { isoOrNull, parsed } from '../../jobs/job-rows.ts';
import { visibleJobs } from '../../jobs/visible-jobs.ts';
import type { Database, EventsTable, JobsTable, StepsTable, Store } from '../../storage/index.ts';
import { CARRIED_OVER, jobWords, SOURCE, type Vocabulary, wireCustomer, wordOfStatus } from './words.ts';

/** A job as this surface writes it: its names depend on who asks, see {@link Vocabulary}. */
export type WireJob = Readonly<Record<string, unknown>>;

/** Jobs that are read and written at once: bounds memory, and how long the event loop is held. */
const AT_ONCE = 200;

const columns = [
  'id',
  'external_id',
  'provider_id',
  'name',
  'customer',
  'configuration_tag',
  'configuration_version',
  'status',
  'progress',
  'error',
  'created_at',
  'started_at',
  'ended_at',
] as const;
type Row = Pick<Selectable<JobsTable>, (typeof columns)[number]>;

/** The jobs that came in here, in ascending order, a handful at a time. The first is read when it is asked for. */
export async function* wireJobsInParts(
  store: Store,
  actor: Actor,
  words: Vocabulary,
  externalId: string | undefined,
): AsyncGenerator<WireJob[], void> {
  const ids = await trackerJobs(store.people, actor.scope)
    .select('jobs.id')
    .$if(externalId !== undefined, (query) => query.where('jobs.external_id', '=', externalId as string))
    .execute();
  const sorted = ids.map((row) => row.id).sort((a, b) => a - b);
  for (let from = 0; from < sorted.length; from += AT_ONCE)
    yield await readWireJobs(store.people, actor, words, sorted.slice(from, from + AT_ONCE));
}

/** Jobs that this surface can say, of those that the scope sees. */
export function trackerJobs(db: Kysely<Database>, scope: Scope) {
  return db
    .selectFrom('jobs')
    .where('jobs.source', '=', SOURCE)
    .where('jobs.external_id', 'is not', null)
    .where((eb) => visibleJobs(scope)(eb as never));
}

/** The jobs among these ids that the actor sees, in ascending order. Customers get no internals (design.md §8). */
export async function readWireJobs(
  db: Kysely<Database>,
  actor: Actor,
  words: Vocabulary,
  ids: readonly number[],
): Promise<WireJob[]> {
  const rows = await trackerJobs(db, actor.scope)
    .select(columns)
    .where('jobs.id', 'in', ids)
    .orderBy('jobs.id')
    .execute();
  if (rows.length === 0) return [];
  const found = rows.map((row) => row.id);
  const steps = await db
    .selectFrom('steps')
    .selectAll()
    .where('job_id', 'in', found)
    .orderBy('job_id')
    .orderBy('position')
    .execute();
  const isInsider = actor.role !== 'customer';
  const events = isInsider ? await stepEvents(db, found) : [];
  const stepsOf = Map.groupBy(steps, (row) => row.job_id);
  const eventsOf = Map.groupBy(events, (row) => row.job_id);
  return rows.map((row) => ({
    ...headOf(row, words),
    ...(isInsider && { provider_id: row.provider_id, error: row.error }),
    steps: (stepsOf.get(row.id) ?? []).map((step) => wireStep(step, isInsider)),
    events: (eventsOf.get(row.id) ?? []).map((event) => wireEvent(event, words)),
  }));
}

function headOf(row: Row, words: Vocabulary): WireJob {
  return {
    id: row.id,
    [words.id]: row.external_id,
    [words.customer]: wireCustomer(row.customer),
    [words.name]: row.name,
    tag: row.configuration_tag,
    version: row.configuration_version,
    status: row.status,
    progress: row.progress,
    created_at: toIso(row.created_at),
    started_at: isoOrNull(row.started_at),
    ended_at: isoOrNull(row.ended_at),
  };
}

function wireStep(step: Selectable<StepsTable>, isInsider: boolean): Readonly<Record<string, unknown>> {
  return {
    tag: step.tag,
    name: step.name,
    status: wordOfStatus(step.status as StepStatus),
    started_at: isoOrNull(step.started_at),
    ended_at: isoOrNull(step.ended_at),
    ...(isInsider && { points: step.points, metadata: parsed(step.metadata) }),
  };
}

/** What was said of steps, what changed nothing among it; not what we carried over into a new attempt. */
async function stepEvents(db: Kysely<Database>, ids: readonly number[]): Promise<Selectable<EventsTable>[]> {
  return db
    .selectFrom('events')
    .selectAll()
    .where('job_id', 'in', ids)
    .where('kind', '=', 'step')
    .where('id', 'not in', (eb) =>
      eb
        .selectFrom('event_keys')
        .select('event_id')
        .where('job_id', 'in', ids)
        .where('key', 'like', `${CARRIED_OVER}%`),
    )
    .orderBy('id')
    .execute();
}

function wireEvent(row: Selectable<EventsTable>, words: Vocabulary): Readonly<Record<string, unknown>> {
  const status = (row.status ?? 'running') as StepStatus;
  return {
    id: row.id,
    kind: status === 'succeeded' ? words.done : wordOfStatus(status),
    name: row.step,
    ...(words !== jobWords && { tag: row.step }),
    event_metadata: parsed(row.metadata) ?? {},
    applied: row.unapplied === null,
    created_at: toIso(row.received_at),
  };
}
