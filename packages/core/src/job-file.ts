import { z } from 'zod';
import { isoInstant } from './text.ts';

/** Files of a job: what stands in its directory, to be looked at. */

/** Bounds of what is shown. */
export const jobFileLimits = {
  /** Entries of a directory that are listed. */
  entries: 2_000,
  /** Of a text that are sent at once, bytes. */
  text: 512 * 1024,
  /** Of an image, bytes. */
  image: 20 * 1024 * 1024,
} as const;

export const jobFileSchema = z
  .object({
    name: z.string(),
    path: z.string().meta({ description: 'below the directory of the job, for `path`' }),
    kind: z.enum(['directory', 'file']),
    size: z.int().nullable().meta({ description: 'bytes; null for directories' }),
    modifiedAt: isoInstant,
  })
  .meta({ id: 'JobFile' });
export type JobFile = z.infer<typeof jobFileSchema>;

export const jobFilesSchema = z
  .object({
    directory: z.string().meta({ description: 'of the job, as the server sees it' }),
    path: z.string(),
    items: z.array(jobFileSchema),
    more: z.boolean().meta({ description: 'true if there are more entries than are listed' }),
    log: jobFileSchema.nullable().meta({ description: 'the log file of the job, if it can be shown' }),
  })
  .meta({ id: 'JobFiles' });
export type JobFiles = z.infer<typeof jobFilesSchema>;
