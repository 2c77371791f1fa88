import { z } from 'zod';
import { jobSorts } from './job-sort.ts';
import { limits } from './limits.ts';
import { querySchema } from './query.ts';
import { jobStatuses, stepStatuses } from './status.ts';
import { instant, isoInstant, jsonObject, label, line, prose, rowId } from './text.ts';
import { analysisStatuses, assessments } from './verdict.ts';

export { type AnalysisStatus, type Assessment, analysisStatuses, assessments } from './verdict.ts';

/** Who runs a job (design.md §1): only `claimed` jobs are ever handed out, leased or requeued by us. */
export const executions = ['claimed', 'reported', 'watched'] as const;
export type Execution = (typeof executions)[number];

const tag = label(limits.tag);
const tags = z.array(tag).max(limits.tagsPerJob);
const path = line(limits.path);
const longText = prose(limits.longText);

/** Which recipe: its tag (the latest version), or tag and version. */
export const configurationReference = z.union([
  tag,
  z.strictObject({ tag, version: label(limits.tag).optional() }),
]);

/** A base run: the external id of an earlier job (`1234567`), or `#17` for the id 17. */
const baseRun = label(limits.name);

/** A step of a job that brings its own steps instead of a configuration. */
const ownStep = z.strictObject({
  tag,
  name: label(limits.name).optional(),
  points: z.number().positive().max(1e9).optional().meta({ description: 'Weight; 1 when left out' }),
});

export const jobCreateSchema = z
  .strictObject({
    name: label(limits.name).optional().meta({ description: "The configuration's name when left out" }),
    configuration: configurationReference.optional(),
    steps: z.array(ownStep).max(limits.stepsPerConfiguration).optional(),
    kind: tag.optional().meta({ description: 'simulation, import, ingest, script, …', examples: ['script'] }),
    execution: z.enum(executions).optional().meta({ description: 'reported when left out' }),
    status: z.enum(jobStatuses).optional().meta({ description: 'queued when left out' }),
    externalId: label(limits.name).optional(),
    source: tag.optional(),
    target: label(limits.name).optional(),
    operation: tag.optional(),
    parameters: jsonObject.optional(),
    context: jsonObject.optional(),
    metadata: jsonObject.optional(),
    project: tag.optional(),
    user: label(limits.name).optional(),
    customer: label(limits.name).optional(),
    parentId: rowId.optional(),
    endsWithChildren: z.boolean().optional().meta({
      description: 'Ends when its last child has ended, as its children did; false when left out',
    }),
    maxFailedChildren: z.int().min(0).max(1_000_000).optional().meta({
      description: 'With endsWithChildren: how many children may fail before it fails, too; 0 when left out',
    }),
    maxAttempts: z.int().min(1).max(1_000).optional(),
    priority: z.int().min(-1_000_000).max(1_000_000).optional(),
    runAfter: instant.optional(),
    solver: label(limits.shortText).optional(),
    submitDirectory: path.optional(),
    jobDirectory: path.optional(),
    logFile: path.optional(),
    readmeFile: path.optional(),
    info: longText.optional(),
    analysisStatus: z.enum(analysisStatuses).optional(),
    assessment: z.enum(assessments).nullable().optional(),
    summary: longText.optional(),
    tags: tags.optional(),
    baseRuns: z.array(baseRun).max(limits.baseRunsPerJob).optional(),
    submittedAt: instant.optional(),
    startedAt: instant.optional(),
    endedAt: instant.optional(),
  })
  .refine((job) => job.name !== undefined || job.configuration !== undefined, {
    path: ['name'],
    message: 'give a name or a configuration',
  })
  .refine((job) => job.steps === undefined || job.configuration === undefined, {
    path: ['steps'],
    message: 'a job with a configuration takes its steps from there',
  })
  .refine((job) => new Set(job.steps?.map((step) => step.tag)).size === (job.steps?.length ?? 0), {
    path: ['steps'],
    message: 'tags of steps must differ',
  })
  .refine(
    ({ startedAt, endedAt }) => !(endedAt !== undefined && startedAt !== undefined && endedAt < startedAt),
    {
      path: ['endedAt'],
      message: 'must not be before startedAt',
    },
  )
  .refine((job) => job.maxFailedChildren === undefined || job.endsWithChildren === true, {
    path: ['maxFailedChildren'],
    message: 'is for jobs with endsWithChildren',
  })
  .meta({ id: 'JobCreate' });
export type JobCreate = z.infer<typeof jobCreateSchema>;
export type JobCreateBody = z.input<typeof jobCreateSchema>;

/**
 * What people edit. `version` (or `If-Match`) is the version that they saw. `status` is a correction: it says how an
 * ended job really ended.
 */
export const jobPatchSchema = z
  .strictObject({
    version: z.int().min(1).optional(),
    status: z.enum(jobStatuses).optional(),
    info: longText.optional(),
    analysisStatus: z.enum(analysisStatuses).optional(),
    assessment: z.enum(assessments).nullable().optional(),
    summary: longText.optional(),
    tags: tags.optional(),
    baseRuns: z.array(baseRun).max(limits.baseRunsPerJob).optional(),
  })
  .meta({ id: 'JobPatch' });
