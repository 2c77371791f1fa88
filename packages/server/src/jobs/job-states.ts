import {
  blankJob,
  type Execution,
  isActive,
  type JobState,
  type JobStatus,
  pendingStep,
  type StepState,
  type StepStatus,
  type Visibility,
} from '@daybook/core';
import type { JobsTable, StepsTable, Transaction, Value } from '../storage/index.ts';
import {
  moveJobs,
  readJobs,
  readMetadata,
  readSteps,
  turnJobs,
  writeMetadata,
  writeSteps,
} from './hot-statements.ts';

/** A job as the writer knows it: what events change, and what decides on who may report it. */
export interface LoadedJob {
  readonly id: number;
  readonly execution: Execution;
  readonly target: string | null;
  readonly configurationId: number | null;
  readonly visibility: Visibility;
  readonly state: JobState;
  estimatedEndAt: number | null;
  /** Metadata is bulky and rarely needed: loaded when the first event asks for it. */
  metadataLoaded: boolean;
  /** Positions of the steps that events have changed since they were stored. */
  readonly changedSteps: Set<number>;
  /** How many steps are stored: a new attempt may have fewer. */
  storedSteps: number;
  /** Status, attempt, start and end as they are stored. */
  storedTurn: string;
}

type JobRow = Pick<
  JobsTable,
  | 'provider_id'
  | 'project'
  | 'customer'
  | 'execution'
  | 'target'
  | 'configuration_id'
  | 'open_steps'
  | 'status'
  | 'step'
  | 'progress'
  | 'percent'
  | 'error'
  | 'attempt'
  | 'started_at'
  | 'ended_at'
  | 'estimated_end_at'
> & { id: number };

/** Jobs kept in memory when nobody else writes: reporters write of the same few jobs again and again. */
const KEPT = 4_096;
const KEPT_STEPS = 64;

/** Loads the jobs that events are about, and stores what became of them. */
export class JobStates {
  readonly #kept: Map<number, LoadedJob> | undefined;

  constructor(soleWriter: boolean) {
    this.#kept = soleWriter ? new Map() : undefined;
  }

  /** The jobs that exist, by id; locked until the transaction ends. */
  async load(transaction: Transaction, ids: Iterable<number>): Promise<Map<number, LoadedJob>> {
    const found = new Map<number, LoadedJob>();
    const missing: number[] = [];
    for (const id of ids) {
      const kept = this.#kept?.get(id);
      if (kept === undefined) missing.push(id);
      else found.set(id, kept);
    }
    if (missing.length === 0) return found;
    const keys = missing.map((id) => [id]);
    for (const row of await transaction.read<JobRow>(readJobs, keys)) found.set(row.id, loadedJob(row));
    for (const row of await transaction.read<StepsTable>(readSteps, keys)) {
      const job = found.get(row.job_id);
      if (job === undefined) continue;
      job.state.steps.push(stepState(row));
      job.storedSteps += 1;
    }
    for (const id of missing) this.#keep(found.get(id));
    return found;
  }

  async loadMetadata(transaction: Transaction, jobs: readonly LoadedJob[]): Promise<void> {
    const wanted = jobs.filter((job) => !job.metadataLoaded);
    const keys = wanted.map((job) => [job.id]);
    const rows = await transaction.read<{ job_id: number; metadata: string | null }>(readMetadata, keys);
    const byId = new Map(rows.map((row) => [row.job_id, row.metadata]));
    for (const job of wanted) {
      const text = byId.get(job.id) ?? null;
      job.state.metadata = text === null ? null : JSON.parse(text);
      job.metadataLoaded = true;
    }
  }

