import { z } from 'zod';
import { isDay } from './calendar.ts';
import { jobFilterShape } from './job.ts';
import { statisticsGroups } from './statistics.ts';
import { jobStatuses } from './status.ts';
import { isoInstant } from './text.ts';

const day = z
  .string()
  .refine(isDay, 'is no day, e.g. 2026-01-31')
  .meta({ description: "a day in the diary's time zone", examples: ['2026-01-31'] });

export const statisticsQuerySchema = z.strictObject({
  ...jobFilterShape,
  from: day.optional().meta({ description: 'the first day; 29 days before the last when left out' }),
  to: day.optional().meta({ description: 'the last day; today when left out' }),
  per: z.enum(['day', 'week']).default('day'),
  by: z.enum(statisticsGroups).default('project'),
});
export type StatisticsQuery = z.infer<typeof statisticsQuerySchema>;

const figures = {
  ended: z.partialRecord(z.enum(jobStatuses), z.int()).meta({
    description: 'how many jobs ended, by how; statuses without any are left out',
  }),
  jobs: z.int().meta({ description: 'all that ended' }),
  waited: z.number().nullable().meta({ description: 'median seconds from submission to start' }),
  ran: z.number().nullable().meta({ description: 'median seconds from start to end' }),
};

export const figuresSchema = z.object(figures).meta({ id: 'Figures' });
export type Figures = z.infer<typeof figuresSchema>;

export const statisticsSchema = z
  .object({
    timeZone: z.string(),
    spans: z
      .array(z.object({ since: isoInstant, until: isoInstant, ...figures }))
      .meta({ description: 'every day or week, oldest first' }),
    groups: z
      .array(z.object({ value: z.string().nullable(), ...figures }))
      .meta({ description: 'those with the most jobs first' }),
    total: figuresSchema,
  })
  .meta({ id: 'Statistics' });
export type Statistics = z.infer<typeof statisticsSchema>;
