import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  builtInTicketTemplates,
  parseConfigurationFile,
  readTicketTemplate,
  type TicketTemplate,
  templateOfConfiguration,
} from '@daybook/core';
import { configurationProblemText } from '../tracker-api/errors.ts';
import { faultText, UnknownJobNameError } from './errors.ts';

/** Where the steps of a job come from, besides what is built in. */
export interface TemplateSources {
  /** A directory of JSON templates; `JSON_TEMPLATES_DIR` when left out. */
  readonly templatesDirectory?: string | undefined;
  /** A job configuration file (contracts/trackerapi.md): its jobs by their tags, their steps by theirs. */
  readonly configurationsFile?: string | undefined;
  /** Templates from elsewhere, e.g. the configurations of a server (`templateOfConfiguration` makes one of each). */
  readonly templates?: (() => Promise<readonly TicketTemplate[]>) | undefined;
}

/**
 * The template of a job name. Where several have it, the first of these counts: the directory, the configuration file, the
 * other templates, what is built in.
 *
 * @throws UnknownJobNameError, which lists all that there are, and those files that cannot be used
 */
export async function findTemplate(jobName: string, sources: TemplateSources): Promise<TicketTemplate> {
  const known: string[] = [];
  const broken: string[] = [];
  for (const read of readers(sources)) {
    const templates = await read(broken);
    const found = templates.find((template) => template.jobName === jobName);
    if (found !== undefined) return found;
    known.push(...templates.map((template) => template.jobName));
  }
  throw new UnknownJobNameError(jobName, [...new Set(known)].sort(), broken);
}

type Reader = (broken: string[]) => Promise<readonly TicketTemplate[]>;

function readers({ templatesDirectory, configurationsFile, templates }: TemplateSources): Reader[] {
  return [
    ...(templatesDirectory ? [(broken: string[]) => fromDirectory(templatesDirectory, broken)] : []),
    ...(configurationsFile ? [(broken: string[]) => fromConfigurations(configurationsFile, broken)] : []),
    ...(templates ? [templates] : []),
    async () => builtInTicketTemplates,
  ];
}

async function fromDirectory(directory: string, broken: string[]): Promise<TicketTemplate[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    broken.push(`${directory}: cannot be read (${codeOf(error)})`);
    return [];
  });
  const files = names.filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort();
  const read = await Promise.all(files.map((name) => fromFile(join(directory, name), broken)));
  return read.filter((template) => template !== undefined);
}

async function fromFile(path: string, broken: string[]): Promise<TicketTemplate | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const { template, faults } = readTicketTemplate(value, basename(path, '.json'));
    if (faults !== undefined) broken.push(`${path}: ${faults.map(faultText).join('; ')}`);
    return template;
  } catch (error) {
    broken.push(
      error instanceof SyntaxError
        ? `${path}: is no JSON: ${error.message}`
        : `${path}: cannot be read (${codeOf(error)})`,
    );
    return undefined;
  }
}

async function fromConfigurations(file: string, broken: string[]): Promise<TicketTemplate[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    broken.push(`${file}: cannot be read (${codeOf(error)})`);
  });
  if (text === undefined) return [];
  const { configurations = [], problems = [] } = parseConfigurationFile(text);
  broken.push(...problems.map((problem) => configurationProblemText(file, problem)));
  return configurations.map(templateOfConfiguration);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
