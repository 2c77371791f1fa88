import {
  applyEvent,
  blankJob,
  type EventKind,
  type JobState,
  pendingStep,
  type TransitionCause,
} from '@daybook/core';
import type { Store } from '../../storage/index.ts';

/** What of a job's row and steps is the fold of its events. */
type Projection = Omit<JobState, 'metadata' | 'openSteps' | 'claimed'>;

/** Every job as its rows say, and as the replay of its events says; both by id. */
export async function rowsAndReplays(
  store: Store,
): Promise<{ rows: Map<number, Projection>; replays: Map<number, Projection>; unapplied: number }> {
  const [jobs, steps, events] = await Promise.all([
    store.read.selectFrom('jobs').selectAll().orderBy('id').execute(),
    store.read.selectFrom('steps').selectAll().orderBy('job_id').orderBy('position').execute(),
    store.read.selectFrom('events').selectAll().orderBy('id').execute(),
  ]);
  const stepsOf = Map.groupBy(steps, (step) => step.job_id);
  const eventsOf = Map.groupBy(events, (event) => event.job_id);
  const rows = new Map<number, Projection>();
  const replays = new Map<number, Projection>();
  for (const job of jobs) {
    const own = stepsOf.get(job.id) ?? [];
    rows.set(job.id, {
      status: job.status as JobState['status'],
      attempt: job.attempt,
      step: job.step,
      progress: job.progress,
      percent: job.percent,
      error: job.error,
      startedAt: job.started_at,
      endedAt: job.ended_at,
      steps: own.map((step) => ({
        tag: step.tag,
        name: step.name,
        points: step.points,
        status: step.status as JobState['steps'][number]['status'],
        percent: step.percent,
        message: step.message,
        metadata: step.metadata === null ? null : JSON.parse(step.metadata),
        startedAt: step.started_at,
        endedAt: step.ended_at,
      })),
    });
    const {
      metadata: _,
      openSteps: __,
      claimed: ___,
      ...replay
    } = replayed(job, own, eventsOf.get(job.id) ?? []);
    replays.set(job.id, replay);
  }
  return { rows, replays, unapplied: events.filter((event) => event.unapplied !== null).length };
}

function replayed(
  job: { execution: string; open_steps: number },
  steps: readonly { tag: string; name: string; points: number }[],
  events: readonly {
    kind: string;
    step: string | null;
    status: string | null;
    percent: number | null;
    message: string | null;
    metadata: string | null;
    cause: string | null;
    at: number;
  }[],
): JobState {
  const openSteps = job.open_steps === 1;
  const state = blankJob({
    attempt: job.execution === 'claimed' ? 0 : 1,
    claimed: job.execution === 'claimed',
    openSteps,
    steps: openSteps ? [] : steps.map(({ tag, name, points }) => pendingStep(tag, name, points)),
  });
  for (const event of events)
    applyEvent(state, {
      ...event,
      kind: event.kind as EventKind,
      cause: event.cause as TransitionCause | null,
      metadata: event.metadata === null ? null : JSON.parse(event.metadata),
    });
  return state;
}
