import { z } from 'zod';
import { limits } from './limits.ts';
import { printed } from './text.ts';

/**
 * A configuration: the named, versioned recipe of a kind of job (design.md §1). Its identity is provider, tag and
 * version; what it says (name and steps) never changes once it is stored.
 */

/** Bounds of a configuration; far above what people write, far below what would hurt. */
export const configurationLimits = {
  steps: limits.stepsPerConfiguration,
  metadataPerStep: 100,
  tag: limits.tag,
  name: limits.name,
  version: 100,
  units: 50,
  kind: 50,
  points: 1e9,
} as const;

/** The version of a configuration that names none. */
export const defaultVersion = '1.0.0';

const TAG = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_.:\-+@/ ]*[\p{L}\p{N}_])?$/u;
const LINE = /^(?=.*\S)[^\u0000-\u001f\u007f\p{Cs}]*$/u;
const VERSION = /^[^\s\u0000-\u001f\u007f\p{Cs}]+$/u;

/** What a program calls a thing. Generous, because tags of clients that exist already must stay valid. */
export const tagSchema = z
  .string()
  .max(configurationLimits.tag)
  .regex(
    TAG,
    'must be letters, digits, _ . : - + @ / or spaces, beginning and ending with a letter, digit or _',
  )
  .meta({
    title: 'Tag',
    description: 'What programs call it; unique among its kind',
    examples: ['say_hello'],
  });

const nameSchema = z
  .string()
  .max(configurationLimits.name)
  .regex(LINE, 'must be one line that is not empty')
  .meta({ title: 'Name', description: 'What people read', examples: ['Say Hello'] });

export const versionSchema = z
  .string()
  .max(configurationLimits.version)
  .regex(VERSION, 'must be a version without spaces, e.g. 1.0.0')
  .meta({
    title: 'Version',
    description: 'A semantic version; 1.0.0 when left out',
    examples: ['1.0.0', '1.2.0-beta.1'],
  });

export const pointsSchema = z
  .number()
  .positive()
  .max(configurationLimits.points)
  .meta({
    title: 'Points',
    description: 'How much of the work this step is, in any unit of its own',
    examples: [10],
  });

/** A figure that a step reports in its metadata, and how to show it. */
export const metadataConfigurationSchema = z
  .strictObject({
    name: nameSchema.meta({
      title: 'Name',
      description: 'Key in the metadata that the step reports',
      examples: ['Records'],
    }),
    units: printed(configurationLimits.units)
      .nullable()
      .optional()
      .meta({ title: 'Units', description: 'Unit of the figure, for people', examples: ['GB'] }),
    kind: printed(configurationLimits.kind)
      .nullable()
      .optional()
      .meta({
        title: 'Kind',
        description: 'What sort of value it is or how to show it',
        examples: ['number'],
      }),
  })
  .meta({ title: 'Metadata of a step' });
export type MetadataConfiguration = z.infer<typeof metadataConfigurationSchema>;

export const stepConfigurationSchema = z
  .strictObject({
    tag: tagSchema,
    name: nameSchema,
    points: pointsSchema,
    metadata: z.array(metadataConfigurationSchema).max(configurationLimits.metadataPerStep).optional(),
  })
  .meta({ title: 'Step' });
export type StepConfiguration = z.infer<typeof stepConfigurationSchema>;

/** A configuration in the native API. Unknown fields are refused; tags of steps differ. */
export const configurationSchema = z
  .strictObject({
    tag: tagSchema,
    name: nameSchema,
    version: versionSchema.default(defaultVersion),
    steps: z.array(stepConfigurationSchema).max(configurationLimits.steps),
  })
  .superRefine(({ steps }, context) => {
    for (const { index, first } of repeated(steps.map((step) => step.tag))) {
      context.addIssue({
        code: 'custom',
        path: ['steps', index, 'tag'],
        message: `is the tag of step ${first + 1} already`,
      });
    }
  })
  .meta({ id: 'ConfigurationBody', title: 'Configuration' });
export type Configuration = z.infer<typeof configurationSchema>;
export type ConfigurationBody = z.input<typeof configurationSchema>;

/** Where a list names something again: its index, and that of its first mention. */
export function repeated(names: readonly unknown[]): { index: number; first: number }[] {
  const seen = new Map<unknown, number>();
  return names.flatMap((name, index) => {
    const first = seen.get(name);
    if (first === undefined) seen.set(name, index);
    return first === undefined || name === undefined ? [] : [{ index, first }];
  });
}

/**
 * True if two configurations say the same: name, and steps in order with all they hold. Tag and version are what a
 * configuration is called, not what it says, so two versions may have the same content.
 */
export function sameContent(
  a: Pick<Configuration, 'name' | 'steps'>,
  b: Pick<Configuration, 'name' | 'steps'>,
): boolean {
  return contentOf(a) === contentOf(b);
}

/** JSON with its fields in one order, and absent and empty being the same. */
function contentOf({ name, steps }: Pick<Configuration, 'name' | 'steps'>): string {
  return JSON.stringify([
    name,
    steps.map((step) => [
      step.tag,
      step.name,
      step.points,
      (step.metadata ?? []).map((each) => [each.name, each.units ?? null, each.kind ?? null]),
    ]),
  ]);
}
