import { z } from 'zod';
import { limits } from './limits.ts';
import { isoInstant, jsonObject, label, line, rowId } from './text.ts';
import { ticketLimits } from './ticket.ts';
import { ticketEditSchema } from './ticket-edit.ts';
import { isTimeZone, parseDuration } from './time.ts';

/** Sources: where jobs come from by themselves (design.md §1), as the API tells of them. */

/** A length of time: seconds, or a text such as `6h`. Seconds inside. */
export function seconds(least: number, most: number) {
  return z
    .union([z.number(), z.string().max(50)])
    .transform((value, context): number => {
      const length = typeof value === 'number' ? value : secondsOf(value);
      if (length !== undefined && length >= least && length <= most) return length;
      context.addIssue({
        code: 'custom',
        message: `must be ${least} to ${most} seconds, or a text such as 6h`,
      });
      return z.NEVER;
    })
    .meta({ type: ['number', 'string'], examples: [least], format: 'seconds' });
}

function secondsOf(text: string): number | undefined {
  try {
    return parseDuration(text) / 1_000;
  } catch {
    return undefined;
  }
}

/** What the settings of every kind have. */
export const sourceSettingsShape = {
  interval: seconds(0.2, 86_400)
    .prefault('15s')
    .meta({ title: 'Interval', description: 'Seconds between two looks, from start to start' }),
  patience: seconds(1, 3_600).prefault('60s').meta({
    title: 'Patience',
    description: 'Seconds after which a look that does not come to an end is given up',
  }),
  timeZone: z.string().max(100).refine(isTimeZone, 'is no time zone of the IANA list').optional().meta({
    title: 'Time zone',
    description: "Of times without one, e.g. Europe/Berlin; the server's when left out",
  }),
  project: label(limits.tag)
    .optional()
    .meta({ title: 'Project', description: 'Of jobs that name none: decides on who sees them' }),
};

const absolute = line(limits.path).refine((path) => path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path), {
  error: 'must be an absolute path',
});

/** Settings of the kind `tracker-files` (contracts/tracker-files.md). */
export const trackerFilesSettings = z.strictObject({
  directory: absolute.optional().meta({
    title: 'Directory',
    description: 'Of the tickets, as the server sees it; without one, only `daybook sync` brings them',
  }),
  timeout: seconds(1, 30 * 86_400)
    .prefault('6h')
    .meta({
      title: 'Timeout',
      description: 'Seconds that a running job may be silent before it is tried again',
    }),
  maxNumberOfTries: z.int().min(0).max(999).default(3).meta({
    title: 'Most tries',
    description: 'How often it is tried again, where its ticket says nothing else; then it fails',
  }),
  maxFailedChildren: z.int().min(0).max(1_000_000).default(0).meta({
    title: 'Failed children',
    description: 'How many children may fail before their parent fails, too',
  }),
  monitor: z.boolean().default(true).meta({
    title: 'Monitor',
    description: 'Tries silent jobs again, and ends parents with their children; off if something else does',
  }),
  ...sourceSettingsShape,
});
export type TrackerFilesSettings = z.infer<typeof trackerFilesSettings>;

export const sourceName = label(limits.tag);

export const sourceCreateSchema = z
  .strictObject({
    name: sourceName,
    kind: label(limits.tag).meta({ description: 'As `GET /sources/kinds` names them' }),
    settings: jsonObject.default({}),
    enabled: z.boolean().default(true),
    provider: label(limits.name)
      .optional()
      .meta({ description: 'Who produces its jobs; nobody when left out' }),
  })
  .meta({ id: 'SourceCreate' });
export type SourceCreate = z.infer<typeof sourceCreateSchema>;

export const sourcePatchSchema = z
  .strictObject({
    version: z.int().min(1).optional(),
    settings: jsonObject
      .optional()
      .meta({ description: 'All of them, in the place of those that there are' }),
    enabled: z.boolean().optional(),
  })
  .meta({ id: 'SourcePatch' });
export type SourcePatch = z.infer<typeof sourcePatchSchema>;

/** A sentence for people with what it is about: `source.…` of the message catalogue. */
export const sourceSentence = z.object({
  code: z.string(),
  detail: z.string().optional().meta({ description: 'What the system said of it, a path, or a fault' }),
});
export type SourceSentence = z.infer<typeof sourceSentence>;

/** `idle`: nobody polls it. `stale`: the last look failed; what is known of its jobs is as old as the last good one. */
export const sourceStates = ['new', 'ok', 'stale', 'paused', 'idle'] as const;
export type SourceState = (typeof sourceStates)[number];

export const sourceSchema = z
  .object({
    id: rowId,
    name: z.string(),
    kind: z.string(),
    settings: z.record(z.string(), z.unknown()),
    enabled: z.boolean(),
    provider: z.string().nullable(),
    state: z.enum(sourceStates),
    cycleAt: isoInstant.nullable().meta({ description: 'When the last look began' }),
    cycleSeconds: z.number().nullable().meta({ description: 'How long it took' }),
    okAt: isoInstant.nullable().meta({ description: 'When a look last came to a good end' }),
    lagSeconds: z.number().nullable().meta({ description: 'How old what is known is by now' }),
    failures: z.int().meta({ description: 'Looks that failed since then' }),
    error: sourceSentence.nullable(),
    cycle: z
      .object({ seen: z.int(), changed: z.int(), events: z.int(), created: z.int() })
      .nullable()
      .meta({ description: 'What the last good look found' }),
    jobs: z.int(),
    problems: z.int().meta({ description: 'Files or entries that could not be read' }),
    conflicts: z.int().meta({ description: 'Edits that met other values and were not written' }),
    createdAt: isoInstant,
    createdBy: z.string(),
    version: z.int(),
  })
  .meta({ id: 'Source' });
