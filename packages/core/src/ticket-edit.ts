import { z } from 'zod';
import { limits } from './limits.ts';
import { isoInstant, rowId } from './text.ts';
import { errorsOfTicket, type Ticket, ticketDate, ticketStatuses } from './ticket.ts';

/**
 * Edits of tickets that are made through the server and written back to their files: each names the fields that it
 * changes, and what stood there when it was made. It is merged field by field into the file as it is by then: a file that
 * changed elsewhere does not matter, one that changed in the same field is a conflict and is left alone.
 */

/** What a person changes of a ticket; `null` takes a property of the context away (RFC 7396). */
export const ticketPatchSchema = z
  .strictObject({
    status: z.enum(ticketStatuses).exclude(['']).optional(),
    context: z
      .record(z.string().min(1).max(limits.shortText), z.unknown())
      .refine((context) => JSON.stringify(context).length <= limits.jsonBytes, {
        error: `must be at most ${limits.jsonBytes} bytes of JSON`,
      })
      .optional(),
    hash: z.string().max(100).optional().meta({
      description: 'Of the document that the person saw; what has changed since then is a conflict',
    }),
  })
  .refine(({ status, context }) => status !== undefined || Object.keys(context ?? {}).length > 0, {
    message: 'say what to change',
  })
  .meta({ id: 'TicketPatch' });
export type TicketPatch = z.infer<typeof ticketPatchSchema>;

/** Field → value; fields are `job_management.x` or `context.x`. Absent values are null here: JSON knows no other nothing. */
export type TicketFields = Readonly<Record<string, unknown>>;

export interface TicketEdit {
  /** What the fields shall be. */
  readonly change: TicketFields;
  /** What they were when it was made. */
  readonly base: TicketFields;
}

const MANAGEMENT = 'job_management.';
const CONTEXT = 'context.';

/** An edit as a person means it, of a ticket as it is. */
export function editOfPatch(
  ticket: Ticket,
  { status, context }: Pick<TicketPatch, 'status' | 'context'>,
): TicketEdit {
  return editOf(ticket, {
    ...(status !== undefined && statusChange(ticket, status)),
    ...Object.fromEntries(Object.entries(context ?? {}).map(([name, value]) => [CONTEXT + name, value])),
  });
}

/** With what stands in its fields now; who changes the status has seen at which step it was. */
export function editOf(ticket: Ticket, change: TicketFields): TicketEdit {
  const fields = Object.keys(change);
  if (fields.includes(`${MANAGEMENT}job_status`)) fields.push(`${MANAGEMENT}current_step`);
  return { change, base: Object.fromEntries(fields.map((field) => [field, fieldOf(ticket, field)])) };
}

/**
 * Both status fields, as `setJobStatus` writes them. A job that somebody queues again has all its tries before it, and
 * waits at the step at which it stopped.
 */
function statusChange(ticket: Ticket, status: TicketPatch['status'] & string): TicketFields {
  const again = status === 'queued' && (ticket.job_management.numberOfTries ?? 0) > 0;
  return {
    [`${MANAGEMENT}job_status`]: status,
    [`${MANAGEMENT}previous_step_status`]: status === 'failed' ? 'failed' : 'success',
    ...(again && { [`${MANAGEMENT}numberOfTries`]: 0 }),
  };
}

/** What became of an edit: it is in the file already, goes into it as `ticket`, or meets other values (`found`). */
export type MergedEdit =
  | { readonly kind: 'done' }
  | { readonly kind: 'write'; readonly ticket: Ticket }
  | { readonly kind: 'conflict'; readonly found: TicketFields };

/** Merges an edit into a ticket as it is now (milliseconds); numbers that JavaScript cannot hold stay as they were. */
export function mergeEdit(ticket: Ticket, { change, base }: TicketEdit, now: number): MergedEdit {
  const missing = Object.keys(change).filter((field) => !same(fieldOf(ticket, field), change[field]));
  if (missing.length === 0) return { kind: 'done' };
  const seen = Object.keys(base).filter((field) => !(field in change));
  const found = [...missing, ...seen]
    .map((field) => [field, fieldOf(ticket, field)] as const)
    .filter(([field, value]) => !same(value, base[field]));
  if (found.length > 0) return { kind: 'conflict', found: Object.fromEntries(found) };
  return { kind: 'write', ticket: withFields(ticket, change, now) };
}

/** A ticket with other values, and the date of the change. A value of null is taken away from the context. */
export function withFields(ticket: Ticket, change: TicketFields, now: number): Ticket {
  const management: Record<string, unknown> = { ...ticket.job_management };
  const context = new Map(Object.entries(ticket.context));
  for (const [field, value] of Object.entries(change)) {
    if (field.startsWith(MANAGEMENT)) management[field.slice(MANAGEMENT.length)] = value;
    else if (value === null) context.delete(field.slice(CONTEXT.length));
    else context.set(field.slice(CONTEXT.length), value);
  }
  return {
    ...ticket,
    job_management: management as Ticket['job_management'],
    context: Object.fromEntries(context),
    last_modified_date: ticketDate(now),
  };
}

/** What a tracker does to a job that fell silent: it waits again, or fails for good when it has no tries left. */
export function silenceChange(ticket: Ticket, maxTries: number, message: string, now: number): TicketFields {
  const { numberOfTries: tries = 0, maxNumberOfTries: most = maxTries } = ticket.job_management;
  if (tries < most)
    return { [`${MANAGEMENT}job_status`]: 'queued', [`${MANAGEMENT}numberOfTries`]: tries + 1 };
  return endChange(ticket, 'failed', message, now);
}

/** An end that the tracker gives to a job, with what went wrong if it failed, as `appendError` notes it. */
export function endChange(
  ticket: Ticket,
  status: 'success' | 'failed',
  message: string,
  now: number,
): TicketFields {
  const error = { message, step: ticket.job_management.current_step, date: ticketDate(now) };
  return {
    [`${MANAGEMENT}job_status`]: status,
    [`${MANAGEMENT}previous_step_status`]: status,
    ...(status === 'failed' && {
      [`${CONTEXT}errors_encountered`]: [...errorsOfTicket(ticket), error],
    }),
  };
}

function fieldOf(ticket: Ticket, field: string): unknown {
  if (field.startsWith(MANAGEMENT)) return ticket.job_management[field.slice(MANAGEMENT.length)] ?? null;
  const name = field.slice(CONTEXT.length);
  return Object.hasOwn(ticket.context, name) ? (ticket.context[name] ?? null) : null;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

export const ticketEditStates = ['pending', 'written', 'conflict', 'dismissed'] as const;

/** An edit on its way to the file, or what became of it. */
export const ticketEditSchema = z
  .object({
    id: rowId,
    state: z.enum(ticketEditStates),
    change: z.record(z.string(), z.unknown()).meta({ description: 'Field → what it shall be' }),
    base: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Field → what it was when the edit was made' }),
    found: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'For a conflict: field → what stood in the file instead' }),
    actor: z.string(),
    createdAt: isoInstant,
    settledAt: isoInstant.nullable(),
  })
  .meta({ id: 'TicketEdit' });
export type TicketEditView = z.infer<typeof ticketEditSchema>;
