import { z } from 'zod';
import {
  type Configuration,
  configurationLimits,
  configurationSchema,
  defaultVersion,
  metadataConfigurationSchema,
  repeated,
  stepConfigurationSchema,
} from './configuration.ts';
import { plainIssues } from './configuration-problems.ts';
import { faultPath } from './errors.ts';
import { type JsonPath, type JsonText, linesOf, parseJsonText, type TextPosition } from './json-text.ts';

/**
 * The configuration file of trackerapi: JSON with `job_configs`, snake_case, one file for any number of jobs. Its
 * configurations are those of configuration.ts; only the spelling differs.
 */

/** Largest file that is read, UTF-16 code units. Ten thousand jobs fit. */
export const configurationFileLimit = 10 * 1024 * 1024;
/** How many problems are told at once; nobody reads more. */
const MAX_PROBLEMS = 1_000;
const mostJobs = 10_000;

const { tag, name, points } = stepConfigurationSchema.shape;
const { version } = configurationSchema.shape;

const fileStepSchema = z
  .strictObject({
    name,
    tag: tag.meta({
      title: 'Tag',
      description: 'What the script calls the step; unique in its job',
      examples: ['say_hello'],
    }),
    points,
    metadata_configurations: z
      .array(metadataConfigurationSchema)
      .max(configurationLimits.metadataPerStep)
      .optional()
      .meta({ title: 'Metadata', description: 'Figures that the step reports' }),
  })
  .meta({ title: 'Step', description: 'One stage of the job' });

/** One configuration as the file and the `/tracker` dialect spell it. */
export const fileConfigurationSchema = z
  .strictObject({
    name,
    tag: tag.meta({
      title: 'Tag',
      description: 'What the script calls the job; unique in the file',
      examples: ['my_job'],
    }),
    version,
    step_configurations: z
      .array(fileStepSchema)
      .max(configurationLimits.steps)
      .meta({ title: 'Steps', description: 'The stages of the job, in their order' }),
  })
  .meta({ title: 'Job configuration', description: 'A kind of job: its name and its steps' });
export type FileConfiguration = z.infer<typeof fileConfigurationSchema>;
export type FileConfigurationBody = z.input<typeof fileConfigurationSchema>;

const example = {
  $schema: './job-configurations-schema.generated.json',
  job_configs: [
    {
      name: 'My Job',
      tag: 'my_job',
      version: '1.0.0',
      step_configurations: [
        { name: 'Say Hello', tag: 'say_hello', points: 10 },
        { name: 'Generate Random Number', tag: 'random_number', points: 15 },
        { name: 'Say Bye', tag: 'say_bye', points: 10 },
      ],
    },
  ],
};

const fileSchema = z
  .strictObject({
    $schema: z
      .string()
      .optional()
      .meta({ title: 'Schema', description: 'Where the generated JSON Schema is, for editors' }),
    job_configs: z
      .array(fileConfigurationSchema)
      .max(mostJobs)
      .meta({ title: 'Job configurations', description: 'Tags must differ within the file' }),
  })
  .meta({ title: 'JobConfigs', description: 'Job configurations for Daybook', examples: [example] });

/*
 * A file is checked piece by piece: Zod says nothing of what is in a list that is too long, and gives up on a list with
 * hundreds of thousands of faults in it.
 */
const fileFrame = fileSchema.extend({ job_configs: z.array(z.unknown()).max(mostJobs) });
const jobFrame = fileConfigurationSchema.extend({
  step_configurations: z.array(z.unknown()).max(configurationLimits.steps),
});

/** What is wrong in a file: where (JSON path, line and column from 1) and what, for people. */
export interface ConfigurationProblem extends TextPosition {
  /** E.g. `job_configs[0].step_configurations[2].points`; empty for the file itself. */
  readonly path: string;
  readonly message: string;
}

export type ConfigurationFile =
  | { readonly configurations: readonly Configuration[]; readonly problems?: undefined }
  | { readonly problems: readonly ConfigurationProblem[]; readonly configurations?: undefined };

interface Finding {
  readonly path: JsonPath;
  readonly message: string;
  readonly offset: number;
}

/**
 * Reads a configuration file. Either everything is right and its configurations come back, or every problem does, in
 * the order of the file: slips of the syntax too, as far as what follows them can still be made out.
 */
