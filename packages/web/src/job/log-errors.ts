import type { JobEvent } from '@daybook/core';
import { readAnsi } from './ansi.ts';

/** Cheap, for the many lines that say nothing of the kind; colours stand right before words. Some solvers space their letters. */
const maySayError = /error|e r r o r|fatal|exception|traceback|segmentation|panic|aborted/i;
const saysError = /\b(?:error|e r r o r|fatal|exception|traceback|segmentation fault|panic|aborted)\b/i;
/** "0 errors", "no error", "without errors" and "error: 0" are good news. */
const saysNone = /\b(?:0|no|without)\s+(?:\w+\s+)?errors?\b|\berrors?\s*[:=]\s*0\b/i;

/** Whether a line of a log is where somebody looks first: what a program calls an error. */
export function isErrorLine({ message }: Pick<JobEvent, 'message'>): boolean {
  if (message === null || !maySayError.test(message)) return false;
  // What a terminal would show: a progress bar may have been written over.
  const shown = readAnsi(message)
    .map(({ text }) => text)
    .join('');
  return saysError.test(shown) && !saysNone.test(shown);
}

/** The places of the lines that are errors. */
export function errorLines(lines: readonly JobEvent[]): readonly number[] {
  return lines.flatMap((line, index) => (isErrorLine(line) ? [index] : []));
}

/** The next place after (or before) one; round the end it goes on from the other side. */
export function nextPlace(
  places: readonly number[],
  from: number | undefined,
  step: 1 | -1,
): number | undefined {
  if (places.length === 0) return undefined;
  const other = step === 1 ? places[0] : places.at(-1);
  if (from === undefined) return step === 1 ? other : places.at(-1);
  const next = step === 1 ? places.find((place) => place > from) : places.findLast((place) => place < from);
  return next ?? other;
}
