import type { DaybookError, EventInput, EventReceipt, JobStatus, TransitionCause } from '@daybook/core';
import type { Actor } from '../actor.ts';
import type { Grant, LeaseEnd } from './lease.ts';

/** One fact to be written. */
export interface Entry {
  readonly jobId: number;
  readonly event: EventInput | ChangeInput;
  /** With cause `claim`: the lease that it begins. */
  readonly grant?: Grant;
  /** With cause `requeue`, or an end that the queue gives a job: how the lease ended. */
  readonly leaseEnd?: 'released' | 'lost';
  /** With cause `requeue`: when it may be claimed again at the earliest, milliseconds; at once when left out. */
  readonly runAfter?: number;
  /** It failed for good, though tries are left. */
  readonly final?: boolean;
}

/**
 * What changed beside the projection, as `{field: {from, to}}`: an annotation of a person, or what a source learned. Whoever
 * writes it has written the columns in the same transaction.
 */
export interface ChangeInput {
  readonly kind: 'annotation' | 'learned';
  readonly metadata: Record<string, unknown>;
}

export function isChange(event: Entry['event']): event is ChangeInput {
  return event.kind === 'annotation' || event.kind === 'learned';
}

/** What one caller writes at once: all of it or nothing. */
export interface Batch {
  readonly actor: Actor;
  readonly entries: readonly Entry[];
  /** Why statuses change; a report when left out. */
  readonly cause?: TransitionCause;
  /** Needs no lease: what a person does to a job (cancel, retry, correct), or the queue itself. Reports need one. */
  readonly unfenced?: boolean;
  /**
   * How this batch ends its job's lease. If the lease has ended just so already, the batch was written before: it is
   * answered again, without receipts.
   */
  readonly ending?: LeaseEnd;
}

export type Outcome = Written | { readonly error: DaybookError };

/** A batch that is durable (or was before), and its last job as it left it. */
export interface Written {
  readonly receipts: EventReceipt[];
  readonly job: { readonly id: number; readonly status: JobStatus; readonly runAfter: number | null };
}