export function parseConfigurationFile(text: string): ConfigurationFile {
  if (text.length > configurationFileLimit) {
    const message = `is larger than ${configurationFileLimit / 1024 / 1024} MiB; split it into several files`;
    return { problems: [{ path: '', message, line: 1, column: 1 }] };
  }
  const json = parseJsonText(text);
  const findings = [...json.slips, ...(json.complete ? [...schemaFindings(json), ...tagFindings(json)] : [])];
  if (findings.length === 0)
    return { configurations: fileSchema.parse(json.value).job_configs.map(fromFileConfiguration) };
  return { problems: positioned(findings, text) };
}

function positioned(findings: Finding[], text: string): ConfigurationProblem[] {
  const positionOf = linesOf(text);
  const problems = findings
    .sort((a, b) => a.offset - b.offset)
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message, offset }) => ({ path: faultPath(path), message, ...positionOf(offset) }));
  const last = findings[MAX_PROBLEMS];
  if (last === undefined) return problems;
  const message = `and ${findings.length - MAX_PROBLEMS} more problems`;
  return [...problems, { path: '', message, ...positionOf(last.offset) }];
}

function schemaFindings(json: JsonText): Finding[] {
  return [
    ...pieceFindings(json, fileFrame, json.value, []),
    ...listOf(json.value, 'job_configs').flatMap((job, index) => [
      ...pieceFindings(json, jobFrame, job, ['job_configs', index]),
      ...listOf(job, 'step_configurations').flatMap((step, place) =>
        pieceFindings(json, fileStepSchema, step, ['job_configs', index, 'step_configurations', place]),
      ),
    ]),
  ];
}

function pieceFindings(json: JsonText, schema: z.ZodType, piece: unknown, at: JsonPath): Finding[] {
  const issues = schema.safeParse(piece).error?.issues ?? [];
  return plainIssues(issues, piece, schema).map((issue) => {
    const path = [...at, ...issue.path];
    return { path, message: issue.message, offset: json.offsetOf(path, issue.part) };
  });
}

/** Tags are compared on what was written, so that they are told even where other fields are wrong too. */
function tagFindings(json: JsonText): Finding[] {
  const jobs = listOf(json.value, 'job_configs');
  return [
    ...repeatedTags(json, jobs, ['job_configs'], 'job'),
    ...jobs.flatMap((job, index) =>
      repeatedTags(
        json,
        listOf(job, 'step_configurations'),
        ['job_configs', index, 'step_configurations'],
        'step',
      ),
    ),
  ];
}

function repeatedTags(json: JsonText, items: readonly unknown[], at: JsonPath, noun: string): Finding[] {
  const tags = items
    .map((item) => fieldOf(item, 'tag'))
    .map((value) => (typeof value === 'string' ? value : undefined));
  return repeated(tags).map(({ index, first }) => {
    const path = [...at, index, 'tag'];
    return {
      path,
      message: `is the tag of ${noun} ${first + 1} already; tags must differ`,
      offset: json.offsetOf(path),
    };
  });
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, field)
    ? (value as Readonly<Record<string, unknown>>)[field]
    : undefined;
}

function listOf(value: unknown, field: string): readonly unknown[] {
  const list = fieldOf(value, field);
  return Array.isArray(list) ? list : [];
}

/** The file's spelling to ours. */
export function fromFileConfiguration(file: FileConfigurationBody): Configuration {
  return {
    tag: file.tag,
    name: file.name,
    version: file.version ?? defaultVersion,
    steps: file.step_configurations.map(({ metadata_configurations: metadata, ...step }) => ({
      ...step,
      ...(metadata !== undefined && { metadata }),
    })),
  };
}

/** Our spelling to the file's. */
export function toFileConfiguration(configuration: Configuration): FileConfiguration {
  return {
    name: configuration.name,
    tag: configuration.tag,
    version: configuration.version,
    step_configurations: configuration.steps.map(({ metadata, ...step }) => ({
      name: step.name,
      tag: step.tag,
      points: step.points,
      ...(metadata !== undefined && { metadata_configurations: metadata }),
    })),
  };
}

/** The JSON Schema (2020-12) of the file, with titles, descriptions and examples for editors. */
export function configurationFileJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(fileSchema, { target: 'draft-2020-12', io: 'input' }) };
}
