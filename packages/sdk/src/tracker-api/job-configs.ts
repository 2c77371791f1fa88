import { readFileSync } from 'node:fs';
import {
  type Configuration,
  type FileConfiguration,
  parseConfigurationFile,
  toFileConfiguration,
} from '@daybook/core';
import { DaybookUsageError } from '../http/errors.ts';
import { ConfigurationFileError } from './errors.ts';

export interface MetadataConfiguration {
  readonly name: string;
  readonly units?: string | null | undefined;
  readonly kind?: string | null | undefined;
}

export interface StepConfiguration {
  readonly name: string;
  readonly tag: string;
  /** How much of the work this step is; more than 0. */
  readonly points: number;
  readonly metadataConfigurations?: readonly MetadataConfiguration[] | undefined;
}

/** A kind of job, as its configuration file describes it. */
export interface JobConfig {
  readonly name: string;
  readonly tag: string;
  /** A semantic version; `1.0.0` when left out. */
  readonly version?: string | undefined;
  readonly stepConfigurations: readonly StepConfiguration[];
}

/**
 * The job configurations of a file (contracts/trackerapi.md), read and checked once, at construction.
 *
 * @example
 * const manager = new JobConfigManager({ configurationsFile: './job_configurations.json' });
 * const jobConfig = manager.getJobConfig('my_job');
 */
export class JobConfigManager {
  readonly #file: string;
  readonly #configs: ReadonlyMap<string, JobConfig>;

  /** @throws ConfigurationFileError with every problem of the file; the system's own error if it cannot be read */
  constructor({ configurationsFile }: { readonly configurationsFile: string }) {
    this.#file = configurationsFile;
    const { configurations, problems } = parseConfigurationFile(readFileSync(configurationsFile, 'utf8'));
    if (problems !== undefined) throw new ConfigurationFileError(configurationsFile, problems);
    this.#configs = new Map(configurations.map((each) => [each.tag, jobConfigOf(each)]));
  }

  /** All of them, in the order of the file. */
  get jobConfigs(): JobConfig[] {
    return [...this.#configs.values()];
  }

  /** The one with this tag. @throws DaybookUsageError if the file has none */
  getJobConfig(tag: string): JobConfig {
    const found = this.#configs.get(tag);
    if (found !== undefined) return found;
    const tags = [...this.#configs.keys()].slice(0, 20).join(', ');
    throw new DaybookUsageError(`${this.#file} has no job ${JSON.stringify(tag)}; it has ${tags || 'none'}`);
  }
}

function jobConfigOf(configuration: Configuration): JobConfig {
  return fromWire(toFileConfiguration(configuration));
}

/** The spelling of file and wire to ours. */
export function fromWire({ name, tag, version, step_configurations: steps }: FileConfiguration): JobConfig {
  return {
    name,
    tag,
    version,
    stepConfigurations: steps.map(({ metadata_configurations: metadata, name, tag, points }) => ({
      name,
      tag,
      points,
      ...(metadata != null && { metadataConfigurations: metadata }),
    })),
  };
}

/** Our spelling to that of file and wire. */
export function toWire({ name, tag, version, stepConfigurations }: JobConfig): Record<string, unknown> {
  return {
    name,
    tag,
    version,
    step_configurations: stepConfigurations.map((step) => ({
      name: step.name,
      tag: step.tag,
      points: step.points,
      metadata_configurations: step.metadataConfigurations ?? [],
    })),
  };
}
