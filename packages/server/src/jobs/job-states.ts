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
import type { Selectable } from 'kysely';
import type { JobsTable, StepsTable, Transaction, Value } from '../storage/index.ts';
import {
  endQueuedJobs,
  moveHeldJobs,
  moveJobs,
  readJobs,
  readMetadata,
  readSteps,
  turnJobs,
  turnQueuedJobs,
  writeMetadata,
  writeSteps,
} from './hot-statements.ts';
import type { Lease, LeaseEnd } from './lease.ts';

/** A job as the writer knows it: what events change, and what decides on who may report it. */
export interface LoadedJob {
  readonly id: number;
  readonly execution: Execution;
  readonly target: string | null;
  readonly configurationId: number | null;
  readonly visibility: Visibility;
  readonly parentId: number | null;
  readonly endsWithChildren: boolean;
  readonly maxAttempts: number;
  readonly state: JobState;
  readonly lease: Lease;
  estimatedEndAt: number | null;
  /** Metadata is bulky and rarely needed: loaded when the first event asks for it. */
  metadataLoaded: boolean;
  /** Positions of the steps that events have changed since they were stored. */
  readonly changedSteps: Set<number>;
  /** How many steps are stored: a new attempt may have fewer. */
  storedSteps: number;
  /** What of it only turns change, as it is stored. */
  stored: Turn;
}

/** What a job turns in when it begins, ends or begins again. */
type Turn = Readonly<Pick<JobState, 'status' | 'attempt' | 'startedAt' | 'endedAt'> & Pick<Lease, 'held'>>;

/** The columns that a {@link LoadedJob} is made of. */
export type LoadedRow = Pick<
  Selectable<JobsTable>,
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
  | 'parent_id'
  | 'ends_with_children'
  | 'max_attempts'
  | 'run_after'
  | 'lease_token'
  | 'lease_expires_at'
  | 'lease_ended'
  | 'worker'
  | 'claimed_at'
  | 'failures'
  | 'losses'
> & { id: number };

/** Jobs kept in memory: reporters write of the same few jobs again and again. */
const KEPT = 4_096;
const KEPT_STEPS = 64;

/** A job as this process has written it last. */
interface Kept {
  readonly job: LoadedJob;
  /** That of the transaction in which it did; undefined where nobody else writes. */
  readonly mark: string | undefined;
}

/** Loads the jobs that events are about, and stores what became of them. */
export class JobStates {
  readonly #kept = new Map<number, Kept>();
  readonly #leaseMs: number;

  /** `leaseMs`: how long a lease lasts from its worker's last word, milliseconds. */
  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** The jobs that exist, by id; locked until the transaction ends. `loaded` are those that the caller has read already. */
  async load(
    transaction: Transaction,
    ids: Iterable<number>,
    loaded: ReadonlyMap<number, LoadedJob> = new Map(),
  ): Promise<Map<number, LoadedJob>> {
    const wanted = Array.from(ids).filter((id) => !loaded.has(id));
    if (wanted.length === 0) return new Map(loaded);
    const known = wanted.filter((id) => this.#kept.has(id));
    const unknown = known.length === 0 ? wanted : wanted.filter((id) => !this.#kept.has(id));
    const [marks, read] = await Promise.all([
      // All of them at once, in order, so that two processes lock the same jobs the same way round.
      known.length > 0 ? transaction.marks?.lockJobs(wanted) : undefined,
      readStates(transaction, unknown),
    ]);
    const found = new Map([...loaded, ...read]);
    // Only now, with the locks: until then others might write, and what was remembered be forgotten. Taken out, because
    // events change it in place: it comes back when it is written.
    const stale: number[] = [];
    for (const id of known) {
      const kept = this.#kept.get(id);
      this.#kept.delete(id);
      if (kept !== undefined && kept.mark === marks?.get(id)) found.set(id, kept.job);
      else stale.push(id);
    }
    for (const [id, job] of await readStates(transaction, stale)) found.set(id, job);
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
    const rows = {
      moved: [] as Value[][],
      held: [] as Value[][],
      turned: [] as Value[][],
      queued: [] as Value[][],
      ended: [] as Value[][],
    };
    const stepRows: Value[][] = [];
    const mark = await transaction.marks?.own();
    for (const job of jobs) {
      this.#sort(job, now, rows);
      const { steps } = job.state;
      for (const position of job.changedSteps) {
        const step = steps[position];
        if (step !== undefined) stepRows.push(stepValues(job.id, position, step));
      }
      job.changedSteps.clear();
      if (steps.length < job.storedSteps) await dropSteps(transaction, job.id, steps.length);
      job.storedSteps = steps.length;
      this.#keep(job, mark);
    }
    await transaction.write(moveJobs, rows.moved);
    await transaction.write(moveHeldJobs, rows.held);
    await transaction.write(turnJobs, rows.turned);
    await transaction.write(turnQueuedJobs, rows.queued);
    await transaction.write(endQueuedJobs, rows.ended);
    await transaction.write(writeSteps, stepRows);
  }

  /** Which statement writes a job: only jobs of the queue have leases, and only turns touch indexed columns. */
  #sort(
    job: LoadedJob,
    now: number,
    rows: Record<'moved' | 'held' | 'turned' | 'queued' | 'ended', Value[][]>,
  ): void {
    const { lease, state, stored } = job;
    const values = movingValues(job, now);
    const expiresAt = lease.held ? now + this.#leaseMs : null;
    if (!turned(job)) {
      if (lease.held) rows.held.push([...values, expiresAt]);
      else rows.moved.push(values);
      return;
    }
    job.stored = turnOf(job);
    values.push(state.status, state.attempt, state.startedAt);
    if (job.execution === 'claimed') values.push(expiresAt, ...leaseValues(lease));
    const sameEnd = job.execution === 'claimed' && stored.endedAt === state.endedAt;
    if (!sameEnd) values.push(state.endedAt);
    if (job.execution !== 'claimed') rows.turned.push(values);
    else if (sameEnd) rows.queued.push(values);
    else rows.ended.push(values);
  }

  async saveMetadata(transaction: Transaction, jobs: Iterable<LoadedJob>): Promise<void> {
    const rows = Array.from(jobs, (job): Value[] => [job.id, jsonOrNull(job.state.metadata)]);
    await transaction.write(writeMetadata, rows);
  }

  /** What was folded in memory did not become durable: believe the database again. */
  forget(): void {
    this.#kept.clear();
  }

  #keep(job: LoadedJob, mark: string | undefined): void {
    // The last that was written is the last that leaves.
    this.#kept.delete(job.id);
    // Only small active jobs are worth the room.
    if (!isActive(job.state.status) || job.state.steps.length > KEPT_STEPS) return;
    this.#kept.set(job.id, { job, mark });
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value as number);
  }
}

