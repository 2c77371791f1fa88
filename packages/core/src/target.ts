import { z } from 'zod';
import { limits } from './limits.ts';
import { jobStatuses } from './status.ts';
import { isoInstant, label, line, rowId } from './text.ts';

/** What jobs change, at most one active job at a time (design.md §1). */

export const targetSchema = z
  .object({
    name: z.string(),
    group: z.string().nullable().meta({ description: 'targets of a group share a limit of the queue' }),
    activeJobId: rowId.nullable().meta({ description: 'the job that holds it now' }),
    lastJob: z
      .object({
        id: rowId,
        name: z.string(),
        status: z.enum(jobStatuses),
        operation: z.string().nullable(),
        user: z.string().nullable(),
        at: isoInstant.meta({ description: 'when it last changed' }),
      })
      .meta({ description: 'the newest of its jobs that you may see' }),
    updatedAt: isoInstant,
  })
  .meta({ id: 'Target' });
export type Target = z.infer<typeof targetSchema>;

export const targetPatchSchema = z
  .strictObject({
    group: label(limits.tag).nullable().meta({ description: 'null takes it out of its group' }),
  })
  .meta({ id: 'TargetPatch' });
export type TargetPatch = z.infer<typeof targetPatchSchema>;

export const targetListQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(limits.pageSize).default(limits.defaultPageSize),
  cursor: z.string().max(2_000).optional(),
  q: line(limits.name).optional().meta({ description: 'beginning of the name' }),
  status: z.enum(jobStatuses).optional().meta({ description: 'of its last job' }),
  group: label(limits.tag).optional(),
});
export type TargetListQuery = z.infer<typeof targetListQuerySchema>;