export type Source = z.infer<typeof sourceSchema>;

export const sourceKindSchema = z
  .object({
    kind: z.string(),
    settings: z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema of its settings' }),
  })
  .meta({ id: 'SourceKind' });
export type SourceKindView = z.infer<typeof sourceKindSchema>;

export const sourceCheckSchema = z
  .object({ ok: z.boolean(), code: z.string(), detail: z.string().optional(), count: z.int().optional() })
  .meta({ id: 'SourceCheck' });
/** One thing that a source can, or cannot do; `code` is `source.check.…` of the message catalogue. */
export type SourceCheck = z.infer<typeof sourceCheckSchema>;

export const sourceProblemSchema = z
  .object({
    item: z.string().meta({ description: 'The file, or the number of the job over there' }),
    place: z.string().nullable(),
    code: z.string(),
    detail: z.string().optional(),
    since: isoInstant,
    jobId: z.int().nullable().meta({ description: 'The job as it was when this could be read last' }),
  })
  .meta({ id: 'SourceProblem' });
export type SourceProblem = z.infer<typeof sourceProblemSchema>;

/** How a job stands with its source. */
export const jobSourceSchema = z
  .object({
    source: z.object({ id: rowId, name: z.string(), kind: z.string(), state: z.enum(sourceStates) }),
    item: z.string(),
    place: z.string().nullable().meta({ description: 'Path of the file' }),
    document: z.string().nullable().meta({ description: 'As it was read last' }),
    hash: z.string().nullable(),
    seenAt: isoInstant.meta({ description: 'When it was read last' }),
    changedAt: isoInstant,
    goneAt: isoInstant.nullable().meta({ description: 'Since when it is not there any more' }),
    problem: sourceSentence.nullable(),
    waiting: sourceSentence.nullable().meta({ description: 'Why it waits, if the source knows' }),
    editable: z.boolean().meta({ description: 'Whether edits are written back' }),
    edits: z.array(ticketEditSchema).meta({ description: 'The latest 50, the newest first' }),
  })
  .meta({ id: 'JobSource' });
export type JobSource = z.infer<typeof jobSourceSchema>;

/** Tickets per request, at most; and bytes of their texts together. */
export const ticketsPerRequest = 500;

/** A file directly in the directory of tickets: a path would lead the server, which writes edits into it, elsewhere. */
const ticketFile = line(ticketLimits.id + 50)
  .min(1)
  .refine((name) => !/[/\\]|^\./.test(name), 'must be the name of a file, without its path');

/** `daybook sync`: tickets of a machine that the server does not see. Without `text` one is only compared. */
export const ticketDeliverySchema = z
  .strictObject({
    source: sourceName.default('tracker-files'),
    place: line(limits.path)
      .optional()
      .meta({ description: 'Where the directory is, for people: host:/path' }),
    items: z
      .array(
        z.strictObject({
          file: ticketFile,
          hash: z.string().min(1).max(100),
          text: z.string().optional(),
          problem: z
            .strictObject({ code: label(limits.tag), detail: line(limits.message).optional() })
            .optional(),
        }),
      )
      .max(ticketsPerRequest),
    last: z.boolean().default(false).meta({ description: 'All of the directory has been told now' }),
  })
  .meta({ id: 'TicketDelivery' });
export type TicketDelivery = z.infer<typeof ticketDeliverySchema>;
export type TicketDeliveryBody = z.input<typeof ticketDeliverySchema>;

/** `wanted`: send its text. `known`: nothing new. `refused`: it cannot be imported, see `problem`. */
export const ticketReceiptSchema = z
  .object({
    file: z.string(),
    state: z.enum(['wanted', 'known', 'imported', 'refused']),
    jobId: z.int().nullable(),
    created: z.boolean().optional(),
    events: z.int().optional(),
    problem: sourceSentence.optional(),
  })
  .meta({ id: 'TicketReceipt' });
export type TicketReceipt = z.infer<typeof ticketReceiptSchema>;

/** What the server asks to be written, if the file is still the one with this hash; then send what it is now. */
export const ticketWriteSchema = z
  .object({ file: z.string(), hash: z.string(), text: z.string() })
  .meta({ id: 'TicketWrite' });
export type TicketWrite = z.infer<typeof ticketWriteSchema>;

/** So many active tickets of a place are told at the end of a delivery. */
export const activeTicketsTold = 1_000;

export const ticketAnswerSchema = z
  .object({
    sourceId: rowId,
    items: z.array(ticketReceiptSchema),
    writes: z.array(ticketWriteSchema),
    active: z
      .array(z.object({ file: z.string(), jobId: z.int() }))
      .optional()
      .meta({
        description: `With \`last\` and \`place\`: tickets of this place whose jobs go on, ${activeTicketsTold} at most. A file that is not there any more is nowhere else to be seen.`,
      }),
  })
  .meta({ id: 'TicketAnswer' });
export type TicketAnswer = z.infer<typeof ticketAnswerSchema>;
