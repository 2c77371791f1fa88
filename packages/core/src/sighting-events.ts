import type { EventInput } from './event.ts';
import { applyEvent, type Fact, type JobState } from './projection.ts';
import type { SeenStep, Sighting } from './sighting.ts';
import {
  isActive,
  isEnded,
  isStepDone,
  type JobStatus,
  mayBecome,
  stepMayBecome,
  type TransitionCause,
} from './status.ts';

/** An event that a source will write, and why statuses change by it. */
export interface PlannedEvent {
  readonly event: EventInput;
  readonly cause: TransitionCause;
}

/**
 * What a source has to say of a job when it sees it anew: the events that bring the job to where it was seen. Pure, so
 * that the same two sightings always give the same events.
 *
 * - Statuses are said only when the source says something new: what a person corrected meanwhile stays.
 * - Steps are compared with the job itself, because a new attempt begins with none of them done.
 * - Everything happened when the job last changed over there, and never before what was said last: clocks step back.
 *
 * @param before what it saw last; undefined at first sight
 * @param job the job as it is now; it is not changed
 * @param cause `report` for those who tell us what they do, `source` for who is only watched
 */
export function sightingEvents(
  before: Sighting | undefined,
  after: Sighting,
  job: JobState,
  cause: 'report' | 'source',
): PlannedEvent[] {
  const plan = new Plan(job, timeOf(before, after), cause);
  const target = after.status;
  const triedAgain = before !== undefined && (after.tries ?? 0) > (before.tries ?? 0);
  const isNews = before === undefined || before.status !== target || triedAgain;
  const judged =
    isEnded(job.status) &&
    before !== undefined &&
    before.status !== 'unknown' &&
    before.status !== job.status;
  if (isNews) plan.beginAgain(target, triedAgain, after);
  for (const step of after.steps ?? []) plan.step(step);
  if (after.percent !== undefined && after.percent !== before?.percent) plan.percent(after.percent);
  for (const message of newErrors(before?.errors ?? [], after.errors ?? []))
    plan.say({ kind: 'error', message });
  const metadata = changedNames(before?.metadata ?? {}, after.metadata ?? {});
  if (metadata !== undefined) plan.say({ kind: 'metadata', metadata });
  // Steps that are reported of a job that waits make it run: unless the source says so, it waits all the same.
  const wanted = isNews && !(judged && isEnded(target)) ? target : job.status;
  if (plan.state.status !== wanted) plan.become(wanted, after);
  return plan.events;
}

/** Never earlier than what was said before, whatever the clock over there does. */
function timeOf(before: Sighting | undefined, after: Sighting): number | undefined {
  if (after.at === undefined || before?.at === undefined) return after.at;
  return Math.max(before.at, after.at);
}

/** Collects events, and plays them on a copy of the job: what comes next depends on what was said. */
class Plan {
  readonly events: PlannedEvent[] = [];
  readonly state: JobState;
  readonly #at: number | undefined;
  readonly #cause: 'report' | 'source';

  constructor(job: JobState, at: number | undefined, cause: 'report' | 'source') {
    this.state = structuredClone(job);
    this.#at = at;
    this.#cause = cause;
  }

  say(event: Omit<EventInput, 'at'>, cause: TransitionCause = this.#cause, at = this.#at): void {
    const whole = { ...event, ...(at !== undefined && { at }) } as EventInput;
    this.events.push({ event: whole, cause });
    applyEvent(this.state, factOf(whole, cause));
  }

  /** What has ended goes on only by a new attempt; what is tried again waits first. */
  beginAgain(target: JobStatus, triedAgain: boolean, { tries, maxTries }: Sighting): void {
    if (!isActive(target)) return;
    const message = triedAgain
      ? `Tried again: ${tries}${maxTries === undefined ? '' : ` of ${maxTries}`}.`
      : undefined;
    const said = { kind: 'status', status: 'queued', ...(message !== undefined && { message }) } as const;
    if (isEnded(this.state.status)) this.say(said, 'retry');
    else if (triedAgain && this.state.status === 'running') this.say(said, 'requeue');
  }

  step({ tag, status, percent, message }: SeenStep): void {
    const known = this.state.steps.find((step) => step.tag === tag);
    if (known === undefined && !this.state.openSteps) return;
    const from = known?.status ?? 'pending';
    const to = status ?? (percent === undefined ? from : 'running');
    const said = {
      ...(percent !== undefined && to === 'running' && percent > (known?.percent ?? 0) && { percent }),
      ...(message !== undefined && message !== known?.message && { message }),
    };
    if (from === to && Object.keys(said).length === 0) return;
    if (to === 'running' && isEnded(this.state.status)) return;
    if (isStepDone(from) && isStepDone(to)) return;
    const late = !stepMayBecome(from, to);
    if (late && !stepMayBecome(from, to, true)) return;
    this.say({ kind: 'step', step: tag, status: to, ...said }, late ? 'retry' : this.#cause);
  }

  percent(percent: number): void {
    if (!isEnded(this.state.status)) this.say({ kind: 'progress', percent });
  }

  /** Said last: an end closes the steps that run. How an ended job really ended is a correction. */
  become(to: JobStatus, { startedAt, endedAt }: Sighting): void {
    const from = this.state.status;
    const at = to === 'running' ? startedAt : isEnded(to) ? endedAt : undefined;
    if (mayBecome(from, to, this.#cause))
      this.say({ kind: 'status', status: to }, this.#cause, at ?? this.#at);
    else if (mayBecome(from, to, 'correction')) this.say({ kind: 'status', status: to }, 'correction');
  }
}

function factOf(event: EventInput, cause: TransitionCause): Fact {
  const { kind, step, status, percent, message, metadata, at } = event;
  return {
    kind,
    step: step ?? null,
    status: status ?? null,
    percent: percent ?? null,
    message: message ?? null,
    metadata: metadata ?? null,
    cause: kind === 'step' ? (cause === 'retry' ? cause : null) : cause,
    at: at ?? 0,
  };
}

/** What was added: the rest if the old ones are its beginning, else those that were not there. */
function newErrors(before: readonly string[], after: readonly string[]): readonly string[] {
  if (before.every((error, i) => after[i] === error)) return after.slice(before.length);
  const left = new Map<string, number>();
  for (const error of before) left.set(error, (left.get(error) ?? 0) + 1);
  return after.filter((error) => {
    const count = left.get(error) ?? 0;
    if (count > 0) left.set(error, count - 1);
    return count === 0;
  });
}

/** The values that differ, null for those that are gone; undefined if none do. */
function changedNames(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Record<string, unknown> | undefined {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed: Record<string, unknown> = {};
  for (const name of names)
    if (JSON.stringify(before[name]) !== JSON.stringify(after[name])) changed[name] = after[name] ?? null;
  return Object.keys(changed).length > 0 ? changed : undefined;
}
