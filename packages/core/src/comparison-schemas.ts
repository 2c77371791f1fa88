import { z } from 'zod';
import { comparisonGroups, comparisonLimits } from './comparison-words.ts';
import { rowId } from './text.ts';

export const comparisonRowSchema = z
  .object({
    group: z.enum(comparisonGroups),
    name: z.string().meta({ description: 'of the field; of JSON its path, `mesh.size`; of a step its name' }),
    values: z
      .array(z.unknown())
      .meta({ description: 'per job; null where it has none. Times and steps are seconds' }),
    differs: z.boolean(),
  })
  .meta({ id: 'ComparisonRow' });
export type ComparisonRow = z.infer<typeof comparisonRowSchema>;

export const comparisonSchema = z
  .object({
    jobs: z.array(z.object({ id: rowId, externalId: z.string().nullable(), name: z.string() })),
    rows: z.array(comparisonRowSchema),
    more: z.boolean().meta({ description: `rows beyond ${comparisonLimits.rows} were left out` }),
  })
  .meta({ id: 'Comparison' });
export type Comparison = z.infer<typeof comparisonSchema>;

/** One field in which a job differs from its base run. */
export const differenceSchema = z
  .object({ group: z.enum(comparisonGroups), name: z.string(), from: z.unknown(), to: z.unknown() })
  .meta({ id: 'Difference' });
export type Difference = z.infer<typeof differenceSchema>;