export type JobPatch = z.infer<typeof jobPatchSchema>;

export const stepSchema = z
  .object({
    tag: z.string(),
    name: z.string(),
    points: z.number(),
    status: z.enum(stepStatuses),
    percent: z.number().nullable(),
    message: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()).nullable(),
    startedAt: isoInstant.nullable(),
    endedAt: isoInstant.nullable(),
  })
  .meta({ id: 'Step' });
export type Step = z.infer<typeof stepSchema>;

export const baseRunSchema = z
  .object({
    externalId: z.string().nullable(),
    id: z.int().nullable().meta({ description: 'null while the base run is not known yet' }),
  })
  .meta({ id: 'BaseRun' });

/** Time left in seconds: as likely as not, and the range that it lies in most of the time. */
export const timeLeftSchema = z
  .object({
    likely: z.number(),
    low: z.number(),
    high: z.number(),
    basis: z.enum(['history', 'points', 'percent']),
    usualError: z.number().optional().meta({
      description:
        'Seconds; four in five past jobs of its configuration ended this close to what was said when they were as far',
    }),
  })
  .meta({ id: 'TimeLeft' });

/** A job as lists and the stream show it: everything but the bulky fields. */
export const jobSummarySchema = z
  .object({
    id: rowId,
    externalId: z.string().nullable(),
    source: z.string().nullable(),
    execution: z.enum(executions),
    kind: z.string(),
    name: z.string(),
    configuration: z.object({ tag: z.string(), version: z.string() }).nullable(),
    status: z.enum(jobStatuses),
    step: z.string().nullable(),
    progress: z.number(),
    stalled: z.boolean(),
    error: z.string().nullable(),
    target: z.string().nullable(),
    operation: z.string().nullable(),
    project: z.string().nullable(),
    user: z.string().nullable(),
    customer: z.string().nullable(),
    parentId: z.int().nullable(),
    attempt: z.int(),
    maxAttempts: z.int(),
    priority: z.int(),
    runAfter: isoInstant.nullable(),
    solver: z.string().nullable(),
    submitDirectory: z.string().nullable(),
    jobDirectory: z.string().nullable(),
    logFile: z.string().nullable(),
    readmeFile: z.string().nullable(),
    info: z.string(),
    analysisStatus: z.enum(analysisStatuses),
    assessment: z.enum(assessments).nullable(),
    summary: z.string(),
    tags: z.array(z.string()),
    submittedAt: isoInstant,
    startedAt: isoInstant.nullable(),
    endedAt: isoInstant.nullable(),
    createdAt: isoInstant,
    updatedAt: isoInstant,
    estimatedEndAt: isoInstant.nullable(),
    version: z.int(),
  })
  .meta({ id: 'JobSummary' });
export type JobSummary = z.infer<typeof jobSummarySchema>;

/** A job, whole. */
export const jobSchema = jobSummarySchema
  .extend({
    steps: z.array(stepSchema),
    parameters: z.record(z.string(), z.unknown()).nullable(),
    context: z.record(z.string(), z.unknown()).nullable(),
    metadata: z.record(z.string(), z.unknown()).nullable(),
    baseRuns: z.array(baseRunSchema),
    timeLeft: timeLeftSchema.nullable(),
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof jobSchema>;

/** Several values of one filter: repeated or comma-separated; any of them may match. An empty one is no filter. */
function several<T extends z.ZodType<string, string>>(one: T) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((value) => {
      const values = [value]
        .flat()
        .flatMap((each) => each.split(','))
        .filter(Boolean);
      return values.length > 0 ? values : undefined;
    })
    .pipe(z.array(one).max(100).optional());
}

const flag = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');

/** The plain filters of a list of jobs, as query parameters. */
export const jobFilterShape = {
  q: querySchema.optional(),
  status: several(z.enum(jobStatuses)).optional(),
  kind: several(tag).optional(),
  project: several(tag).optional(),
  user: several(line(limits.shortText)).optional(),
  solver: several(line(limits.shortText)).optional(),
  configuration: several(tag).optional(),
  configurationVersion: several(line(limits.tag)).optional(),
  source: several(tag).optional(),
  tag: several(tag).optional(),
  target: several(line(limits.name)).optional(),
  analysisStatus: several(z.enum(analysisStatuses)).optional(),
  assessment: several(z.enum([...assessments, 'none'])).optional(),
  execution: several(z.enum(executions)).optional(),
  externalId: several(line(limits.name)).optional(),
  parentId: z.coerce.number().int().min(1).optional(),
  stalled: flag.optional(),
  submittedAfter: instant.optional(),
  submittedBefore: instant.optional(),
};
export const jobFilterSchema = z.strictObject(jobFilterShape);
export type JobFilter = z.infer<typeof jobFilterSchema>;

export const jobListQuerySchema = z.strictObject({
  ...jobFilterShape,
  limit: z.coerce.number().int().min(1).max(limits.pageSize).default(limits.defaultPageSize),
  cursor: z.string().max(500).optional(),
  sort: z.enum(jobSorts).default('-id'),
  total: flag.optional().meta({ description: 'Also count, up to 10,000' }),
});
export type JobListQuery = z.infer<typeof jobListQuerySchema>;
