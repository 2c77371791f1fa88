import type { JobStatus } from '@daybook/core';

export interface PbsEnd {
  readonly status: JobStatus;
  readonly error?: string;
}

const waiting = new Set(['Q', 'H', 'W', 'T']);
const running = new Set(['R', 'E', 'S', 'U', 'B']);
/** Finished (OpenPBS), finished subjob (OpenPBS), completed (Torque). */
const ended = new Set(['F', 'X', 'C']);

/** Substate of a job that was deleted (OpenPBS). */
const DELETED = '91';
/** What the server writes in the place of an exit code when it ends a job by itself (OpenPBS). */
const serverExits: Readonly<Record<string, string>> = {
  '-23': 'A limit on CPU time was reached.',
  '-24': 'A limit on processors was reached.',
  '-27': 'A limit on memory was reached.',
  '-28': 'A limit on virtual memory was reached.',
  '-29': 'Reached its time limit.',
};

/** A job's state in Daybook's words; undefined for letters that we do not know, and for `M`, which went elsewhere. */
export function statusOfPbs(
  letter: string,
  { exit, substate }: { exit: string | undefined; substate: string | undefined },
): PbsEnd | undefined {
  if (waiting.has(letter)) return { status: 'queued' };
  if (running.has(letter)) return { status: 'running' };
  return ended.has(letter) ? endOfPbs(exit, substate) : undefined;
}

/**
 * How a job ended. Codes above 256 (OpenPBS) and from 129 to 255 are signals; a job that the server ended at a person's
 * wish is canceled, and one that was killed by a signal from outside ended in another way.
 */
function endOfPbs(exit: string | undefined, substate: string | undefined): PbsEnd {
  if (substate === DELETED) return { status: 'canceled' };
  if (exit === undefined || !/^-?\d{1,6}$/.test(exit)) return { status: 'finished' };
  const code = Number(exit);
  if (code === 0) return { status: 'succeeded' };
  if (code < 0)
    return { status: 'failed', error: serverExits[exit] ?? `The server ended it with code ${code}.` };
  const signal = code > 256 ? code - 256 : code > 128 && code < 256 ? code - 128 : undefined;
  if (signal === undefined) return { status: 'failed', error: `Ended with exit code ${code}.` };
  const outer = signal === 9 || signal === 15;
  return { status: outer ? 'other' : 'failed', error: `Ended by signal ${signal}.` };
}
