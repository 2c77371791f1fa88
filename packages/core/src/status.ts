/**
 * The status of a job: one list and one transition table for every door into Daybook (design.md §1).
 *
 * Everything that decides on a status does it here; the manual draws its diagram from {@link transitions}.
 */

export const jobStatuses = [
  'unknown',
  'queued',
  'running',
  'finished',
  'succeeded',
  'failed',
  'other',
  'canceled',
] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** A job that still wants to run or runs. */
export const activeStatuses = ['queued', 'running'] as const satisfies readonly JobStatus[];
/** A job that will do nothing more by itself. `finished`: ended, and nobody has said how. */
export const endedStatuses = [
  'finished',
  'succeeded',
  'failed',
  'other',
  'canceled',
] as const satisfies readonly JobStatus[];

export function isActive(status: JobStatus): boolean {
  return status === 'queued' || status === 'running';
}

export function isEnded(status: JobStatus): boolean {
  return !isActive(status) && status !== 'unknown';
}

/**
 * Why a status may change.
 *
 * - `report`: the one who runs the job says so (sdk, `daybook run`, a worker, a dialect).
 * - `source`: a scheduler or directory was seen; only sources may say that they no longer know.
 * - `retry`: somebody asked for a new attempt.
 * - `correction`: a person (or `update_event`, a ticket, the admin command) says how it really ended.
 * - `claim`: the queue hands the job to a worker; a new try begins.
 * - `requeue`: the queue takes it back: it was released, failed with tries left, or its worker was lost.
 */
export const transitionCauses = ['report', 'source', 'retry', 'correction', 'claim', 'requeue'] as const;
export type TransitionCause = (typeof transitionCauses)[number];

/** Which causes may lead from one status to another; a pair that is absent is never allowed. */
export const transitions: Readonly<
  Record<JobStatus, Partial<Record<JobStatus, readonly TransitionCause[]>>>
> = buildTable();

/** True if `cause` may move a job from `from` to `to`. Staying where one is is no transition and always fine. */
export function mayBecome(from: JobStatus, to: JobStatus, cause: TransitionCause): boolean {
  return from === to || (transitions[from][to]?.includes(cause) ?? false);
}

function buildTable(): Record<JobStatus, Partial<Record<JobStatus, readonly TransitionCause[]>>> {
  const everyone = ['report', 'source', 'correction'] as const;
  const table = {} as Record<JobStatus, Partial<Record<JobStatus, readonly TransitionCause[]>>>;
  for (const from of jobStatuses) {
    table[from] = {};
    for (const to of jobStatuses) {
      const causes = from === to ? [] : causesOf(from, to, everyone);
      if (causes.length > 0) table[from][to] = causes;
    }
  }
  return table;
}

function causesOf(
  from: JobStatus,
  to: JobStatus,
  everyone: readonly TransitionCause[],
): readonly TransitionCause[] {
  switch (from) {
    case 'unknown':
      return everyone;
    case 'queued':
      // A poll may miss the running phase, so queued may end at once.
      if (to === 'unknown') return ['source'];
      return to === 'running' ? [...everyone, 'claim'] : everyone;
    case 'running':
      if (to === 'unknown') return ['source'];
      // Back to queued: released, requeued by the scheduler, or its lease was lost.
      return to === 'queued' ? [...everyone, 'requeue'] : everyone;
    case 'finished':
      return isEnded(to) ? everyone : to === 'queued' ? ['retry'] : [];
    case 'succeeded':
    case 'failed':
    case 'other':
    case 'canceled':
      return isEnded(to) ? ['correction'] : to === 'queued' ? ['retry'] : [];
    default:
      return unreachable(from);
  }
}

export const stepStatuses = ['pending', 'running', 'succeeded', 'failed', 'skipped'] as const;
export type StepStatus = (typeof stepStatuses)[number];

/** A step that needs no more work: it counts with all of its points. */
export function isStepDone(status: StepStatus): boolean {
  return status === 'succeeded' || status === 'skipped';
}

/**
 * True if a report may move a step from `from` to `to` within one attempt. Reports arrive in any order, so a late
 * `running` never reopens a step that is over; how a step ended may be said again (the last word counts). `again` says
 * that this is no late report: the step is done once more (cause `retry`), or will be.
 */
export function stepMayBecome(from: StepStatus, to: StepStatus, again = false): boolean {
  if (again && (to === 'running' || to === 'pending')) return true;
  switch (from) {
    case 'pending':
      return true;
    case 'running':
      return to !== 'pending';
    case 'failed':
      return to !== 'pending'; // a step may be tried again within the attempt
    case 'succeeded':
    case 'skipped':
      return isStepDone(to) || to === 'failed';
    default:
      return unreachable(from);
  }
}

/** For the end of an exhaustive switch: fails to compile when a case is missing. */
export function unreachable(value: never): never {
  throw new TypeError(`unexpected value ${JSON.stringify(value)}`);
}
