import { z } from 'zod';
import { timeLeftSchema } from './job.ts';
import { limits } from './limits.ts';
import { jobStatuses, stepStatuses } from './status.ts';
import { instant, isoInstant, prose, rowId } from './text.ts';

export const shareCreateSchema = z
  .strictObject({
    jobId: rowId,
    expiresAt: instant.optional().meta({ description: 'In 30 days when left out; in 366 at most' }),
    note: prose(limits.shortText).optional().meta({ description: 'Whom it is for; they do not see it' }),
  })
  .meta({ id: 'ShareCreate' });

/** A link by which anybody follows one job, as it is listed: its tokens are shown once, when it is made. */
export const shareSchema = z
  .object({
    id: rowId,
    jobId: rowId,
    note: z.string().nullable(),
    createdAt: isoInstant,
    createdBy: z.string(),
    expiresAt: isoInstant,
    revokedAt: isoInstant.nullable(),
  })
  .meta({ id: 'Share' });
export type Share = z.infer<typeof shareSchema>;

export const shareMadeSchema = shareSchema
  .extend({
    link: z
      .string()
      .meta({ description: 'Shown once: the page of its progress, for whoever has the address' }),
    badge: z.string().meta({ description: 'Shown once: an SVG of percent and word, for web pages' }),
  })
  .meta({ id: 'ShareMade' });
export type ShareMade = z.infer<typeof shareMadeSchema>;

/**
 * What whoever has the link is shown of a job: how it goes, in plain words. No ids, no people, no messages, no errors:
 * nothing that says how it works.
 */
export const sharedProgressSchema = z
  .object({
    name: z.string(),
    status: z.enum(jobStatuses),
    progress: z.number(),
    steps: z.array(
      z.object({ name: z.string(), status: z.enum(stepStatuses), percent: z.number().nullable() }),
    ),
    timeLeft: timeLeftSchema.nullable(),
    submittedAt: isoInstant,
    startedAt: isoInstant.nullable(),
    endedAt: isoInstant.nullable(),
    updatedAt: isoInstant,
    expiresAt: isoInstant.meta({ description: 'Until when the link is good' }),
  })
  .meta({ id: 'SharedProgress' });
export type SharedProgress = z.infer<typeof sharedProgressSchema>;
