import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { BundleMetadata } from './metadata.ts';

/** A schema that cannot be used: nothing is taken in by it, because nobody knows what it would refuse. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** What a project asks of the key-values of its bundles, as the form of the page needs it. */
export type ProjectSchema = Readonly<Record<string, unknown>>;

/** Names that are no files beside the folder. */
const PROJECT = /^[\p{L}\p{N}_][\p{L}\p{N}_.@+ -]{0,99}$/u;
const DEFAULT = 'default';
/** Compiled schemas that are kept. */
const KEPT = 100;

/**
 * What projects ask of metadata: a folder of JSON Schemas (2020-12), `PROJECT.json` each, `default.json` for projects without
 * one. A schema describes an object of the metadata's key-values, `{"Temp C": "27"}`; values are text there and are read as
 * numbers or truth values where the schema asks for these; a key that comes again is a list. Files are read when asked
 * for, so that a change counts at once.
 */
export class ProjectSchemas {
  readonly #folder: string | undefined;
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** The schema of a project; undefined if nothing is asked. Throws {@link SchemaError} for a file that cannot be read. */
  async of(project: string): Promise<ProjectSchema | undefined> {
    const text = await this.#text(project);
    if (text === undefined) return undefined;
    const schema: unknown = parsed(text, project);
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
      throw new SchemaError(`The schema of project ${project} is no JSON object.`);
    return schema as ProjectSchema;
  }

  /** What the schema of its project does not like about metadata, in sentences; none if there is no schema. */
  async faultsOf(project: string, { keyValues }: Pick<BundleMetadata, 'keyValues'>): Promise<string[]> {
    const text = await this.#text(project);
    if (text === undefined) return [];
    const validate = this.#compile(text, project);
    const value = objectOf(keyValues);
    return validate(value) ? [] : (validate.errors ?? []).map(sentenceOf);
  }

  async #text(project: string): Promise<string | undefined> {
    if (this.#folder === undefined) return undefined;
    const names = PROJECT.test(project) ? [project, DEFAULT] : [DEFAULT];
    for (const name of names) {
      const text = await textOf(join(this.#folder, `${name}.json`), project);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  #compile(text: string, project: string): ValidateFunction {
    const known = this.#compiled.get(text);
    if (known !== undefined) return known;
    const schema = parsed(text, project) as ProjectSchema;
    try {
      // One of its own each: schemas of different projects may have the same $id.
      const ajv = new Ajv2020({ allErrors: true, coerceTypes: 'array', strict: false });
      addFormats.default(ajv);
      const validate = ajv.compile(schema);
      if (this.#compiled.size >= KEPT) this.#compiled.clear();
      this.#compiled.set(text, validate);
      return validate;
    } catch (error) {
      throw new SchemaError(`The schema of project ${project} is not valid: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

async function textOf(file: string, project: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SchemaError(`The schema of project ${project} cannot be read.`, { cause: error });
  }
}

function parsed(text: string, project: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SchemaError(`The schema of project ${project} is not JSON.`, { cause: error });
  }
}

/** Key-values as one object; of a key that comes again a list. */
export function objectOf(keyValues: BundleMetadata['keyValues']): Record<string, string | string[]> {
  const groups = Map.groupBy(keyValues, ({ key }) => key);
  return Object.fromEntries(
    Array.from(groups, ([key, all]) => {
      const values = all.map(({ value }) => value);
      return [key, values.length === 1 ? (values[0] as string) : values];
    }),
  );
}

function sentenceOf({ instancePath, message = 'does not fit', params }: ErrorObject): string {
  const at = instancePath.slice(1).replaceAll('~1', '/').replaceAll('~0', '~');
  const extra = 'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : '';
  return at === '' ? `The metadata ${message}${extra}.` : `${at} ${message}${extra}.`;
}
