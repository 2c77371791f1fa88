import { type Job, parseInstant, timeLeft, toIso } from '@daybook/core';
import type { Clock } from '../clock.ts';
import type { EstimateEnd } from '../jobs/append.ts';
import type { WithTimeLeft } from '../jobs/jobs.ts';
import type { Past, PastDurations } from './past-durations.ts';
import { usualErrorAt } from './told-ends.ts';

/** A running job is not estimated anew more often than this, milliseconds: many events change little. */
const EVERY = 1_000;

/** Running jobs whose last estimate is remembered; the oldest leaves first. */
const REMEMBERED = 10_000;

/** The end of a running job as its row keeps it: likely, from what is known without waiting. */
export function estimateEnds(past: PastDurations): EstimateEnd {
  const estimated = new Map<number, number>();
  return (job, now) => {
    const { state } = job;
    if (state.status !== 'running' || state.startedAt === null) {
      estimated.delete(job.id);
      return null;
    }
    // Of one that has no estimate yet it is cheap to ask again: there is nothing to compute with.
    const known = job.estimatedEndAt !== null;
    if (known && now - (estimated.get(job.id) ?? 0) < EVERY) return job.estimatedEndAt;
    estimated.delete(job.id);
    estimated.set(job.id, now);
    if (estimated.size > REMEMBERED) estimated.delete(estimated.keys().next().value as number);
    const left = timeLeft({
      now,
      attemptStartedAt: state.startedAt,
      // Steps that came by themselves say nothing about those still to come.
      steps: state.openSteps ? [] : state.steps,
      percent: state.percent,
      ...(job.configurationId !== null &&
        historyOf(past.known(job.configurationId, job.visibility.providerId))),
    });
    return left === undefined ? null : Math.round(now + left.likely * 1_000);
  };
}

/** Adds the time left to a job that is shown on its own: with its range, as of now. */
export function withTimeLeft(past: PastDurations, clock: Clock): WithTimeLeft {
  return async (job, row) => {
    const left = await leftOf(job, row);
    const estimatedEndAt = left === undefined ? job.estimatedEndAt : toIso(clock.now() + left.likely * 1_000);
    return { ...job, estimatedEndAt, timeLeft: left ?? null };
  };

  async function leftOf(
    job: Omit<Job, 'timeLeft'>,
    { configuration_id, provider_id }: Parameters<WithTimeLeft>[1],
  ): Promise<NonNullable<Job['timeLeft']> | undefined> {
    if (job.status !== 'running' || job.startedAt === null) return undefined;
    const weighed = job.steps.some((step) => step.points > 0);
    const known = configuration_id === null ? undefined : await past.learn(configuration_id, provider_id);
    const left = timeLeft({
      now: clock.now(),
      attemptStartedAt: parseInstant(job.startedAt),
      steps: weighed ? job.steps.map(timed) : [],
      percent: job.progress,
      ...(known && historyOf(known)),
    });
    const usualError = known && usualErrorAt(known.errors, job.progress);
    return left && { ...left, ...(usualError !== undefined && { usualError }) };
  }
}

function historyOf({ steps, shared, whole }: Past) {
  return { history: steps, shared, jobHistory: whole };
}

function timed(step: Job['steps'][number]) {
  return {
    ...step,
    startedAt: step.startedAt === null ? null : parseInstant(step.startedAt),
    endedAt: step.endedAt === null ? null : parseInstant(step.endedAt),
  };
}
