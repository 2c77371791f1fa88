import type { JobStatus, SourceSentence } from '@daybook/core';

/** What the letters of `qstat` say (sge_status(5)). */
export interface SgeState {
  readonly status: JobStatus | undefined;
  readonly deleting: boolean;
  readonly waiting?: SourceSentence;
}

/**
 * `qw`, `hqw`, `Eqw`, `t`, `r`, `Rr`, `dr`, `s`, `S`, `T` and how they combine. `z` is a job that has finished, which
 * tells nothing of how. Undefined status for letters that we do not know.
 */
export function stateOfSge(letters: string): SgeState {
  const state = letters.trim();
  const deleting = state.includes('d');
  if (!/^[EhRqwrtsSTdPNX]+$/.test(state)) return { status: undefined, deleting };
  if (/[rtsST]/.test(state)) return { status: 'running', deleting };
  if (!/[qw]/.test(state)) return { status: undefined, deleting };
  if (state.includes('E'))
    return { status: 'queued', deleting, waiting: { code: 'source.waiting.errorState' } };
  if (state.includes('h')) return { status: 'queued', deleting, waiting: { code: 'source.waiting.held' } };
  return { status: 'queued', deleting };
}

/** `failed` of accounting(5) that say that the job will run again. */
const againCodes = new Set([24, 25]);

/** What `qacct` says of `failed`. */
const failures: Readonly<Record<number, string>> = {
  1: 'Failed before it began.',
  3: 'Failed before it began: no room to set it up on its host.',
  4: 'Failed before it began: its host could not write.',
  7: 'Failed before its prolog.',
  8: 'Failed in its prolog.',
  9: 'Failed before its parallel environment was started.',
  10: 'Failed when its parallel environment was started.',
  11: 'Failed right before it began.',
  12: 'Ran, and failed before its parallel environment was stopped.',
  13: 'Ran, and failed when its parallel environment was stopped.',
  14: 'Ran, and failed before its epilog.',
  15: 'Ran, and failed in its epilog.',
  17: 'Ended by a signal.',
  18: 'Its shepherd died.',
  19: 'Its host or its shepherd died.',
  20: 'Its shepherd met an error.',
  21: 'The scheduler did not know it any more.',
  26: 'Its output file could not be opened.',
  27: 'Its shell was not found.',
  28: 'Its working directory was not found.',
  29: 'Its AFS token could not be set up.',
  30: 'Ended with exit code 100, which asks for an error state.',
  37: 'Reached a limit of its queue.',
};

/** Signals by which somebody from outside ends a job; the others are its own doing. */
const outerSignals = new Set([1, 2, 9, 10, 12, 15, 24, 30, 31]);

export interface SgeEnd {
  readonly status: JobStatus;
  readonly error?: string;
  readonly signal?: number;
}

/**
 * How a job ended, of what accounting(5) says; undefined if it did not: it never ran (`end` is 0), or runs again.
 * `deleted`: somebody asked for its deletion. Who killed a job does not stand in the accounting, so a kill that nobody
 * was seen asking for is another end, neither a failure nor canceled.
 */
export function endOfSge(
  { failed, exitStatus, endedAt }: { failed: number; exitStatus: number; endedAt: number | undefined },
  deleted: boolean,
): SgeEnd | undefined {
  if (endedAt === undefined || againCodes.has(failed)) return undefined;
  const signal = exitStatus > 128 && exitStatus < 256 ? exitStatus - 128 : undefined;
  const withSignal = signal !== undefined ? { signal } : {};
  if (deleted && (failed !== 0 || signal !== undefined)) return { status: 'canceled', ...withSignal };
  if (failed === 0 && exitStatus === 0) return { status: 'succeeded' };
  if (failed === 0 && signal === undefined)
    return { status: 'failed', error: `Ended with exit code ${exitStatus}.` };
  if (failed === 100 || failed === 0 || failed === 17) {
    const error = signal === undefined ? 'Ended in an unusual way.' : `Ended by signal ${signal}.`;
    return { status: isOuter(signal) ? 'other' : 'failed', error, ...withSignal };
  }
  return { status: 'failed', error: failures[failed] ?? `Failed with code ${failed}.`, ...withSignal };
}

function isOuter(signal: number | undefined): boolean {
  return signal !== undefined && outerSignals.has(signal);
}