  async save(transaction: Transaction, jobs: Iterable<LoadedJob>, now: number): Promise<void> {
    const moved: Value[][] = [];
    const turned: Value[][] = [];
    const stepRows: Value[][] = [];
    for (const job of jobs) {
      const values = movingValues(job, now);
      const turn = turnOf(job.state);
      if (turn.join() === job.storedTurn) moved.push(values);
      else turned.push([...values, ...turn]);
      job.storedTurn = turn.join();
      const { steps } = job.state;
      for (const position of job.changedSteps) {
        const step = steps[position];
        if (step !== undefined) stepRows.push(stepValues(job.id, position, step));
      }
      job.changedSteps.clear();
      if (steps.length < job.storedSteps) await dropSteps(transaction, job.id, steps.length);
      job.storedSteps = steps.length;
      if (!isActive(job.state.status)) this.#kept?.delete(job.id);
    }
    await transaction.write(moveJobs, moved);
    await transaction.write(turnJobs, turned);
    await transaction.write(writeSteps, stepRows);
  }

  async saveMetadata(transaction: Transaction, jobs: Iterable<LoadedJob>): Promise<void> {
    const rows = Array.from(jobs, (job): Value[] => [job.id, jsonOrNull(job.state.metadata)]);
    await transaction.write(writeMetadata, rows);
  }

  /** What was folded in memory did not become durable: believe the database again. */
  forget(): void {
    this.#kept?.clear();
  }

  #keep(job: LoadedJob | undefined): void {
    const kept = this.#kept;
    // Only small active jobs are worth the room; the oldest leaves first.
    if (kept === undefined || job === undefined) return;
    if (!isActive(job.state.status) || job.state.steps.length > KEPT_STEPS) return;
    kept.set(job.id, job);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value as number);
  }
}

/** The state of its steps is filled in from their own rows. */
export function loadedJob(row: JobRow): LoadedJob {
  const state = blankJob({
    attempt: row.attempt,
    claimed: row.execution === 'claimed',
    openSteps: row.open_steps === 1,
    steps: [],
  });
  state.status = row.status as JobStatus;
  state.step = row.step;
  state.progress = row.progress;
  state.percent = row.percent;
  state.error = row.error;
  state.startedAt = row.started_at;
  state.endedAt = row.ended_at;
  return {
    id: row.id,
    execution: row.execution as Execution,
    target: row.target,
    configurationId: row.configuration_id,
    visibility: { project: row.project, providerId: row.provider_id, customer: row.customer },
    state,
    estimatedEndAt: row.estimated_end_at,
    metadataLoaded: false,
    changedSteps: new Set(),
    storedSteps: 0,
    storedTurn: turnOf(state).join(),
  };
}

export function stepState(row: StepsTable): StepState {
  const step = pendingStep(row.tag, row.name, row.points);
  step.status = row.status as StepStatus;
  step.percent = row.percent;
  step.message = row.message;
  step.metadata = row.metadata === null ? null : JSON.parse(row.metadata);
  step.startedAt = row.started_at;
  step.endedAt = row.ended_at;
  return step;
}

/** In the order of `moveJobs`. */
function movingValues({ id, state, estimatedEndAt }: LoadedJob, now: number): Value[] {
  const { step, progress, percent, error, status } = state;
  return [id, step, progress, percent, error, 0, isActive(status) ? estimatedEndAt : null, now, now];
}

/** What `turnJobs` writes besides. */
function turnOf({ status, attempt, startedAt, endedAt }: JobState): Value[] {
  return [status, attempt, startedAt, endedAt];
}

/** In the order of `writeSteps`. */
export function stepValues(jobId: number, position: number, step: StepState): Value[] {
  return [
    jobId,
    position,
    step.tag,
    step.name,
    step.points,
    step.status,
    step.percent,
    step.message,
    jsonOrNull(step.metadata),
    step.startedAt,
    step.endedAt,
  ];
}

async function dropSteps(transaction: Transaction, jobId: number, from: number): Promise<void> {
  await transaction.db
    .deleteFrom('steps')
    .where('job_id', '=', jobId)
    .where('position', '>=', from)
    .execute();
}

export function jsonOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
