import { z } from 'zod';
import { isoInstant } from './text.ts';

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
