import { z } from 'zod';
import { limits } from './limits.ts';
import { jobStatuses, stepStatuses } from './status.ts';
import { instant, jsonObject, label, line, printed, prose } from './text.ts';

/**
 * What a source sees of one job at one moment: whatever its kind, this is what it tells (docs/sources.md). Times are
 * ISO 8601 on the wire, milliseconds inside. What is left out is not known, and changes nothing.
 */

const tag = label(limits.tag);
const path = line(limits.path);

const seenStep = z.strictObject({
  tag,
  name: label(limits.name).optional(),
  points: z.number().positive().max(1e9).optional(),
  status: z.enum(stepStatuses).optional(),
  percent: z.number().min(0).max(100).optional(),
  message: printed(limits.message).optional(),
});

export const sightingSchema = z
  .strictObject({
    externalId: label(limits.name).meta({ description: 'The number or name that the job has there' }),
    submittedAt: instant
      .optional()
      .meta({ description: 'Tells jobs of one externalId apart: numbers of schedulers wrap' }),
    name: label(limits.name),
    kind: tag.optional(),
    status: z.enum(jobStatuses),
    at: instant.optional().meta({ description: 'When it last changed, by the clock over there' }),
    startedAt: instant.optional(),
    endedAt: instant.optional(),
    tries: z.int().min(0).optional().meta({ description: 'How often it was tried again' }),
    maxTries: z.int().min(0).max(999).optional(),
    percent: z.number().min(0).max(100).optional(),
    steps: z.array(seenStep).max(limits.stepsPerJob).optional(),
    errors: z
      .array(printed(limits.message))
      .optional()
      .meta({ description: 'All that went wrong, the oldest first' }),
    configuration: tag
      .optional()
      .meta({ description: 'Taken if there is one of this tag with the same steps' }),
    parentExternalId: label(limits.name).optional(),
    context: jsonObject.optional(),
    metadata: jsonObject.optional(),
    project: tag.optional(),
    user: label(limits.name).optional(),
    customer: label(limits.name).optional(),
    solver: label(limits.shortText).optional(),
    submitDirectory: path.optional(),
    jobDirectory: path.optional(),
    logFile: path.optional(),
    readmeFile: path.optional(),
    info: prose(limits.longText).optional(),
    baseRuns: z.array(label(limits.name)).max(limits.baseRunsPerJob).optional(),
  })
  .refine((seen) => new Set(seen.steps?.map((step) => step.tag)).size === (seen.steps?.length ?? 0), {
    path: ['steps'],
    message: 'tags of steps must differ',
  })
  .meta({ id: 'Sighting', description: 'What a source sees of a job' });
export type Sighting = z.infer<typeof sightingSchema>;
export type SeenStep = NonNullable<Sighting['steps']>[number];

/** Machine facts that a source may learn after it has first seen a job; people write none of them. */
export const learnedFields = [
  'name',
  'user',
  'solver',
  'submitDirectory',
  'jobDirectory',
  'logFile',
  'readmeFile',
] as const;
export type LearnedField = (typeof learnedFields)[number];
