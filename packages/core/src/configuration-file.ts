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
import { countIssues, plainIssues } from './configuration-problems.ts';
import { faultPath } from './errors.ts';
import { Findings } from './findings.ts';
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
 * A file is checked list by list, what is in a list apart from what it is in: Zod says nothing of what is in a list that
 * is too long, and gives up on a list with hundreds of thousands of faults in it.
 */
const fileFrame = fileSchema.extend({ job_configs: z.array(z.unknown()).max(mostJobs) });
const stepFrame = fileStepSchema.extend({
  metadata_configurations: z.array(z.unknown()).max(configurationLimits.metadataPerStep).optional(),
});
const jobFrame = fileConfigurationSchema.extend({
  step_configurations: z.array(z.unknown()).max(configurationLimits.steps),
});

/** The lists of a file, each within an item of the one before; `noun` where their tags must differ. */
const lists: readonly { field: string; items: z.ZodType; noun?: string }[] = [
  { field: 'job_configs', items: z.array(jobFrame), noun: 'job' },
  { field: 'step_configurations', items: z.array(stepFrame), noun: 'step' },
  { field: 'metadata_configurations', items: z.array(metadataConfigurationSchema) },
];
/** Items that Zod is asked about at once: an error object for each would take longer than the look. */
const AT_ONCE = 200;

/** What is wrong in a file: where (JSON path, line and column from 1) and what, for people. */
export interface ConfigurationProblem extends TextPosition {
  /** E.g. `job_configs[0].step_configurations[2].points`; empty for the file itself. */
  readonly path: string;
  readonly message: string;
}

export type ConfigurationFile =
  | { readonly configurations: readonly Configuration[]; readonly problems?: undefined }
  | {
      /** The first thousand; what more there is is said by the last. */
      readonly problems: readonly ConfigurationProblem[];
      /** How many there are in all. */
      readonly count: number;
      readonly configurations?: undefined;
    };

/**
 * Reads a configuration file. Either everything is right and its configurations come back, or every problem does, in
 * the order of the file: slips of the syntax too, as far as what follows them can still be made out.
 */
export function parseConfigurationFile(text: string): ConfigurationFile {
  if (text.length > configurationFileLimit) {
    const message = `is larger than ${configurationFileLimit / 1024 / 1024} MiB; split it into several files`;
    return { problems: [{ path: '', message, line: 1, column: 1 }], count: 1 };
  }
  const json = parseJsonText(text);
  const findings = new Findings(MAX_PROBLEMS);
  for (const { message, ...slip } of json.slips) findings.add({ ...slip, say: () => message });
  if (json.complete) check(json, findings);
  if (findings.count === 0)
    return { configurations: fileSchema.parse(json.value).job_configs.map(fromFileConfiguration) };
  return { problems: positioned(findings, text), count: findings.count };
}

function positioned(findings: Findings, text: string): ConfigurationProblem[] {
  const positionOf = linesOf(text);
  const { first, next } = findings.inOrder();
  const problems = first.map(({ path, say, offset }) => ({
    path: faultPath(path),
    message: say(),
    ...positionOf(offset),
  }));
  if (next === undefined) return problems;
  const message = `and ${findings.count - first.length} more problems`;
  return [...problems, { path: '', message, ...positionOf(next.offset) }];
}

function check(json: JsonText, findings: Findings): void {
  const issues = issuesOf(fileFrame, json.value);
  for (const { path, say, part } of plainIssues(issues, json.value, fileFrame))
    findings.add({ path, say, offset: json.offsetOf(path, part) });
  checkList(json, findings, json.value, [], 0);
}

/** What is wrong with the items of a list, and with the lists within them, in the order of the file. */
function checkList(json: JsonText, findings: Findings, owner: unknown, at: JsonPath, depth: number): void {
  const list = lists[depth];
  const items = list === undefined ? [] : listOf(owner, list.field);
  if (list === undefined || items.length === 0) return;
  const path = [...at, list.field];
  if (list.noun !== undefined) checkTags(json, findings, items, path, list.noun);
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const some = items.slice(from, from + AT_ONCE);
    if (findings.isFull(json.offsetOf([...path, from]))) findings.count += countIssues(list.items, some);
    else
      for (const issue of plainIssues(issuesOf(list.items, some), some, list.items)) {
        const [index, ...rest] = issue.path;
        const whole = [...path, from + Number(index), ...rest];
        findings.add({ path: whole, say: issue.say, offset: json.offsetOf(whole, issue.part) });
      }
    for (const [index, item] of some.entries())
      if (typeof item === 'object') checkList(json, findings, item, [...path, from + index], depth + 1);
  }
}

/** Tags are compared on what was written, so that they are told even where other fields are wrong too. */
function checkTags(
  json: JsonText,
  findings: Findings,
  items: readonly unknown[],
  at: JsonPath,
  noun: string,
): void {
  const tags = items
    .map((item) => fieldOf(item, 'tag'))
    .map((value) => (typeof value === 'string' ? value : undefined));
  for (const { index, first } of repeated(tags)) {
    const path = [...at, index, 'tag'];
    const say = () => `is the tag of ${noun} ${first + 1} already; tags must differ`;
    findings.add({ path, say, offset: json.offsetOf(path) });
  }
}

function issuesOf(schema: z.ZodType, value: unknown): readonly z.core.$ZodIssue[] {
  return schema.safeParse(value).error?.issues ?? [];
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
