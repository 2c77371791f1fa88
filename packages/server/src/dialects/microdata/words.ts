import { type Configuration, isEnded, type JobStatus } from '@daybook/core';

/** The words of this surface, and what they are in Daybook (contracts/microdata.md). */

/** What happens between `queued` and the end: the steps of {@link recipe}. The first is this dialect's claim. */
const weights = {
  initiated: 1,
  validating: 10,
  decrypting: 10,
  transforming: 15,
  pseudonymizing: 15,
  enriching: 10,
  converting: 10,
  partitioning: 10,
  built: 1,
  importing: 18,
} as const;
export type Stage = keyof typeof weights;
export const stages = Object.keys(weights) as Stage[];

export const wireStatuses = ['queued', ...stages, 'completed', 'failed'] as const;
export type WireStatus = (typeof wireStatuses)[number];

/** The built-in configuration of every job that comes in here. */
export const recipe: Configuration = {
  tag: 'microdata',
  name: 'Microdata job',
  version: '1.0.0',
  steps: stages.map((tag) => ({
    tag,
    name: `${tag.slice(0, 1).toUpperCase()}${tag.slice(1)}`,
    points: weights[tag],
  })),
};

export function isStage(step: string | null): step is Stage {
  return step !== null && Object.hasOwn(weights, step);
}

/** True if a stage comes before another in the usual order; executors report them in any. */
export function precedes(a: Stage, b: Stage): boolean {
  return stages.indexOf(a) < stages.indexOf(b);
}

/** The status of a job on the wire; one that runs without a stage of ours has been taken, and that is all we know. */
export function statusOnWire(status: JobStatus, step: string | null): WireStatus {
  if (status === 'running') return isStage(step) ? step : 'initiated';
  if (!isEnded(status)) return 'queued';
  return status === 'succeeded' || status === 'finished' ? 'completed' : 'failed';
}

/** Native statuses that a status of the wire may be; see {@link statusOnWire}. */
export function nativeStatuses(status: WireStatus): readonly JobStatus[] {
  switch (status) {
    case 'queued':
      return ['queued', 'unknown'];
    case 'completed':
      return ['succeeded', 'finished'];
    case 'failed':
      return ['failed', 'other', 'canceled'];
    default:
      return ['running'];
  }
}

/** A moment as this surface writes it: microseconds, UTC, no zone. */
export function wireTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000');
}

/** Text from outside that every database can keep: its clients end on a refusal. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\ufffd');
}
