import { z } from 'zod';
import { isoInstant, rowId } from './text.ts';

/** What people say of a job, field by field (design.md §1, annotation). */
export const humanFields = ['info', 'summary', 'analysisStatus', 'assessment', 'tags', 'baseRuns'] as const;
export type HumanField = (typeof humanFields)[number];

/**
 * One field that a person changed: of a text, tags or base runs the whole value before and after. `status` is a
 * correction of how the job ended.
 */
export const fieldChangeSchema = z
  .object({
    eventId: rowId.meta({ description: 'The fact that says so; fields changed together share it' }),
    field: z.enum([...humanFields, 'status']),
    from: z.unknown(),
    to: z.unknown(),
    actor: z.string().nullable(),
    at: isoInstant,
  })
  .meta({ id: 'FieldChange' });
export type FieldChange = z.infer<typeof fieldChangeSchema>;
