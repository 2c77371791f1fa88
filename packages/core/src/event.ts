import { z } from 'zod';
import { limits } from './limits.ts';
import { leaseToken } from './queue.ts';
import { jobStatuses, stepStatuses, transitionCauses } from './status.ts';
import { instant, isoInstant, jsonObject, label, printed, rowId } from './text.ts';

/**
 * An event is an append-only fact about a job. Reporters write those of {@link reportKinds}; `created`, `annotation` and
 * `learned` are written by Daybook itself when a job is made, when a person edits it, and when its source finds out more
 * of it (`{field: {from, to}}`, both). `log` is bulk: it has a table of its own.
 */
export const reportKinds = [
  'log',
  'step',
  'status',
  'progress',
  'error',
  'metadata',
  'file',
  'link',
] as const;
export const eventKinds = ['created', 'annotation', 'learned', ...reportKinds] as const;
export type ReportKind = (typeof reportKinds)[number];
export type EventKind = (typeof eventKinds)[number];

export const logStreams = ['stdout', 'stderr'] as const;
export type LogStream = (typeof logStreams)[number];

/** Of jobs and of steps. */
export const eventStatuses = [...new Set([...jobStatuses, ...stepStatuses])];

/**
 * What a reporter sends. For kind `step`, `status` is a status of a step, and may be left out when `percent` says that
 * it runs. For `status` it is a status of the job; `error` may carry one too. `percent` is 0–100.
 */
export const eventInputSchema = z
  .strictObject({
    kind: z.enum(reportKinds),
    step: label(limits.tag).optional().meta({ description: 'Tag of the step that this is about' }),
    status: z.enum(eventStatuses).optional(),
    percent: z.number().min(0).max(100).optional(),
    message: printed(limits.message).optional(),
    stream: z.enum(logStreams).optional().meta({ description: 'For kind log: where the line was printed' }),
    metadata: jsonObject.optional(),
    at: instant.optional().meta({ description: "The reporter's own clock; ours is receivedAt" }),
    key: label(limits.idempotencyKey)
      .optional()
      .meta({ description: 'Makes the event idempotent within its job' }),
    leaseToken: leaseToken.optional().meta({
      description: 'The lease under which its worker writes; not kept with the event',
    }),
  })
  .superRefine((event, context) => {
    const fault = eventFault(event);
    if (fault !== undefined)
      context.addIssue({ code: 'custom', path: [fault.field], message: fault.message });
  })
  .meta({ id: 'EventInput' });
export type EventInput = z.infer<typeof eventInputSchema>;
/** The same as the caller writes it: `at` as ISO 8601. */
export type EventBody = z.input<typeof eventInputSchema>;

interface EventFault {
  field: string;
  message: string;
}

/** What the kind asks for beyond the shape of its fields. */
export function eventFault(event: { kind: ReportKind; [field: string]: unknown }): EventFault | undefined {
  const { kind } = event;
  switch (kind) {
    case 'step':
      if (event['step'] === undefined) return { field: 'step', message: 'say which step' };
      if (event['status'] === undefined && event['percent'] === undefined && event['metadata'] === undefined)
        return { field: 'status', message: 'say its status or percent' };
      return among(event['status'], stepStatuses, 'is no status of a step');
    case 'status':
      if (event['status'] === undefined) return { field: 'status', message: 'say which status' };
      return among(event['status'], jobStatuses, 'is no status of a job');
    case 'progress':
      return event['percent'] === undefined
        ? { field: 'percent', message: 'say how many percent' }
        : undefined;
    case 'log':
    case 'link':
      return event['message'] === undefined
        ? { field: 'message', message: `a ${kind} needs a message` }
        : undefined;
    case 'error':
      if (event['message'] === undefined) return { field: 'message', message: 'say what went wrong' };
      return among(event['status'], jobStatuses, 'is no status of a job');
    case 'metadata':
    case 'file':
      return event['metadata'] === undefined
        ? { field: 'metadata', message: `a ${kind} event needs metadata` }
        : undefined;
  }
}

function among(value: unknown, allowed: readonly string[], message: string): EventFault | undefined {
  return value === undefined || allowed.includes(value as string) ? undefined : { field: 'status', message };
}

/**
 * Why a stored event changed nothing. The fact is kept all the same (reports arrive late and out of order), and the
 * answer to whoever wrote it says so.
 */
export const unappliedReasons = [
  'illegal_transition',
  'unknown_step',
  'step_is_over',
  'job_is_over',
  'too_many_steps',
  'metadata_too_large',
] as const;
export type UnappliedReason = (typeof unappliedReasons)[number];

/** An event as it is read back; log lines come in the same form. */
export const eventSchema = z
  .object({
    id: rowId,
    jobId: rowId,
    kind: z.enum(eventKinds),
    step: z.string().nullable(),
    status: z.string().nullable(),
    percent: z.number().nullable(),
    message: z.string().nullable(),
    stream: z.enum(logStreams).nullable().optional(),
    metadata: z.record(z.string(), z.unknown()).nullable(),
    attempt: z.int().nullable(),
    cause: z.enum(transitionCauses).nullable(),
    unapplied: z
      .enum(unappliedReasons)
      .nullable()
      .meta({ description: 'Why this fact changed nothing, if it did not' }),
    actor: z.string().nullable(),
    at: isoInstant,
    receivedAt: isoInstant,
  })
  .meta({ id: 'Event' });
export type JobEvent = z.infer<typeof eventSchema>;

/** The short answer to a written event. `duplicate`: its key was stored before, nothing was written again. */
export const eventReceiptSchema = z
  .object({
    id: rowId,
    jobId: rowId,
    applied: z.boolean(),
    reason: z.enum(unappliedReasons).optional(),
    duplicate: z.boolean().optional(),
  })
  .meta({ id: 'EventReceipt' });
export type EventReceipt = z.infer<typeof eventReceiptSchema>;
