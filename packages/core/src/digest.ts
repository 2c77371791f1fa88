import { z } from 'zod';
import { assessments } from './job.ts';
import { limits } from './limits.ts';
import { jobStatuses } from './status.ts';
import { isoInstant, label, rowId } from './text.ts';

/* The digest: per project and week what ran, what failed, what people concluded, and what still waits for a verdict. */

export const digestLimits = {
  /** Those in which most happened. */
  projects: 50,
  /** Jobs that are named of each list; all are counted. */
  items: 10,
} as const;

export const digestQuerySchema = z.strictObject({
  week: z
    .string()
    .regex(/^\d{4}-W\d{2}$/, 'is no week, e.g. 2026-W05')
    .optional()
    .meta({ description: 'ISO 8601, `2026-W05`; this week when left out' }),
  project: label(limits.tag).optional(),
});
export type DigestQuery = z.infer<typeof digestQuerySchema>;

export const digestJobSchema = z
  .object({
    id: rowId,
    externalId: z.string().nullable(),
    name: z.string(),
    status: z.enum(jobStatuses),
    assessment: z.enum(assessments).nullable(),
    user: z.string().nullable(),
    endedAt: isoInstant.nullable(),
    note: z.string().meta({ description: 'first line of the summary, else of the error' }),
  })
  .meta({ id: 'DigestJob' });
export type DigestJob = z.infer<typeof digestJobSchema>;

const list = z.object({ count: z.int(), items: z.array(digestJobSchema) });
export type DigestList = z.infer<typeof list>;

export const digestProjectSchema = z
  .object({
    project: z.string().nullable(),
    ended: z.partialRecord(z.enum(jobStatuses), z.int()).meta({ description: 'in this week, by how' }),
    jobs: z.int().meta({ description: 'all that ended in this week' }),
    failed: list.meta({ description: 'in this week' }),
    concluded: list.meta({ description: 'whose analysis somebody called done in this week' }),
    waiting: list.meta({ description: 'ended until the end of this week and not analysed yet' }),
  })
  .meta({ id: 'DigestProject' });
export type DigestProject = z.infer<typeof digestProjectSchema>;

export const digestSchema = z
  .object({
    week: z.string(),
    since: isoInstant,
    until: isoInstant,
    timeZone: z.string(),
    projects: z.array(digestProjectSchema),
  })
  .meta({ id: 'Digest' });
export type Digest = z.infer<typeof digestSchema>;
