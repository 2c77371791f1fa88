import { z } from 'zod';
import { isoInstant } from './text.ts';

/** How far a job was when its end was foretold, percent: where foretold ends are kept, to be held against the real ones. */
export const toldAt = [25, 50, 75] as const;
export type ToldAt = (typeof toldAt)[number];

const statistics = {
  samples: z.int().meta({ description: 'Past jobs that it was measured by' }),
  median: z.number().meta({ description: 'Seconds; half of them took less' }),
  p90: z.number().meta({ description: 'Seconds; nine of ten took less' }),
};

/** How wrong foretold ends were. */
export const estimateErrorSchema = z
  .object({
    percent: z
      .union(toldAt.map((percent) => z.literal(percent)))
      .meta({ description: 'How far the jobs were' }),
    jobs: z.int().meta({ description: 'Of how many past jobs' }),
    within: z
      .number()
      .meta({ description: 'Seconds; four in five ended this close to what was said, or closer' }),
    late: z.number().meta({
      description: 'Seconds; in the median they ended so much later than said (or sooner, negative)',
    }),
  })
  .meta({ id: 'EstimateError' });
export type EstimateError = z.infer<typeof estimateErrorSchema>;

/** What the last succeeded jobs of a configuration, of all of its versions, took. */
export const usualDurationsSchema = z
  .object({
    jobs: z.int().meta({ description: 'Past jobs that were asked, 200 at most' }),
    whole: z.object(statistics),
    steps: z.array(z.object({ tag: z.string(), ...statistics })),
    estimates: z.array(estimateErrorSchema).meta({
      description:
        'How far off the end was that was foretold at 25, 50 and 75 %; without what nobody foretold',
    }),
  })
  .meta({ id: 'UsualDurations' });
export type UsualDurations = z.infer<typeof usualDurationsSchema>;

/** What came of a configuration. */
export const configurationHistorySchema = usualDurationsSchema
  .extend({
    versions: z
      .array(
        z.object({
          version: z.string(),
          jobs: z.int().meta({ description: 'Of those that you may see' }),
          lastSubmittedAt: isoInstant.nullable(),
        }),
      )
      .meta({ description: 'Which versions were used, the highest first' }),
  })
  .meta({ id: 'ConfigurationHistory' });
export type ConfigurationHistory = z.infer<typeof configurationHistorySchema>;