async function readStates(transaction: Transaction, ids: readonly number[]): Promise<Map<number, LoadedJob>> {
  if (ids.length === 0) return new Map();
  const keys = keysOf(ids);
  const [rows, steps] = await Promise.all([
    transaction.read<LoadedRow>(readJobs, keys),
    transaction.read<StepsTable>(readSteps, keys),
  ]);
  return withSteps(rows, steps);
}

/**
 * Rows as the writer knows them, with their steps, within a transaction that has locked them. `stepped` are the ids of
 * those that may have steps.
 */
export async function loadJobs(
  transaction: Transaction,
  rows: readonly LoadedRow[],
  stepped: Iterable<number> = rows.map((row) => row.id),
): Promise<Map<number, LoadedJob>> {
  return withSteps(rows, await transaction.read<StepsTable>(readSteps, keysOf(stepped)));
}

function withSteps(rows: readonly LoadedRow[], steps: readonly StepsTable[]): Map<number, LoadedJob> {
  const jobs = new Map(rows.map((row) => [row.id, loadedJob(row)]));
  for (const row of steps) {
    const job = jobs.get(row.job_id);
    if (job === undefined) continue;
    job.state.steps.push(stepState(row));
    job.storedSteps += 1;
  }
  return jobs;
}

function keysOf(ids: Iterable<number>): Value[][] {
  return Array.from(ids, (id) => [id]);
}

/** The state of its steps is filled in from their own rows. */
export function loadedJob(row: LoadedRow): LoadedJob {
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
    parentId: row.parent_id,
    endsWithChildren: row.ends_with_children === 1,
    maxAttempts: row.max_attempts,
    state,
    lease: {
      token: row.lease_token,
      held: row.lease_expires_at !== null,
      ended: row.lease_ended as LeaseEnd | null,
      worker: row.worker,
      claimedAt: row.claimed_at,
      failures: row.failures,
      losses: row.losses,
      runAfter: row.run_after,
    },
    estimatedEndAt: row.estimated_end_at,
    metadataLoaded: false,
    changedSteps: new Set(),
    storedSteps: 0,
    stored: {
      status: state.status,
      attempt: row.attempt,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      held: row.lease_expires_at !== null,
    },
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

function turnOf({ state, lease }: LoadedJob): Turn {
  const { status, attempt, startedAt, endedAt } = state;
  return { status, attempt, startedAt, endedAt, held: lease.held };
}

function turned({ state, lease, stored }: LoadedJob): boolean {
  return (
    state.status !== stored.status ||
    state.attempt !== stored.attempt ||
    state.startedAt !== stored.startedAt ||
    state.endedAt !== stored.endedAt ||
    lease.held !== stored.held
  );
}

/** What `turnQueuedJobs` writes of a lease. */
function leaseValues(lease: Lease): Value[] {
  const { token, ended, worker, claimedAt, failures, losses, runAfter } = lease;
  return [token, ended, worker, claimedAt, failures, losses, runAfter];
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
