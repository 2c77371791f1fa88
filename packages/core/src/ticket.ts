import { z } from 'zod';
import { type Fault, faultPath } from './errors.ts';
import { faultsOf, plainSentence } from './faults.ts';
import { parseJsonText } from './json-text.ts';
import { limits } from './limits.ts';
import type { JobStatus } from './status.ts';
import { label } from './text.ts';

/**
 * A ticket: the JSON document that a pipeline without a server keeps about one job, in a file of its own
 * (contracts/tracker-files.md). Field names, their order and the status words are the contract's. Fields that are not
 * listed here belong to whoever wrote them: they are let through, and kept in their place.
 */

/** Bounds of a ticket; a file beyond them is refused, never cut. */
export const ticketLimits = {
  /** Largest file, bytes. */
  bytes: 8 * 1024 * 1024,
  id: 200,
  steps: limits.stepsPerJob,
  step: limits.name,
  jobName: limits.name,
  /** Of lists and objects in the document. */
  depth: 64,
} as const;

/** `""` means that nobody has said anything yet. */
export const ticketStatuses = ['', 'queued', 'running', 'success', 'failed'] as const;
export type TicketStatus = (typeof ticketStatuses)[number];

/** What a ticket's status is called everywhere else: one that nobody has begun waits. */
export const jobStatusOfTicket = {
  '': 'queued',
  queued: 'queued',
  running: 'running',
  success: 'succeeded',
  failed: 'failed',
} as const satisfies Record<TicketStatus, JobStatus>;

/** The word of a ticket that comes nearest; tickets know no canceled, and no end that nobody judged. */
export const ticketStatusOfJob = {
  unknown: '',
  queued: 'queued',
  running: 'running',
  finished: 'success',
  succeeded: 'success',
  failed: 'failed',
  other: 'failed',
  canceled: 'failed',
} as const satisfies Record<JobStatus, TicketStatus>;

const DATE = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/;
/** Also a file name everywhere; nothing that begins with a dot, so that no ticket is hidden. */
const ID = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

export const ticketIdSchema = z
  .string()
  .max(ticketLimits.id)
  .regex(ID, 'must be letters, digits, _ . -, and not begin with . or -')
  .meta({ title: 'Ticket', description: 'A random UUID, a hyphen, and the host name; also the file name' });

export const ticketStatusSchema = z.enum(ticketStatuses, {
  error: 'must be one of "", queued, running, success, failed',
});

const dateSchema = z
  .string()
  .regex(DATE, { error: 'must be a time in UTC such as 2020-11-10 22:24:00', abort: true })
  .refine((text) => !Number.isNaN(ticketTime(text)), 'is no time that exists');

const count = z.int().min(0).max(1_000_000);
const jobNameSchema = label(ticketLimits.jobName).min(1);

/** Steps by their number, from "1". */
export const ticketStepsSchema = z
  .record(z.string().regex(/^[1-9]\d{0,3}$/, 'must be the number of a step'), label(ticketLimits.step).min(1))
  .refine((steps) => Object.keys(steps).length <= ticketLimits.steps, {
    error: `must have at most ${ticketLimits.steps} steps`,
  });

const managementSchema = z.looseObject({
  current_step: count.meta({ description: 'Number of the step that is next or at work' }),
  steps: ticketStepsSchema.meta({ description: 'Names of the steps by their number, from "1"' }),
  job_status: ticketStatusSchema,
  previous_step_status: ticketStatusSchema,
  numberOfTries: count.optional().meta({ description: 'How often the job was tried again' }),
  maxNumberOfTries: count.optional().meta({ description: 'How often it may be tried again' }),
});

export const ticketSchema = z
  .looseObject({
    job_ticket_id: ticketIdSchema,
    job_name: jobNameSchema.meta({ description: 'Picks the steps from the templates' }),
    job_management: managementSchema,
    context: z.record(z.string(), z.unknown()).meta({ description: 'Whatever the pipeline notes' }),
    creation_date: dateSchema.meta({ description: 'UTC' }),
    last_modified_date: dateSchema.meta({ description: 'UTC; the heartbeat' }),
    parent_job_ticket_id: ticketIdSchema
      .nullish()
      .meta({ description: 'The job that this one is a part of' }),
  })
  .meta({ title: 'Ticket', description: 'A job tracker file: one JSON document per job' });
export type Ticket = z.infer<typeof ticketSchema>;

/** JSON Schema (2020-12) of a ticket. */
export function ticketJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(ticketSchema, { target: 'draft-2020-12', io: 'input' }) };
}

/** Everything that keeps a value from being a ticket; empty if it is one. */
export function ticketFaults(value: unknown): Fault[] {
  return faultsFor(ticketSchema, value);
}

