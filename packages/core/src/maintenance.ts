import { z } from 'zod';
import { limits } from './limits.ts';
import { instant, isoInstant, label, rowId } from './text.ts';

/**
 * Maintenance: while a pause counts, no job of a pausable configuration is handed out; running jobs, reports and
 * Daybook's own duties go on (design.md §3).
 */

/** Where a pause stands by the server's clock. `over`: it ended; `canceled`: it was called off before it began. */
export const pauseStates = ['scheduled', 'current', 'over', 'canceled'] as const;
export type PauseState = (typeof pauseStates)[number];

/** What somebody said of maintenance: a pause, at once or for later, or that work goes on. */
export const maintenanceEntrySchema = z
  .object({
    id: rowId,
    paused: z.boolean().meta({ description: 'true for a pause; false says that work goes on' }),
    state: z.enum(pauseStates).nullable().meta({ description: 'of a pause; null where work goes on' }),
    reason: z.string(),
    by: z.string().meta({ description: 'who said so: `user:doea`, `key:ci`, `daybook`' }),
    startsAt: isoInstant,
    endsAt: isoInstant
      .nullable()
      .meta({ description: 'when it ends by itself; null until somebody ends it' }),
    configurations: z
      .array(z.string())
      .nullable()
      .meta({ description: 'tags of the configurations that are paused; null is all that can be' }),
    createdAt: isoInstant,
    endedAt: isoInstant.nullable().meta({ description: 'when somebody ended it or called it off' }),
    endedBy: z.string().nullable(),
  })
  .meta({ id: 'MaintenanceEntry' });
export type MaintenanceEntry = z.infer<typeof maintenanceEntrySchema>;

export const maintenanceStatusSchema = z
  .object({
    paused: z.boolean().meta({ description: 'something is paused just now: all, or what `current` names' }),
    current: maintenanceEntrySchema
      .nullable()
      .meta({ description: 'the pause that counts now; of several the widest, then the newest' }),
    all: z.array(maintenanceEntrySchema).meta({ description: 'every pause that counts now' }),
    scheduled: z.array(maintenanceEntrySchema).meta({ description: 'pauses to come, the next first' }),
    latest: maintenanceEntrySchema.nullable().meta({ description: 'the newest entry that is not for later' }),
  })
  .meta({ id: 'MaintenanceStatus' });
export type MaintenanceStatus = z.infer<typeof maintenanceStatusSchema>;

/**
 * Pauses (at once, or from `startsAt` on; until `endsAt`, or until somebody says otherwise) or says that work goes on,
 * which ends every pause that counts now and leaves those to come. A `startsAt` that has passed means at once.
 */
export const maintenanceChangeSchema = z
  .strictObject({
    paused: z.boolean(),
    reason: label(limits.shortText).meta({ examples: ['Upgrade of the store'] }),
    startsAt: instant.optional(),
    endsAt: instant.optional(),
    configurations: z
      .array(label(limits.tag))
      .min(1)
      .max(100)
      .optional()
      .meta({ description: 'only these; all that can be paused when left out' }),
  })
  .superRefine(({ paused, startsAt, endsAt, ...rest }, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (startsAt !== undefined && endsAt !== undefined && endsAt <= startsAt)
      fault('endsAt', 'must be after startsAt');
    if (paused) return;
    for (const [name, value] of Object.entries({ startsAt, endsAt, configurations: rest.configurations }))
      if (value !== undefined) fault(name, 'is for a pause alone');
  })
  .meta({ id: 'MaintenanceChange' });
export type MaintenanceChange = z.infer<typeof maintenanceChangeSchema>;
/** The same as the caller writes it: moments as ISO 8601. */
export type MaintenanceChangeBody = z.input<typeof maintenanceChangeSchema>;
