import { z } from 'zod';
import { jobFilterSchema, jobFilterShape } from './job.ts';
import { limits } from './limits.ts';
import { prose, rowId } from './text.ts';

/** One deed on many jobs, by filter or by id. */

/** `requeue` takes running claimed jobs from their workers and lets others have them. */
export const bulkActions = ['retry', 'cancel', 'requeue'] as const;
export type BulkAction = (typeof bulkActions)[number];

/** Jobs of one call. A filter that matches more takes the oldest of them; ask again for the rest. */
const MOST_JOBS = 10_000;

/** As in an address, but JSON has truth values of its own. */
export const bulkFilterSchema = jobFilterSchema.extend({
  stalled: z.boolean().optional().or(jobFilterShape.stalled),
});

/** Which jobs are meant: either of the two, and never all jobs there are by mistake. */
export function refuseUnclearChoice(
  { filter, ids }: { filter?: object | undefined; ids?: readonly number[] | undefined },
  context: z.RefinementCtx,
): void {
  const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['filter'], message });
  if ((filter === undefined) === (ids === undefined)) refuse('give a filter or ids');
  else if (filter !== undefined && Object.values(filter).every((value) => value === undefined))
    refuse('must narrow the jobs: name at least one');
}

export const bulkActionSchema = z
  .strictObject({
    action: z.enum(bulkActions),
    filter: bulkFilterSchema
      .optional()
      .meta({ description: 'the filters of the list of jobs, by the same names; an empty one is refused' }),
    ids: z.array(rowId).min(1).max(MOST_JOBS).optional(),
    dryRun: z.boolean().optional().meta({ description: 'only say what would be done' }),
    message: prose(limits.shortText).optional(),
  })
  .superRefine(refuseUnclearChoice)
  .meta({ id: 'BulkAction' });
export type BulkActionInput = z.infer<typeof bulkActionSchema>;
export type BulkActionBody = z.input<typeof bulkActionSchema>;

/** Why a job that matches is left as it is. */
export const bulkSkips = [
  'not_found',
  'still_active',
  'already_ended',
  'not_running',
  'not_claimed',
  'target_busy',
] as const;
export type BulkSkip = (typeof bulkSkips)[number];

const skipped = z.array(z.object({ reason: z.enum(bulkSkips), count: z.int() }));

export const bulkPreviewSchema = z
  .object({
    matches: z.int().meta({ description: 'jobs that are meant' }),
    applicable: z.int().meta({ description: 'of them, those that would be changed' }),
    skipped,
    more: z.boolean().meta({ description: `more jobs match than the ${MOST_JOBS} of one call` }),
  })
  .meta({ id: 'BulkPreview' });
export type BulkPreview = z.infer<typeof bulkPreviewSchema>;

export const bulkOutcomeSchema = z
  .object({
    changed: z.int(),
    skipped,
    more: z.boolean().meta({ description: 'jobs that match are left for another call' }),
    interrupted: z
      .string()
      .optional()
      .meta({ description: 'why it ended half-way; what `changed` counts is done, the rest is as it was' }),
  })
  .meta({ id: 'BulkOutcome' });
export type BulkOutcome = z.infer<typeof bulkOutcomeSchema>;

export const bulkLimits = { jobs: MOST_JOBS } as const;