/** What `schema` finds wrong, in plain words. */
export function faultsFor(schema: z.ZodType, value: unknown): Fault[] {
  return faultsOf(schema.safeParse(value, { error: plainSentence }).error?.issues ?? []);
}

/** A text that is a ticket, or everything that keeps it from being one. */
export type TicketReading =
  | { readonly ticket: Ticket; readonly faults?: undefined }
  | { readonly faults: readonly Fault[]; readonly ticket?: undefined };

/**
 * Reads a ticket. Its fields are in the order of the text, unknown ones too (but JavaScript puts names that are whole
 * numbers first, in ascending order).
 *
 * With `numbers: 'exact'`, a number that JavaScript cannot hold (beyond 2^53, or of too many digits) becomes an object of
 * `JSON.rawJSON`, which {@link ticketText} and `JSON.stringify` write as it was; else it is rounded, as `JSON.parse` does.
 */
export function parseTicket(text: string, numbers: 'plain' | 'exact' = 'plain'): TicketReading {
  const json = parseJson(text, numbers);
  if ('faults' in json) return json;
  if (depthOf(json.value) > ticketLimits.depth)
    return { faults: [{ path: '', message: `is nested deeper than ${ticketLimits.depth} levels` }] };
  const faults = ticketFaults(json.value);
  return faults.length > 0 ? { faults } : { ticket: json.value as Ticket };
}

/** A ticket as it stands in its file. */
export function ticketText(ticket: Ticket): string {
  return `${JSON.stringify(ticket, null, 2)}\n`;
}

/** Milliseconds since 1970 as tickets write them; fractions of a second are dropped. */
export function ticketDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** Milliseconds since 1970 of a ticket's date; NaN if there is no such time. */
export function ticketTime(date: string): number {
  const found = DATE.exec(date);
  if (found === null) return Number.NaN;
  const ms = Date.parse(`${date.replace(' ', 'T')}Z`);
  // Date reads the 30th of February as the 2nd of March.
  return Number.isNaN(ms) || ticketDate(ms) !== date ? Number.NaN : ms;
}

/** Steps of a ticket in their order. */
export function stepsOfTicket({ job_management: { steps } }: Ticket): { number: number; name: string }[] {
  return Object.entries(steps)
    .map(([number, name]) => ({ number: Number(number), name }))
    .sort((a, b) => a.number - b.number);
}

/** `context.errors_encountered`; something else that a script keeps there is as good as one of them. */
export function errorsOfTicket({ context }: Pick<Ticket, 'context'>): readonly unknown[] {
  const errors = Object.hasOwn(context, 'errors_encountered') ? context['errors_encountered'] : [];
  return Array.isArray(errors) ? errors : [errors];
}

function parseJson(text: string, numbers: 'plain' | 'exact'): { value: unknown } | { faults: Fault[] } {
  if (text.trim() === '') return { faults: [{ path: '', message: 'is empty' }] };
  try {
    return { value: numbers === 'exact' ? parseJsonExactly(text) : JSON.parse(text) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) return { faults: [{ path: '', message: 'is nested far too deep' }] };
    return { faults: [syntaxFault(text, error)] };
  }
}

/** JSON.parse stops at the first slip without saying where; our own reader says it for people. */
function syntaxFault(text: string, error: SyntaxError): Fault {
  const slip = parseJsonText(text).slips[0];
  if (slip === undefined) return { path: '', message: `is no JSON: ${error.message}` };
  const lines = text.slice(0, slip.offset).split(/\r\n|\n|\r/);
  const place = `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
  return { path: faultPath(slip.path), message: `is no JSON at ${place}: ${slip.message}` };
}

/** Numbers that might not survive: many digits, or an exponent. Most tickets have none, and need no second look. */
const SUSPECT = /\d{16}|\d\.?\d{15}|\d[eE]/;

/** JSON, with numbers that JavaScript cannot hold as objects of `JSON.rawJSON`. @throws SyntaxError */
export function parseJsonExactly(text: string): unknown {
  return SUSPECT.test(text) ? JSON.parse(text, keepNumber as Reviver) : JSON.parse(text);
}

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

function keepNumber(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined) return value;
  const isKept = /^-?\d+$/.test(source) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isKept ? value : rawJson(source);
}

// "JSON.parse source text access" of ECMAScript 2026: in Node from 22 on, not yet in TypeScript's library.
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): object };

/** Levels of lists and objects, counted without calling itself: the text decides how deep it is. */
function depthOf(value: unknown): number {
  let depth = 0;
  for (let level = [value]; ; depth++) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
    if (level.length === 0) return depth;
  }
}
