import { isStepDone, type JobStatus, type StepStatus } from './status.ts';

/** What progress needs to know of a step. `percent` is 0–100 and counts only while the step runs. */
export interface WeightedStep {
  readonly points: number;
  readonly status: StepStatus;
  readonly percent: number | null;
}

/** The most that a job shows before it has succeeded: 100 means succeeded, and nothing else does. */
const ALMOST = 99.99;

/**
 * Progress in percent (design.md §1): points of done steps plus points of running steps × their percent, over all
 * points; without points to weigh by, the reported percent. `previous` keeps it from going backwards within an attempt.
 */
export function progressOf(
  status: JobStatus,
  steps: readonly WeightedStep[],
  reported: number | null,
  previous: number,
): number {
  if (status === 'succeeded') return 100;
  const now = weighted(steps) ?? reported ?? 0;
  const rounded = Math.round(clampPercent(now) * 100) / 100;
  return Math.min(ALMOST, Math.max(previous, rounded));
}

/** 0–100; whatever is no number counts as 0. */
export function clampPercent(percent: number): number {
  return percent > 0 ? Math.min(100, percent) : 0;
}

function weighted(steps: readonly WeightedStep[]): number | undefined {
  let done = 0;
  let all = 0;
  for (const step of steps) {
    all += step.points;
    if (isStepDone(step.status)) done += step.points;
    else if (step.status === 'running') done += (step.points * clampPercent(step.percent ?? 0)) / 100;
  }
  return all > 0 ? (done / all) * 100 : undefined;
}
