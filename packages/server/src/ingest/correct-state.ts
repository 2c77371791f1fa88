import { DaybookError, isEnded, limits, printed } from '@daybook/core';
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import type { Entry } from '../jobs/batch.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { ingestTasks, moveTasks, type Task } from './bundle-fault.ts';
import { ingestRecipe, moveRecipe } from './recipes.ts';

const tasks = [...new Set<Task>([...ingestTasks, ...moveTasks])];

/** How an administrator says that an ingest stands (`daybook job`, contracts/pacifica.md). */
export const stateBody = z.strictObject({
  state: z.enum(['OK', 'FAILED']),
  task: z.enum(tasks).meta({ description: 'The task that it is about' }),
  taskPercent: z.number().min(0).max(100).default(0),
  exception: printed(limits.message).optional().meta({ description: 'What failed, in plain words' }),
});
export type StateBody = z.output<typeof stateBody>;

/**
 * Says how an ingest stands, for one that neither fails nor goes on. A worker that still has it is fenced off by its end.
 *
 * @throws DaybookError `not_found`, `illegal_transition` for an ended job that shall go on: it can be retried
 */
export async function correctState(jobs: Jobs, actor: Actor, jobId: number, body: StateBody): Promise<void> {
  const { state, task, taskPercent, exception } = body;
  const job = await jobs.get(actor.scope, jobId);
  const recipe = [ingestRecipe, moveRecipe].find(({ tag }) => tag === job.configuration?.tag);
  const steps = recipe?.steps.map(({ tag }) => tag) ?? [];
  if (!steps.includes(task))
    throw new DaybookError('not_found', `Job ${jobId} is no ingest with a task ${task}.`);
  const isDone = state === 'OK' && task === steps.at(-1) && taskPercent === 100;
  if (state === 'OK' && !isDone && isEnded(job.status))
    throw new DaybookError('illegal_transition', `Job ${jobId} is over: retry it, and it goes on.`);
  const message = exception ?? `Set by ${actor.displayName}`;
  const step = { kind: 'step', step: task, percent: taskPercent } as const;
  const stepStatus = state === 'FAILED' ? 'failed' : taskPercent === 100 ? 'succeeded' : 'running';
  const entries: Entry[] = [
    { jobId, event: { ...step, status: stepStatus, ...(state === 'FAILED' && { message }) } },
  ];
  if (state === 'FAILED') entries.push({ jobId, event: { kind: 'status', status: 'failed', message } });
  if (isDone) entries.push({ jobId, event: { kind: 'status', status: 'succeeded' } });
  await jobs.appender.append({ actor, cause: 'correction', unfenced: true, entries });
}
