import {
  configurationLimits,
  defaultVersion,
  type FileConfigurationBody,
  fileConfigurationSchema,
  jsonObject,
  label,
  limits,
  printed,
  prose,
  repeated,
  versionSchema,
} from '@daybook/core';
import { z } from 'zod';
import { jobWords, statusOfKind, studyWords, type Vocabulary } from './words.ts';

/*
 * Bodies and queries of this surface. Fields that are not known are left alone, and null beside what is said counts as
 * not said, as the old service did.
 */

const maybe = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

const fileStep = fileConfigurationSchema.shape.step_configurations.element.shape;
const wireStep = z.object({
  ...fileStep,
  metadata_configurations: maybe(
    z
      .array(
        z.object({
          name: label(limits.name),
          units: maybe(printed(configurationLimits.units)),
          kind: maybe(printed(configurationLimits.kind)),
        }),
      )
      .max(configurationLimits.metadataPerStep),
  ),
});

/** A configuration as clients send it: the file's spelling. */
export const configurationBody = z
  .object({
    name: fileConfigurationSchema.shape.name,
    tag: fileConfigurationSchema.shape.tag,
    version: versionSchema.nullish().transform((value) => value ?? defaultVersion),
    step_configurations: z.array(wireStep).max(limits.stepsPerConfiguration),
  })
  .superRefine(({ step_configurations }, context) => {
    for (const { index, first } of repeated(step_configurations.map((step) => step.tag)))
      context.addIssue({
        code: 'custom',
        path: ['step_configurations', index, 'tag'],
        message: `is the tag of step ${first + 1} already; tags must differ`,
      });
  })
  .transform(
    (body): FileConfigurationBody => ({
      ...body,
      step_configurations: body.step_configurations.map(({ metadata_configurations: metadata, ...step }) => ({
        ...step,
        ...(metadata !== undefined && { metadata_configurations: metadata.map(withoutGaps) }),
      })),
    }),
  );

function withoutGaps({
  name,
  units,
  kind,
}: {
  name: string;
  units?: string | undefined;
  kind?: string | undefined;
}) {
  return { name, ...(units !== undefined && { units }), ...(kind !== undefined && { kind }) };
}

/** A number or a text; kept as text. */
const reference = z
  .union([label(limits.name), z.int()], 'must be a text or a whole number')
  .transform(String);
const id = z
  .union([z.int().min(1), z.string().regex(/^[1-9]\d{0,14}$/)], 'must be the number that was answered')
  .transform(Number);
const kind = z
  .string()
  .refine(
    (value) => statusOfKind(value) !== undefined,
    'must be step, Pending, In progress, Complete or Error',
  );

/** Says what the caller calls a job, and the job's id in those words. */
function inTheirWords(
  body: { provider_job_id?: string | undefined; provider_study_id?: string | undefined },
  context: z.RefinementCtx,
): { words: Vocabulary; providerJobId: string } {
  const words =
    body.provider_job_id === undefined && body.provider_study_id !== undefined ? studyWords : jobWords;
  const providerJobId = body[words.id];
  if (providerJobId !== undefined) return { words, providerJobId };
  context.addIssue({ code: 'custom', path: [words.id], message: 'is missing' });
  return z.NEVER;
}

const ids = { provider_job_id: maybe(reference), provider_study_id: maybe(reference) };

/** What `POST /tracker/jobs` and `/tracker/studies` take. */
export const newJobBody = z
  .object({
    ...ids,
    customer_id: maybe(reference),
    hospital_id: maybe(reference),
    provider_job_name: maybe(label(limits.name)),
    provider_study_name: maybe(label(limits.name)),
    tag: maybe(label(limits.name)),
  })
  .transform((body, context) => {
    const name = body.provider_job_name ?? body.provider_study_name;
    if (name === undefined && body.tag === undefined)
      context.addIssue({ code: 'custom', path: ['tag'], message: 'say a tag or a name' });
    const customer = body.customer_id ?? body.hospital_id;
    return { ...inTheirWords(body, context), customer, name, tag: body.tag };
  });
export type NewTrackerJob = z.output<typeof newJobBody>;

/** What `POST /tracker/events` takes. */
export const eventBody = z
  .object({
    ...ids,
    kind,
    name: maybe(label(limits.tag)),
    tag: maybe(label(limits.tag)),
    event_metadata: maybe(jsonObject),
  })
  .transform(({ name, tag, kind, event_metadata: metadata, ...body }, context) => {
    const step = tag ?? name;
    if (step === undefined) {
      context.addIssue({ code: 'custom', path: ['name'], message: 'say the tag of the step' });
      return z.NEVER;
    }
    return { ...inTheirWords(body, context), kind, step, metadata };
  });
export type TrackerEvent = z.output<typeof eventBody>;

/** What `POST /tracker/update_event` takes. */
export const updateBody = z.object({ kind, id, event_metadata: maybe(jsonObject) });

export const configurationsQuery = z.object({
  tag: label(limits.tag).optional(),
  version: label(limits.tag).optional(),
});
export const jobsQuery = z.object({
  provider_job_id: printed(limits.shortText).optional(),
  provider_study_id: printed(limits.shortText).optional(),
});
export const idParams = z.object({ id: z.string() });

export const keyBody = z.object({ note: maybe(prose(limits.shortText)) });
export const loginForm = z.object({ username: printed(limits.tag).min(1), password: printed(1_000).min(1) });
