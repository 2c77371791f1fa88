import { z } from 'zod';
import { bulkFilterSchema, bulkLimits, refuseUnclearChoice } from './bulk-action.ts';
import { analysisStatuses, assessments } from './job.ts';
import { limits } from './limits.ts';
import { label, rowId } from './text.ts';

/*
 * What people say of many jobs at once. Every edit can be undone by whoever made it: what was there comes back where
 * nobody has changed it since.
 */

const tags = z.array(label(limits.tag)).max(limits.tagsPerJob);

export const bulkChangesSchema = z
  .strictObject({
    analysisStatus: z.enum(analysisStatuses).optional(),
    assessment: z.enum(assessments).nullable().optional(),
    addTags: tags.optional(),
    removeTags: tags.optional(),
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), 'say what to change');
export type BulkChanges = z.infer<typeof bulkChangesSchema>;

export const bulkEditSchema = z
  .strictObject({
    filter: bulkFilterSchema
      .optional()
      .meta({ description: 'the filters of the list of jobs, by the same names; an empty one is refused' }),
    ids: z.array(rowId).min(1).max(bulkLimits.jobs).optional(),
    changes: bulkChangesSchema,
    dryRun: z.boolean().optional().meta({ description: 'only say what would be done' }),
  })
  .superRefine(refuseUnclearChoice)
  .meta({ id: 'BulkEdit' });
export type BulkEdit = z.infer<typeof bulkEditSchema>;
export type BulkEditBody = z.input<typeof bulkEditSchema>;

/** Why a job that is meant is left as it is. */
export const editSkips = ['not_found', 'unchanged', 'too_many_tags'] as const;
export type EditSkip = (typeof editSkips)[number];

const skipped = z.array(z.object({ reason: z.enum(editSkips), count: z.int() }));
const more = z.boolean().meta({ description: `more jobs match than the ${bulkLimits.jobs} of one call` });

export const bulkEditPreviewSchema = z
  .object({
    matches: z.int().meta({ description: 'jobs that are meant' }),
    applicable: z.int().meta({ description: 'of them, those that would be changed' }),
    skipped,
    more,
  })
  .meta({ id: 'BulkEditPreview' });
export type BulkEditPreview = z.infer<typeof bulkEditPreviewSchema>;

const editId = z.int().nullable().meta({ description: 'by which it is undone; null if nothing changed' });
const interrupted = z
  .string()
  .optional()
  .meta({ description: 'why it ended half-way; what is counted is done, the rest is as it was' });

export const bulkEditOutcomeSchema = z
  .object({ edit: editId, changed: z.int(), skipped, more, interrupted })
  .meta({ id: 'BulkEditOutcome' });
export type BulkEditOutcome = z.infer<typeof bulkEditOutcomeSchema>;

/** What an edit can change. */
export const bulkFields = ['analysisStatus', 'assessment', 'tags'] as const;
export type BulkField = (typeof bulkFields)[number];

export const undoOutcomeSchema = z
  .object({
    edit: editId.meta({ description: 'by which the undoing itself is undone; null if nothing was restored' }),
    restored: z.int().meta({ description: 'jobs of which something was restored' }),
    refused: z.int().meta({ description: 'jobs of which something was changed since, which stays' }),
    changedSince: z
      .array(z.object({ jobId: z.int(), fields: z.array(z.enum(bulkFields)) }))
      .meta({ description: 'the first 100 of those' }),
    interrupted,
  })
  .meta({ id: 'UndoOutcome' });
export type UndoOutcome = z.infer<typeof undoOutcomeSchema>;
