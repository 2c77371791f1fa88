import type { JobStatus } from '@daybook/core';

/**
 * Slurm's states in Daybook's words (squeue(1), "JOB STATE CODES"). What ends a job without its own doing is a failure;
 * a preempted one ended in another way: it may have been fine. Requeued jobs are PENDING again.
 */
const statuses: Readonly<Record<string, JobStatus>> = {
  PENDING: 'queued',
  REQUEUED: 'queued',
  REQUEUE_FED: 'queued',
  REQUEUE_HOLD: 'queued',
  RESV_DEL_HOLD: 'queued',
  SPECIAL_EXIT: 'queued',
  CONFIGURING: 'running',
  RUNNING: 'running',
  SUSPENDED: 'running',
  STOPPED: 'running',
  SIGNALING: 'running',
  RESIZING: 'running',
  STAGE_OUT: 'running',
  // The end is known only when its processes are gone.
  COMPLETING: 'running',
  COMPLETED: 'succeeded',
  FAILED: 'failed',
  BOOT_FAIL: 'failed',
  DEADLINE: 'failed',
  LAUNCH_FAILED: 'failed',
  NODE_FAIL: 'failed',
  OUT_OF_MEMORY: 'failed',
  RECONFIG_FAIL: 'failed',
  TIMEOUT: 'failed',
  CANCELLED: 'canceled',
  PREEMPTED: 'other',
  REVOKED: 'other',
};

/** What went wrong, for people. */
const errors: Readonly<Record<string, string>> = {
  BOOT_FAIL: 'A node did not boot.',
  DEADLINE: 'Could not end before its deadline.',
  LAUNCH_FAILED: 'Could not be launched on its nodes.',
  NODE_FAIL: 'A node failed.',
  OUT_OF_MEMORY: 'Ran out of memory.',
  RECONFIG_FAIL: 'A node could not be reconfigured.',
  TIMEOUT: 'Reached its time limit.',
  PREEMPTED: 'Had to make room for a job of higher priority.',
  REVOKED: 'Ran on another cluster.',
};

/** `TIMEOUT`, `CANCELLED by 1001` (sacct names the user id), `CANCELLED+` (cut to its column). Undefined if unknown. */
export function statusOfSlurm(state: string): JobStatus | undefined {
  const word = wordOf(state);
  return Object.hasOwn(statuses, word) ? statuses[word] : undefined;
}

/** What is said of an end; `exitCode` is `code:signal`. Undefined where there is nothing to say. */
export function slurmError(state: string, exitCode: string | undefined): string | undefined {
  const word = wordOf(state);
  if (Object.hasOwn(errors, word)) return errors[word];
  if (word !== 'FAILED') return undefined;
  const { code, signal } = exitOf(exitCode);
  if (signal !== undefined) return `Ended by signal ${signal}.`;
  return code === undefined ? 'Ended with an exit code other than 0.' : `Ended with exit code ${code}.`;
}

/** Of `code:signal`, what is not 0. */
export function exitOf(exitCode: string | undefined): { code?: number; signal?: number } {
  const [, code = '0', signal = '0'] = /^(\d{1,5}):(\d{1,5})$/.exec(exitCode ?? '') ?? [];
  return {
    ...(code !== '0' && { code: Number(code) }),
    ...(signal !== '0' && { signal: Number(signal) }),
  };
}

function wordOf(state: string): string {
  return /^([A-Z_]+)(?: by \d+)?\+?$/.exec(state.trim())?.[1] ?? '';
}
